import type { Database } from "./database.ts";
import type { Entry } from "./entry.ts";

const MOST_PENDING = 256; // entries; so much is written at once, and lost at most by a crash

interface Accesses {
  count: number;
  last: number;
}

/**
 * Counts reads. A read stays a read: counts are held here, and written when there are many and at
 * close, if nobody else holds the store's lock at that moment; otherwise later.
 */
export class AccessLog {
  readonly #database: Database;
  readonly #pending = new Map<number, Accesses>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Counts one read of an entry. */
  note(id: number): void {
    const now = Date.now();
    const accesses = this.#pending.get(id);
    if (accesses !== undefined) {
      accesses.count++;
      accesses.last = now;
      return;
    }
    this.#pending.set(id, { count: 1, last: now });
    if (this.#pending.size % MOST_PENDING === 0) this.flush();
  }

  /** An entry with the reads that are not yet written. */
  counted<Of extends Entry>(entry: Of): Of {
    const accesses = this.#pending.get(entry.id);
    if (accesses === undefined) return entry;
    return { ...entry, accessCount: entry.accessCount + accesses.count };
  }

  /** Writes what is held, unless another process is writing. */
  flush(): void {
    if (this.#pending.size === 0 || this.#database.isWriting) return;
    const written = this.#database.tryWrite(() => this.write());
    if (written) this.#pending.clear();
  }

  /** Writes what is held, before something is chosen by how much it is used. In a transaction. */
  write(): void {
    const statement = this.#database.sql(
      "UPDATE entries SET access_count = access_count + ?, accessed_at = ? WHERE id = ?",
    );
    for (const [id, { count, last }] of this.#pending) statement.get(count, last, id);
  }

  /** Forgets what `write` wrote, once its transaction has been kept. */
  written(): void {
    this.#pending.clear();
  }
}
