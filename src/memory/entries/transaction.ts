import { setTimeout as wait } from "node:timers/promises";
import { StigmergyError } from "../../errors.ts";
import { checkKey } from "../../security/limits.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import { commit, type Write } from "./commit.ts";
import type { StoreContext } from "./context.ts";
import { entryName, type Entry } from "./entry.ts";
import {
  checkEntry,
  KEY_NAMES,
  namespaceOr,
  type KeyOptions,
  type StoreRequest,
} from "./requests.ts";

/** What reads an entry that others may have changed a moment ago. */
export type ReadEntry = (namespace: string, key: string) => Entry | undefined;

/** How often a transaction is tried. */
export interface TransactionOptions {
  /** Tries before CONFLICT is told, 1 to 1,000; default 100. */
  readonly attempts?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The names of `TransactionOptions`. */
export const TRANSACTION_NAMES: OptionNames<TransactionOptions> = { attempts: true, signal: true };

const MOST_WAIT_MS = 20;

/**
 * Reads and writes that belong together. Writes wait until the end and are then made all at once, if
 * nothing that was read here has changed meanwhile.
 */
export class Transaction {
  readonly #context: StoreContext;
  readonly #read: ReadEntry;
  readonly #writes = new Map<string, Write>();
  readonly #versions = new Map<string, { namespace: string; key: string; version: number }>();
  #isOver = false;

  /** Made by `MemoryStore.transaction`. @internal */
  constructor(context: StoreContext, read: ReadEntry) {
    this.#context = context;
    this.#read = read;
  }

  /**
   * The entry of a key: as this transaction has stored it (with id and version 0), else as the
   * store holds it.
   */
  async retrieve(key: string, options: KeyOptions = {}): Promise<Entry | undefined> {
    this.#assertOpen();
    const namespace = namespaceOr(knownOptions("retrieve", options, KEY_NAMES).namespace);
    const checked = checkKey(key);
    const name = entryName(namespace, checked);
    const own = this.#writes.get(name);
    if (own?.kind === "delete") return undefined;
    if (own?.kind === "put") return entryToBe(own.entry);
    const entry = this.#read(namespace, checked);
    const known = this.#versions.get(name);
    const version = entry?.version ?? 0;
    if (known !== undefined && known.version !== version) throw changed(namespace, checked);
    this.#versions.set(name, { namespace, key: checked, version });
    return entry;
  }

  /** Stores an entry when the transaction ends. @throws {StigmergyError} INVALID_INPUT, TOO_LARGE */
  store(request: StoreRequest): void {
    this.#assertOpen();
    const entry = checkEntry(this.#context, request);
    const name = entryName(entry.namespace, entry.key);
    // What an earlier write of this key demanded is still to be met: it is of the store, not of it.
    const ifVersion = this.#writes.get(name)?.ifVersion ?? request.ifVersion;
    this.#writes.set(name, { kind: "put", entry, ifVersion });
  }

  /** Removes the entry of a key when the transaction ends. */
  delete(key: string, options: KeyOptions = {}): void {
    this.#assertOpen();
    const namespace = namespaceOr(knownOptions("delete", options, KEY_NAMES).namespace);
    const checked = checkKey(key);
    const name = entryName(namespace, checked);
    const ifVersion = this.#writes.get(name)?.ifVersion;
    this.#writes.set(name, { kind: "delete", namespace, key: checked, ifVersion });
  }

  /** All that is to be done, and to be checked, at the end. @internal */
  end(): Write[] {
    this.#isOver = true;
    const checks = Array.from(this.#versions, ([, { namespace, key, version }]): Write => {
      return { kind: "check", namespace, key, ifVersion: version };
    });
    // Before anything is written: a write would change the versions that are to be met.
    return [...checks, ...this.#writes.values()];
  }

  #assertOpen(): void {
    if (this.#isOver) throw new StigmergyError("CLOSED", "transaction: it has ended");
  }
}

/** Runs `work` until what it read is still so when its writes are made. */
export async function runTransaction<Result>(
  context: StoreContext,
  read: ReadEntry,
  work: (transaction: Transaction) => Promise<Result> | Result,
  attempts: number,
  signal: AbortSignal | undefined,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const transaction = new Transaction(context, read);
    try {
      const result = await work(transaction);
      const writes = transaction.end();
      if (writes.length > 0) await commit(context, writes);
      return result;
    } catch (error) {
      const isConflict = error instanceof StigmergyError && error.code === "CONFLICT";
      if (!isConflict || attempt >= attempts) throw error;
      // Those who met do not meet again at the same moment.
      await wait(Math.random() * Math.min(MOST_WAIT_MS, attempt), undefined, signal && { signal });
    }
  }
}

function entryToBe(entry: Extract<Write, { kind: "put" }>["entry"]): Entry {
  const { agent, session, signature, expiresAt, pinned = false, ...rest } = entry;
  const now = Date.now();
  return {
    ...rest,
    id: 0,
    version: 0,
    pinned,
    createdAt: now,
    updatedAt: now,
    accessCount: 0,
    ...(agent === undefined ? {} : { agent }),
    ...(session === undefined ? {} : { session }),
    ...(signature === undefined ? {} : { signature }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function changed(namespace: string, key: string): StigmergyError {
  return new StigmergyError(
    "CONFLICT",
    `key "${key}" of namespace "${namespace}": it changed while the transaction ran; retry`,
  );
}
