import { resolve } from "node:path";
import { StigmergyError } from "../errors.ts";
import {
  checkCount,
  checkKey,
  checkMetadata,
  checkMoment,
  checkName,
  checkNamespace,
  checkPath,
  checkRequest,
  checkTags,
  checkTtl,
  checkValue,
  LIMITS,
} from "../security/limits.ts";
import { createEmbedder } from "../text/create-embedder.ts";
import { embedTexts, type Embedder } from "../text/embedder.ts";
import { Mutex } from "../util/mutex.ts";
import { AccessLog } from "./access-log.ts";
import { Database } from "./database.ts";
import { ENTRY_COLUMNS, entryOf, type Entry } from "./entry.ts";
import { wordColumns } from "./lexical.ts";
import { assertEmbedder, reembedAll, rememberEmbedder } from "./reembed.ts";
import { searchMemory, type SearchRequest, type SearchResult } from "./search.ts";
import { conditionOf } from "./selection.ts";
import { readStats, type StoreStats } from "./stats.ts";
import { VectorMirror } from "./vector-mirror.ts";
import { embeddedText, removeEntry, writeEntry, type NewEntry } from "./writes.ts";

/** Where a store is and what it embeds with. */
export interface MemoryStoreOptions {
  /** Folder of the store, made when it is not there; default `.stigmergy` in the working folder. */
  readonly path?: string;
  /** A name for `createEmbedder`, or an embedder of your own; default `builtin`. */
  readonly embedder?: string | Embedder;
  /** Embed every entry again when the store's vectors are of another embedder; default false. */
  readonly reembed?: boolean;
}

/** An entry to store. */
export interface StoreRequest {
  /** 1 to 1,024 characters of any Unicode but NUL; an entry of this key is replaced. */
  readonly key: string;
  /** Some text, up to 1 MiB of UTF-8. */
  readonly value: string;
  /** Default `default`. */
  readonly namespace?: string | undefined;
  /** Seconds until it is no longer returned; default never. */
  readonly ttl?: number | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Anything that JSON can hold; `title` weighs more than the rest of the text in searches. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Who said it. */
  readonly agent?: string | undefined;
  /** The conversation or run that it belongs to. */
  readonly session?: string | undefined;
  /** When it was said, in milliseconds since 1970; default now. */
  readonly at?: number | undefined;
}

/** Which entries to list. */
export interface ListRequest {
  readonly namespace?: string | undefined;
  /** A key pattern; `*` is any characters and `?` one, from the start of the key or after any "/". */
  readonly pattern?: string | undefined;
  /** Most entries, 1 to 10,000; default 100. */
  readonly limit?: number | undefined;
  /** Entries to pass over first; default 0. */
  readonly offset?: number | undefined;
}

const DEFAULT_NAMESPACE = "default";

/**
 * What agents remember, in one SQLite file that any number of processes may use at once. A write
 * whose promise has resolved survives the end of this process in any way, and every process finds
 * it at its next search. Whoever opens a store closes it.
 */
