import {
  chain,
  GENESIS,
  headBytes,
  verifyChain,
  type AuditEvent,
  type AuditHead,
  type AuditLine,
  type ChainReport,
} from "../../security/audit-chain.ts";
import type { Database } from "../file/database.ts";
import type { SqlValue } from "../file/driver.ts";
import type { SharedState } from "./shared-state.ts";
import type { StoreKeys } from "../file/store-keys.ts";
import { factOf, setFact } from "../file/facts.ts";

const MOST_PENDING = 256; // events
const FLUSH_MS = 200;

/** Trails with events that are not written yet: a process that ends writes them first. */
const unwritten = new Set<AuditTrail>();
let listens = false;

/** What happened, without what every event of this process shares. */
export type AuditNote = Pick<AuditEvent, "action" | "outcome"> &
  Partial<Pick<AuditEvent, "namespace" | "key" | "detail">>;

/**
 * The store's audit log: who did what, in lines that are only ever added and each sealed by the hash
 * of all before it. What changes the store is logged in the transaction that changes it; reads are
 * held, and written in batches off the caller's path, before the process ends.
 */
export class AuditTrail {
  readonly #database: Database;
  readonly #state: SharedState;
  readonly #keys: StoreKeys;
  readonly #isOn: boolean;
  #pending: AuditEvent[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param isOn log every operation, not only those on sealed namespaces */
  constructor(database: Database, state: SharedState, keys: StoreKeys, isOn: boolean) {
    this.#database = database;
    this.#state = state;
    this.#keys = keys;
    this.#isOn = isOn;
  }

  /** Whether operations on a namespace are logged; without one, on the store as a whole. */
  covers(namespace?: string): boolean {
    if (this.#isOn) return true;
    return namespace === undefined ? this.#keys.ring !== undefined : this.#state.seals(namespace);
  }

  /** Logs a change in the transaction that makes it. */
  write(note: AuditNote): void {
    if (this.covers(note.namespace ?? undefined)) this.#append([this.#event(note)]);
  }

  /** Logs what changes nothing, soon. */
  note(note: AuditNote): void {
    // Where nothing can be written, what is read can't be logged.
    if (this.#database.isReadOnly || !this.covers(note.namespace ?? undefined)) return;
    this.#pending.push(this.#event(note));
    if (this.#pending.length >= MOST_PENDING) this.flush();
    if (this.#pending.length === 0) return;
    unwritten.add(this);
    if (!listens) {
      listens = true;
      process.on("exit", flushAll);
    }
    this.#flushSoon();
  }

  #flushSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      try {
        this.flush();
      } catch {
        // Held, and tried again; who closes the store is told.
        this.#flushSoon();
      }
    }, FLUSH_MS).unref();
  }

  /** Writes what is held. A lock that others hold is waited for only when `mustWrite`. */
  flush(mustWrite = false): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const events = this.#pending;
    if (events.length > 0) {
      if (mustWrite) this.#database.write(() => this.#append(events));
      else if (this.#database.isWriting || !this.#database.tryWrite(() => this.#append(events))) {
        // Held for the next time; memory has room for more than others can delay.
        this.#flushSoon();
        return;
      }
    }
    this.#pending = [];
    unwritten.delete(this);
  }

  /** The newest lines, oldest first. */
  lines(limit: number): AuditLine[] {
    const rows = this.#database.read(() =>
      this.#database.sql("SELECT * FROM audit ORDER BY line DESC LIMIT ?").all(limit),
    );
    return rows.toReversed() as unknown as AuditLine[];
  }

  /** Looks at every line and hash. */
  verify(): ChainReport {
    this.flush(true);
    const ring = this.#keys.ring;
    return this.#database.readAtOnce(() =>
      verifyChain(
        linesOf(this.#database),
        headOf(this.#database),
        ring && ((data) => ring.mac(data)),
      ),
    );
  }

  #event({ action, outcome, namespace, key, detail }: AuditNote): AuditEvent {
    return {
      at: Date.now(),
      agent: this.#state.access.agent ?? null,
      action,
      namespace: namespace ?? null,
      key: key ?? null,
      outcome,
      detail: detail ?? null,
    };
  }

  #append(events: readonly AuditEvent[]): void {
    // Another process may have changed the key by which the head is proven.
    this.#state.refresh();
    const head = headOf(this.#database) ?? { line: 0, hash: GENESIS };
    const lines = chain(head, events);
    for (let from = 0; from < lines.length;) {
      // One statement for many lines takes half the time of one for each.
      const some = lines.slice(from, from + (lines.length - from >= AT_ONCE ? AT_ONCE : 1));
      const rows = some.map(() => "(?, ?, ?, ?, ?, ?, ?, ?, ?)").join();
      this.#database.sql(`INSERT INTO audit VALUES ${rows}`).get(...valuesOf(some));
      from += some.length;
    }
    const last = lines[lines.length - 1];
    writeHead(this.#database, last, this.#keys);
  }
}

const AT_ONCE = 32; // lines written by one statement

function valuesOf(lines: readonly AuditLine[]): SqlValue[] {
  const values: SqlValue[] = [];
  for (const { line, at, agent, action, namespace, key, outcome, detail, hash } of lines) {
    values.push(line, at, agent, action, namespace, key, outcome, detail, hash);
  }
  return values;
}

function flushAll(): void {
  for (const trail of unwritten) {
    try {
      trail.flush(true);
    } catch {
      // The process ends; there is nobody left to tell.
    }
  }
}

/** The log's last line, as it was noted apart from the log. */
export function headOf(database: Database): AuditHead | undefined {
  const text = factOf(database, "audit_head");
  if (typeof text !== "string") return undefined;
  const { line, hash, mac } = JSON.parse(text) as { line: number; hash: string; mac?: string };
  return {
    line,
    hash: Buffer.from(hash, "hex"),
    mac: mac === undefined ? null : Buffer.from(mac, "hex"),
  };
}

/** Notes the log's last line, and proves it with the store's key when there is one. */
export function writeHead(
  database: Database,
  { line, hash }: Pick<AuditLine, "line" | "hash">,
  keys: StoreKeys,
): void {
  const mac = keys.ring?.mac(headBytes({ line, hash }));
  const told = {
    line,
    hash: Buffer.from(hash).toString("hex"),
    ...(mac === undefined ? {} : { mac: mac.toString("hex") }),
  };
  setFact(database, "audit_head", JSON.stringify(told));
}

const PAGE = 1000; // lines

function* linesOf(database: Database): Generator<AuditLine> {
  let after = -Infinity;
  for (;;) {
    const rows = database
      .sql(`SELECT * FROM audit WHERE line > ? ORDER BY line LIMIT ${PAGE}`)
      .all(after === -Infinity ? Number.MIN_SAFE_INTEGER : after);
    yield* rows as unknown as AuditLine[];
    if (rows.length < PAGE) return;
    after = rows[rows.length - 1].line as number;
  }
}
