import { embedTexts, type Embedder } from "../../text/embedder.ts";
import type { Codec } from "../entries/codec.ts";
import type { Database } from "../file/database.ts";
import type { SqlRow } from "../file/driver.ts";
import { assertEmbedder, vectorColumn, type EmbedderRole } from "../entries/embedder-role.ts";
import { ENTRY_COLUMNS } from "../entries/entry.ts";
import { lateToken } from "./late-vectors.ts";
import { embeddedText } from "../entries/writes.ts";

const BATCH = 1024; // rows read and added at a time
const EMBEDDED_BATCH = 128; // of texts that are embedded

/** Where a view's vectors come from. */
export interface VectorSource {
  /** Of the vectors in the store. */
  readonly stored: Embedder;
  /** Of the vectors in the view: when it is another, entries are embedded from their texts. */
  readonly embedder: Embedder;
}

/** What a view reads of an entry. An entry without words has no vector, or an empty one. */
export interface VectorRow extends SqlRow {
  readonly id: number;
  readonly namespace: string;
  readonly key: string;
  readonly expires_at: number | null;
  readonly seq: number;
  readonly vector: Uint8Array | null;
  /** 1 when its vector is still to come. */
  readonly late: number;
}

/** Reads a store's vectors for a view, and remembers which the next embedder has still to make. */
export class VectorRows {
  readonly #database: Database;
  readonly #codec: Codec;
  readonly #source: VectorSource;
  /** Entries whose vector was still to come when they were read. */
  readonly #waiting = new Set<number>();
  /** Between these ids there may be some that have it. */
  #reembedded: { from: number; to: number } | undefined;
  /** What the store said of vectors that came late when they were read last. */
  #lateToken: unknown;
  #role: EmbedderRole | undefined;

  constructor(database: Database, codec: Codec, source: VectorSource) {
    this.#database = database;
    this.#codec = codec;
    this.#source = source;
  }

  /** Rows read at a time. */
  get batch(): number {
    return this.#source.stored === this.#source.embedder ? BATCH : EMBEDDED_BATCH;
  }

  /** Whether vectors were missing when they were read. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Tells that entries of an id after `from`, up to `to`, have vectors of the next embedder. */
  noteReembedded(from: number, to: number): void {
    const known = this.#reembedded ?? { from, to };
    this.#reembedded = { from: Math.min(known.from, from), to: Math.max(known.to, to) };
  }

  /** Forgets what was missing. */
  clear(): void {
    this.#waiting.clear();
  }

  /** Rows after a change of the store, in order, at most a batch. @throws EMBEDDER_MISMATCH */
  after(seq: number): readonly VectorRow[] {
    return this.#read(`seq > ? ORDER BY seq LIMIT ${this.batch}`, seq);
  }

  /** Those that were missing when they were read and may be there, a batch at a time. */
  *arrived(role: EmbedderRole): Generator<readonly VectorRow[]> {
    const range = role === "current" ? this.#lateRange() : this.#reembedded;
    this.#reembedded = undefined;
    if (range === undefined || this.#waiting.size === 0) return;
    const ids = [...this.#waiting].filter((id) => id > range.from && id <= range.to);
    try {
      while (ids.length > 0) {
        const some = ids.slice(-this.batch);
        const rows = this.#read("id IN (SELECT value FROM json_each(?))", JSON.stringify(some));
        // What is not read has gone.
        const found = new Set(rows.map(({ id }) => id));
        for (const id of some) if (!found.has(id)) this.#waiting.delete(id);
        yield rows;
        ids.length -= some.length;
      }
    } finally {
      // Cut off, it begins again with what was not taken in.
      if (ids.length > 0) this.noteReembedded(range.from, range.to);
      for (const id of ids) this.#waiting.add(id);
    }
  }

  /** Everything, when vectors have come late, or the next embedder has become the store's. */
  #lateRange(): { from: number; to: number } | undefined {
    const token = this.#database.read(() => lateToken(this.#database));
    if (this.#role === "current" && token === this.#lateToken) return this.#reembedded;
    this.#role = "current";
    this.#lateToken = token;
    return { from: 0, to: Infinity };
  }

  /** f32[rows.length × dim] of rows that have vectors. */
  async vectorsOf(rows: readonly VectorRow[]): Promise<Float32Array> {
    const { stored, embedder } = this.#source;
    if (stored !== embedder) {
      const texts = rows.map((row) => embeddedText(this.#codec.entryOf({ ...row })));
      return texts.length === 0 ? new Float32Array(0) : embedTexts(embedder, texts);
    }
    const { dim } = embedder;
    const vectors = new Float32Array(rows.length * dim);
    const bytes = new Uint8Array(vectors.buffer);
    rows.forEach(({ namespace, key, vector }, i) => {
      bytes.set(this.#codec.decodeVector(namespace, key, vector as Uint8Array, dim), i * dim * 4);
    });
    return vectors;
  }

  #read(condition: string, value: number | string): readonly VectorRow[] {
    const { stored, embedder } = this.#source;
    const isLate = "EXISTS (SELECT 1 FROM unembedded WHERE entry = entries.id) AS late";
    const own = `id, namespace, key, expires_at, seq, ${isLate}`;
    const columns = stored === embedder ? own : `${ENTRY_COLUMNS}, 0 AS late`;
    const [role, rows] = this.#database.readAtOnce(() => {
      const now = assertEmbedder(this.#database, stored);
      const sql = `SELECT ${columns}, ${vectorColumn(now)} FROM entries WHERE ${condition}`;
      return [
        now,
        this.#database.sql(sql).all(stored.id, value) as unknown as VectorRow[],
      ] as const;
    });
    this.#role = role;
    for (const { id, vector, late } of rows) {
      if ((role === "next" || late === 1) && vector === null) this.#waiting.add(id);
      else this.#waiting.delete(id);
    }
    return rows;
  }
}
