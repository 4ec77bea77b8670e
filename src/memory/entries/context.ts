import type { Embedder } from "../../text/embedder.ts";
import type { Lazy } from "../../util/lazy.ts";
import type { Mutex } from "../../util/mutex.ts";
import type { AccessLog } from "./access-log.ts";
import type { AskedEmbedder } from "../vectors/asked-embedder.ts";
import type { LateVectors } from "../vectors/late-vectors.ts";
import type { Ranking } from "../search/ranking.ts";
import type { Reembedding } from "../vectors/reembedding.ts";
import type { StoreKeys } from "../file/store-keys.ts";
import type { VectorMirror } from "../vectors/vector-mirror.ts";
import type { Watchers } from "./watch.ts";
import type { WordIndex } from "../words/word-index.ts";
import type { WordMirror } from "../words/word-mirror.ts";
import type { WriteContext } from "./row-before.ts";

/** An open store, as the operations on it see it. */
export interface StoreContext extends WriteContext {
  /** The store's folder. */
  readonly folder: string;
  readonly embedder: Embedder;
  /** Asks `embedder`, and knows when it is of no use. */
  readonly asked: AskedEmbedder;
  /** Embeds what was written while it was of none. */
  readonly late: LateVectors;
  readonly keys: StoreKeys;
  /** Renews the vectors where they are of another embedder. */
  readonly reembedding: Reembedding;
  readonly mirror: VectorMirror;
  readonly accesses: AccessLog;
  readonly words: WordIndex;
  /** Loaded by the first search. */
  readonly wordMirror: Lazy<WordMirror>;
  readonly ranking: Ranking;
  readonly watchers: Watchers;
  /** Keeps writes in the order in which they were asked for, however long each takes to embed. */
  readonly writes: Mutex;
  /** Seconds that an entry lives when neither its request nor its namespace says; undefined: for good. */
  readonly defaultTtl: number | undefined;
}

/** Tells every part of an open store that this process has written. */
export function noteWrite({ mirror, watchers }: StoreContext): void {
  mirror.noteWrite();
  watchers.noteWrite();
}
