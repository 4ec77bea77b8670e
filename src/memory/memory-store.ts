import { checkCount, checkKey, checkNamespace } from "../security/limits.ts";
import type { Policy } from "../security/policy.ts";
import { knownOptions } from "../util/option-names.ts";
import type { Change } from "./entries/changes.ts";
import { commit } from "./entries/commit.ts";
import type { CompressReport, CompressRequest } from "./upkeep/compress.ts";
import type { Entry } from "./entries/entry.ts";
import type { ExportReport, ExportRequest } from "./upkeep/export-store.ts";
import { readHistory, type PastValue } from "./entries/history.ts";
import type { ImportOptions, MigrationReport } from "./importers/import-memory.ts";
import { sendMessage, type MessageRequest } from "./entries/messages.ts";
import {
  configureNamespace,
  type NamespaceChange,
  type NamespaceSettings,
} from "./entries/namespaces.ts";
import type { StoreContext } from "./entries/context.ts";
import { openContext } from "./opening/open-context.ts";
import { assertReadable, listEntries, readEntry } from "./entries/reads.ts";
import type { RekeyOptions, RekeyReport } from "./upkeep/rekey.ts";
import {
  checkEntry,
  checkVersion,
  DELETE_NAMES,
  KEY_NAMES,
  namespaceOr,
} from "./entries/requests.ts";
import type { DeleteOptions, KeyOptions, ListRequest, StoreRequest } from "./entries/requests.ts";
import type { GcReport, GcRequest } from "./upkeep/retention.ts";
import type { SearchRequest } from "./search/search-request.ts";
import type { SearchResult } from "./search/search.ts";
import { StoreInsight } from "./store-insight.ts";
import { readStats, type StatsOptions, type StoreStats } from "./upkeep/stats.ts";
import { checkMasterKey, type MemoryStoreOptions } from "./opening/store-options.ts";
import { runTransaction, TRANSACTION_NAMES } from "./entries/transaction.ts";
import type { Transaction, TransactionOptions } from "./entries/transaction.ts";
import { WATCH_NAMES, type WatchRequest } from "./entries/watch.ts";

const upkeep = () => import("./upkeep.ts");

const MOST_ATTEMPTS = 1000; // of a transaction
const MOST_HISTORY = 1000; // values of a key

/**
 * What agents remember, in one SQLite file that any number of processes may use at once. A write
 * whose promise has resolved survives the end of this process in any way, and every process finds
 * it at its next search. Whoever opens a store closes it.
 *
 * Any call throws {StigmergyError} CLOSED after `close`, INVALID_INPUT for arguments that make no sense, FORBIDDEN
 * where the policy in force does not grant it, STORE_BUSY while another process holds the file for over five seconds,
 * DAMAGED or WRONG_KEY for what can't be read, READ_ONLY for what would write where the file or its folder can't be
 * written, NOT_FOUND where the file was removed, moved or replaced since it was opened, and STORE_FAILED with SQLite's
 * own error as its cause; nothing is changed then. What else it may throw is said where it stands.
 *
 * @example
 * const store = await MemoryStore.open({ path: "memory" });
 * await store.store({ key: "adr/database", value: "PostgreSQL, for its row locks", tags: ["adr"] });
 * const { hits } = await store.search({ query: "how do we lock rows" });
 * hits[0].key; // → "adr/database"
 * await store.close();
 */
export class MemoryStore extends StoreInsight {
  private constructor(context: StoreContext) {
    super(context);
  }

  /**
   * Opens the store of a folder, and makes it when it is not there; one that can't be written is opened to be
   * read. With `reembed: true` vectors of
   * another embedder are renewed in the background: `stats().reembedding` tells how far, `reembed()` waits.
   * @throws {StigmergyError} EMBEDDER_MISMATCH when its vectors are of another embedder; KEY_REQUIRED
   * or WRONG_KEY when it is sealed; DEPENDENCY_MISSING, STORE_BUSY, FORMAT or DAMAGED, the file left
   * as it is
   */
  static async open(options: MemoryStoreOptions = {}): Promise<MemoryStore> {
    return new MemoryStore(await openContext(options));
  }

