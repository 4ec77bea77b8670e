import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkPath } from "../../security/limits.ts";
import { embedderFor, embedderSetting } from "../../text/create-embedder.ts";
import type { Embedder } from "../../text/embedder.ts";
import { isOwnEmbedder } from "../../text/own-embedder.ts";
import { knownOptions } from "../../util/option-names.ts";
import { Lazy } from "../../util/lazy.ts";
import { Mutex } from "../../util/mutex.ts";
import { AccessLog } from "../entries/access-log.ts";
import { AskedEmbedder } from "../vectors/asked-embedder.ts";
import { AuditTrail } from "../entries/audit-trail.ts";
import { Codec } from "../entries/codec.ts";
import type { StoreContext } from "../entries/context.ts";
import { Database } from "../file/database.ts";
import { LateVectors } from "../vectors/late-vectors.ts";
import { ReadCache } from "../entries/read-cache.ts";
import { hasNext, knownEmbedders, rememberEmbedder } from "../entries/embedder-role.ts";
import { IndexSnapshots } from "../file/index-snapshots.ts";
import { embedWrittenByNext, type ReembedContext } from "../vectors/reembed.ts";
import { Reembedding } from "../vectors/reembedding.ts";
import { DATABASE_FILE } from "../file/schema.ts";
import { SharedState } from "../entries/shared-state.ts";
import { StoreKeys } from "../file/store-keys.ts";
import { OPEN_NAMES, storeUse, type MemoryStoreOptions, type StoreUse } from "./store-options.ts";
import { VectorMirror } from "../vectors/vector-mirror.ts";
import { Watchers } from "../entries/watch.ts";
import { WordIndex } from "../words/word-index.ts";

/**
 * Opens the store of a folder, and makes it when it is not there.
 * @throws {StigmergyError} as `MemoryStore.open`
 */
export async function openContext(options: MemoryStoreOptions): Promise<StoreContext> {
  const {
    path = ".stigmergy",
    embedder: named = embedderSetting(),
    reembed,
  } = knownOptions("open", options, OPEN_NAMES);
  const folder = resolve(checkPath(path));
  const use = await storeUse(options);
  const [database, embedder] = await openBoth(folder, use.durability, named, reembed === true);
  try {
    const keys = StoreKeys.open(database, use.master);
    const state = new SharedState(database, keys, use.agent);
    const codec = new Codec(database, keys, state);
    const role = rememberEmbedder(database, embedder, reembed === true);
    // A snapshot on disk holds vectors in the clear: a store with a key has none.
    const isClear = (): boolean => keys.ring === undefined;
    const cache = new ReadCache(database, state, use.cacheCharacters);
    const mirror = new VectorMirror(database, codec, embedder, folder, isClear);
    const embedding = { database, codec, state, embedder };
    const reembedding = new Reembedding(embedding, (from, to) => mirror.noteReembedded(from, to));
    const mayEmbed = reembed !== false && !database.isReadOnly;
    if (role === "current" && mayEmbed) await takeUpOthers(embedding, folder);
    if (role === "next" && !database.isReadOnly) {
      // Those of this package embed a store in about the time that it takes to read it.
      if (reembed !== true && isOwnEmbedder(embedder)) await reembedding.start();
      else if (reembed !== false) void reembedding.start();
    }
    const asked = new AskedEmbedder(database);
    const late = new LateVectors({ ...embedding, asked }, () => mirror.noteWrite());
    if (mayEmbed) late.start();
    return {
      folder,
      database,
      embedder,
      asked,
      late,
      keys,
      state,
      codec,
      audit: new AuditTrail(database, state, keys, use.audit),
      mirror,
      reembedding,
      accesses: new AccessLog(database, cache),
      cache,
      words: new WordIndex(database, codec),
      wordMirror: new Lazy(async () => {
        const { openWordMirror } = await import("../words/word-mirror.ts");
        return openWordMirror(database, codec, folder, isClear);
      }),
      ranking: use.ranking,
      watchers: new Watchers(database, codec, state),
      writes: new Mutex(),
      defaultTtl: use.ttl,
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * The file and its embedder. Where the file is there it is opened first: it knows how long a service's
 * vectors are, and so can be read while that is out of reach. Where it is not, an embedder that can't be
 * had leaves nothing behind, but a service that does not answer may do so later.
 */
async function openBoth(
  folder: string,
  durability: StoreUse["durability"],
  named: string | Embedder,
  isAsked: boolean,
): Promise<[Database, Embedder]> {
  if (typeof named !== "string") return [await Database.open(folder, durability), named];
  if (!existsSync(join(folder, DATABASE_FILE))) {
    const embedder = await embedderFor(named, { names: [], isAsked: true });
    return [await Database.open(folder, durability), embedder];
  }
  const database = await Database.open(folder, durability);
  try {
    const names = database.readAtOnce(() => knownEmbedders(database));
    return [database, await embedderFor(named, { names, isAsked })];
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Embeds what was written with an embedder that is to be the next, and has none of this one. */
async function takeUpOthers(context: ReembedContext, folder: string): Promise<void> {
  const { database } = context;
  if (!database.read(() => hasNext(database))) return;
  // An embedder that is out of reach keeps no store closed: the next open tries again.
  const found = await embedWrittenByNext(context).catch(() => 1);
  // A snapshot may have been saved without them.
  if (found > 0) await IndexSnapshots.removeAll(folder);
}

/** Writes what is held back and closes the file. */
export async function closeContext(context: StoreContext): Promise<void> {
  const { database, accesses, audit, mirror, wordMirror, watchers } = context;
  watchers.close();
  try {
    accesses.flush();
    audit.flush(true);
  } finally {
    await mirror.close();
    await (await wordMirror.made)?.close();
    database.close();
  }
}