export class MemoryStore implements AsyncDisposable {
  readonly #database: Database;
  readonly #embedder: Embedder;
  readonly #mirror: VectorMirror;
  readonly #accesses: AccessLog;
  /** Keeps writes in the order in which they were asked for, however long each takes to embed. */
  readonly #writes = new Mutex();
  readonly #reads = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  private constructor(database: Database, embedder: Embedder) {
    this.#database = database;
    this.#embedder = embedder;
    this.#mirror = new VectorMirror(database, embedder);
    this.#accesses = new AccessLog(database);
  }

  /**
   * Opens the store of a folder, and makes it when it is not there.
   * @throws {StigmergyError} EMBEDDER_MISMATCH when its vectors are of another embedder;
   * DEPENDENCY_MISSING, STORE_BUSY, FORMAT or DAMAGED, the file left as it is
   */
  static async open(options: MemoryStoreOptions = {}): Promise<MemoryStore> {
    const {
      path = ".stigmergy",
      embedder: named = "builtin",
      reembed = false,
    } = checkRequest("options", options);
    const embedder = typeof named === "string" ? await createEmbedder(named) : named;
    const database = await Database.open(resolve(checkPath(path)));
    try {
      if (!rememberEmbedder(database, embedder, reembed)) await reembedAll(database, embedder);
    } catch (error) {
      database.close();
      throw error;
    }
    return new MemoryStore(database, embedder);
  }

  /**
   * Stores an entry, in place of the one of its key if there is one.
   * @throws {StigmergyError} INVALID_INPUT or TOO_LARGE, and nothing is changed; STORE_BUSY
   */
  async store(request: StoreRequest): Promise<Entry> {
    this.#assertOpen();
    const entry = checkEntry(checkRequest("store", request));
    const embedding = embedTexts(this.#embedder, [embeddedText(entry)]);
    // Its failure is met below, in turn; until then it is nobody's unhandled rejection.
    embedding.catch(() => undefined);
    return this.#writes.run(async () => {
      const vector = await embedding;
      const { id: embedder } = this.#embedder;
      const prepared = { entry, words: wordColumns(entry), embedder, vector };
      const stored = this.#database.write(() => {
        assertEmbedder(this.#database, this.#embedder);
        return writeEntry(this.#database, prepared, Date.now());
      });
      this.#mirror.noteWrite();
      return this.#accesses.counted(stored);
    });
  }

  /** The entry of a key, or undefined when there is none that has not expired. */
  async retrieve(
    key: string,
    options: { readonly namespace?: string | undefined } = {},
  ): Promise<Entry | undefined> {
    this.#assertOpen();
    const entry = this.#find(key, checkRequest("options", options).namespace);
    if (entry === undefined) return undefined;
    this.#accesses.note(entry.id);
    return this.#accesses.counted(entry);
  }

  /** Removes the entry of a key, and tells whether there was one that had not expired. */
  async delete(
    key: string,
    options: { readonly namespace?: string | undefined } = {},
  ): Promise<boolean> {
    this.#assertOpen();
    const checkedKey = checkKey(key);
    const namespace = namespaceOr(checkRequest("options", options).namespace);
    return this.#writes.run(async () => {
      const removed = this.#database.write(() => {
        const row = this.#database
          .sql("SELECT id, expires_at FROM entries WHERE namespace = ? AND key = ?")
          .get(namespace, checkedKey);
        if (row === undefined) return false;
        removeEntry(this.#database, row.id as number);
        return row.expires_at === null || (row.expires_at as number) > Date.now();
      });
      this.#mirror.noteWrite();
      return removed;
    });
  }

  /** Entries in the order of namespace and key. */
  async list(request: ListRequest = {}): Promise<Entry[]> {
    this.#assertOpen();
    const { namespace, pattern, limit = 100, offset = 0 } = checkRequest("list", request);
    const { text, values } = conditionOf(
      {
        namespace: namespace === undefined ? undefined : checkNamespace(namespace),
        pattern: pattern === undefined ? undefined : checkKey(pattern),
      },
      Date.now(),
    );
    const rows = this.#database.read(() =>
      this.#database
        .sql(
          `SELECT ${ENTRY_COLUMNS} FROM entries WHERE ${text}
           ORDER BY namespace, key LIMIT ? OFFSET ?`,
        )
        .all(
          ...values,
          checkCount("limit", limit, 1, LIMITS.listEntries),
          checkCount("offset", offset, 0, Number.MAX_SAFE_INTEGER),
        ),
    );
    return rows.map((row) => this.#accesses.counted(entryOf(row)));
  }

  /**
   * The entries that match a text or a key pattern, best first. Sees at once what any process has
   * stored.
   * @throws {StigmergyError} INVALID_INPUT, TOO_LARGE, EMBEDDER_MISMATCH
   */
  async search(request: SearchRequest): Promise<SearchResult> {
    const context = {
      database: this.#database,
      mirror: this.#mirror,
      embedder: this.#embedder,
      accesses: this.#accesses,
    };
    return this.#reading(() => searchMemory(context, request));
  }

  /** What the store holds, in entries and in bytes of the file system. */
  async stats(): Promise<StoreStats> {
    return this.#reading(() => readStats(this.#database, this.#embedder, this.#mirror));
  }

  /** Finishes what is under way and closes the file. A second call waits for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    await this.#writes.run(async () => undefined);
    await Promise.all(this.#reads);
    try {
      this.#accesses.flush();
    } finally {
      await this.#mirror.close();
      this.#database.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #find(key: string, namespace: string | undefined): Entry | undefined {
    const row = this.#database.read(() =>
      this.#database
        .sql(
          `SELECT ${ENTRY_COLUMNS} FROM entries
           WHERE namespace = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)`,
        )
        .get(namespaceOr(namespace), checkKey(key), Date.now()),
    );
    return row === undefined ? undefined : entryOf(row);
  }

  /** Runs a read that waits, and keeps the file open for it. */
  async #reading<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#assertOpen();
    const read = work();
    const settled = read.catch(() => undefined);
    this.#reads.add(settled);
    try {
      return await read;
    } finally {
      this.#reads.delete(settled);
    }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new StigmergyError("CLOSED", "memory store: closed");
  }
}

function namespaceOr(namespace: string | undefined): string {
  return namespace === undefined ? DEFAULT_NAMESPACE : checkNamespace(namespace);
}

function checkEntry(request: StoreRequest): NewEntry {
  const { ttl, tags = [], metadata = {}, agent, session, at } = request;
  const now = Date.now();
  return {
    key: checkKey(request.key),
    value: checkValue(request.value),
    namespace: namespaceOr(request.namespace),
    tags: checkTags(tags),
    metadata: checkMetadata(metadata),
    agent: agent === undefined ? undefined : checkName("agent", agent),
    session: session === undefined ? undefined : checkName("session", session),
    at: at === undefined ? now : checkMoment("at", at),
    expiresAt: ttl === undefined ? undefined : now + Math.ceil(checkTtl(ttl) * 1000),
  };
}