  /**
   * Stores an entry, in place of the one of its key if there is one.
   * @throws {StigmergyError} INVALID_INPUT or TOO_LARGE, and nothing is changed; CONFLICT when
   * `ifVersion` is not met; LIMIT_REACHED; FORBIDDEN; BAD_SIGNATURE; STORE_BUSY
   *
   * @example
   * // A lock: who comes second gets CONFLICT, and a holder that died is forgotten after a minute.
   * const lock = await store.store({ key: "lock/deploy", value: "a7", ttl: 60, ifVersion: 0 });
   * await store.delete("lock/deploy", { ifVersion: lock.version }); // → true
   */
  async store(request: StoreRequest): Promise<Entry> {
    return this.during(async (context) => {
      const entry = checkEntry(context, request);
      const write = { kind: "put", entry, ifVersion: request.ifVersion } as const;
      const [stored] = await commit(context, [write]);
      return context.accesses.counted(stored as Entry);
    });
  }

  /** The entry of a key, or undefined when there is none that has not expired. */
  async retrieve(key: string, options: KeyOptions = {}): Promise<Entry | undefined> {
    const { namespace } = knownOptions("retrieve", options, KEY_NAMES);
    return readEntry(this.context, namespaceOr(namespace), checkKey(key));
  }

  /**
   * Removes the entry of a key, and tells whether there was one that had not expired.
   * @throws {StigmergyError} CONFLICT when `ifVersion` is not met; FORBIDDEN; STORE_BUSY
   */
  async delete(key: string, options: DeleteOptions = {}): Promise<boolean> {
    return this.during(async (context) => {
      const { namespace, ifVersion, erase = false } = knownOptions("delete", options, DELETE_NAMES);
      const where = { namespace: namespaceOr(namespace), key: checkKey(key) };
      checkVersion(ifVersion);
      if (erase) return (await upkeep()).eraseEntry(context, where.namespace, where.key, ifVersion);
      const write = { kind: "delete", ...where, ifVersion } as const;
      const [deleted] = await commit(context, [write]);
      return deleted as boolean;
    });
  }

  /** Entries in the order of namespace and key, or of time. */
  async list(request: ListRequest = {}): Promise<Entry[]> {
    return listEntries(this.context, request);
  }

  /**
   * The entries that match a text or a key pattern, best first. Sees at once what any process has
   * stored.
   * @throws {StigmergyError} INVALID_INPUT, TOO_LARGE, FORBIDDEN, EMBEDDER_MISMATCH
   */
  async search(request: SearchRequest): Promise<SearchResult> {
    return this.during(async (context) => {
      // Loaded here: what only reads and writes does not wait for it.
      const { searchMemory } = await import("./search/search.ts");
      return searchMemory(context, request);
    });
  }

  /**
   * Runs reads and writes that belong together: `work` is called with a transaction, whose writes
   * are made all at once when it ends, if nothing that it read has changed meanwhile; else `work` is
   * called again. It must do nothing that may not be done twice.
   * @throws {StigmergyError} CONFLICT after all attempts; what `work` throws, and nothing is changed
   *
   * @example
   * await store.transaction(async (tx) => {
   *   const count = Number((await tx.retrieve("count"))?.value ?? 0);
   *   tx.store({ key: "count", value: `${count + 1}` });
   * });
   */
  async transaction<Result>(
    work: (transaction: Transaction) => Promise<Result> | Result,
    options: TransactionOptions = {},
  ): Promise<Result> {
    return this.during((context) => {
      const { attempts = 100, signal } = knownOptions("transaction", options, TRANSACTION_NAMES);
      const most = checkCount("attempts", attempts, 1, MOST_ATTEMPTS);
      const read = (namespace: string, key: string) => readEntry(context, namespace, key);
      return runTransaction(context, read, work, most, signal);
    });
  }

  /**
   * What any process stores, removes or sends from now on, as it happens: within about 20 ms. Leave
   * the loop, or give a `signal`, to end it.
   *
   * @example
   * const changes = store.watch({ message: "build/*" }); // from here on
   * await store.send({ name: "build/done", data: { ok: true } }); // from this process or another
   * for await (const change of changes) {
   *   if (change.type === "message") break; // change.data is { ok: true }
   * }
   */
  watch(request: WatchRequest = {}): AsyncIterableIterator<Change> {
    const { context } = this;
    knownOptions("watch", request, WATCH_NAMES);
    context.state.refresh();
    if (request.namespace !== undefined) {
      assertReadable(context, "watch", checkNamespace(request.namespace));
    }
    context.audit.note({ action: "watch", outcome: "done", namespace: request.namespace ?? null });
    return context.watchers.watch(request);
  }

  /** Sends a message to whoever watches, in any process, and returns its version. */
  async send(request: MessageRequest): Promise<number> {
    return this.during((context) => sendMessage(context, request));
  }

  /**
   * The values that a key had before the one in force, the latest first, as far as the namespace's
   * setting `history` keeps them. Those of a deleted key too.
   */
  async history(
    key: string,
    options: KeyOptions & { readonly limit?: number | undefined } = {},
  ): Promise<PastValue[]> {
    const { context } = this;
    const names = { ...KEY_NAMES, limit: true };
    const { namespace, limit = MOST_HISTORY } = knownOptions("history", options, names);
    const where = namespaceOr(namespace);
    const checked = checkKey(key);
    const most = checkCount("limit", limit, 1, MOST_HISTORY);
    context.state.refresh();
    assertReadable(context, "history", where, checked);
    context.audit.note({ action: "history", outcome: "done", namespace: where, key: checked });
    return readHistory(context.database, context.codec, where, checked, most);
  }

  /**
   * Changes how a namespace keeps its entries, and returns its settings. null takes one back to its
   * default. What is stored already stays as it is until it is written again.
   * @throws {StigmergyError} INVALID_INPUT; FORBIDDEN without the right to administer it
   */
  async configure(namespace: string, change: NamespaceChange = {}): Promise<NamespaceSettings> {
    return this.during(async (context) =>
      configureNamespace(context, checkNamespace(namespace), change),
    );
  }

  /** What the store holds, in entries and in bytes of the file system. */
  async stats(options: StatsOptions = {}): Promise<StoreStats> {
    return this.during((context) => readStats(context, options));
  }

  /**
   * Removes every entry of a namespace, and its history; more than 250 in steps, between which others write. What is
   * written after the call stays. Returns how many there were.
   */
  async clear(options: KeyOptions = {}): Promise<number> {
    const { namespace } = knownOptions("clear", options, KEY_NAMES);
    return this.during(async (context) => {
      const { clearNamespace } = await upkeep();
      return clearNamespace(context, namespaceOr(namespace));
    });
  }

  /** Removes what nobody can read any more, and gives its space back to the file system. */
  async gc(request: GcRequest = {}): Promise<GcReport> {
    return this.during(async (context) => {
      const { collectGarbage } = await upkeep();
      return collectGarbage(context, request);
    });
  }

  /** Compresses values, which stay as readable and as easy to find as before. */
  async compress(request: CompressRequest = {}): Promise<CompressReport> {
    return this.during(async (context) => {
      const { compressValues } = await upkeep();
      return compressValues(context, request);
    });
  }

  /**
   * Seals the whole store with a new key while it is used; cut off, it goes on when called again
   * with the same key. Other processes need the new key once it has finished.
   */
  async rekey(key: string | Uint8Array, options: RekeyOptions = {}): Promise<RekeyReport> {
    const master = checkMasterKey("new key", key);
    return this.during(async (context) => {
      const { rekeyStore } = await upkeep();
      return rekeyStore(context, master, options);
    });
  }

  /** Who may do what; undefined while everybody may do everything. */
  async policy(): Promise<Policy | undefined> {
    const { state } = this.context;
    state.refresh();
    state.access.assert("admin", "*");
    return state.policy;
  }

  /** Puts a policy in force for every process; null ends it. @throws {StigmergyError} INVALID_INPUT */
  async setPolicy(policy: Policy | null): Promise<void> {
    await this.during(async (context) => (await upkeep()).changePolicy(context, policy));
  }

  /**
   * Stores what another system remembers, from one of its files or from a folder of them. What this
   * store holds already, or holds newer, stays; doing it twice changes nothing.
   */
  async import(from: string, options: ImportOptions = {}): Promise<MigrationReport> {
    return this.during(async (context) => {
      const { importMemory, StoreImport } = await upkeep();
      return importMemory(new StoreImport(context), from, options, context.database.path);
    });
  }

  /** Writes entries as JSON, CSV or Markdown files, sealed ones in the clear. */
  async export(path: string, request: ExportRequest = {}): Promise<ExportReport> {
    return this.during(async (context) => {
      const { exportStore } = await upkeep();
      return exportStore(context, path, request);
    });
  }
}
