import type { Database } from "./database.ts";

const MOST_PENDING = 256; // entries; so much is written at once, and lost at most by a crash

/**
 * Counts reads. A read stays a read: counts are held here and written with the next write, at
 * close, or when there are many.
 */
export class AccessLog {
  readonly #database: Database;
  readonly #pending = new Map<number, number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Counts one read of an entry. */
  note(id: number): void {
    this.#pending.set(id, (this.#pending.get(id) ?? 0) + 1);
    if (this.#pending.size >= MOST_PENDING) this.flush();
  }

  /** Reads counted of an entry and not yet written. */
  pendingOf(id: number): number {
    return this.#pending.get(id) ?? 0;
  }

  /** Writes what is held, in a transaction of its own. */
  flush(): void {
    if (this.#pending.size > 0) this.#database.write(() => this.writePending());
  }

  /** Writes what is held, within a transaction of the caller's. */
  writePending(): void {
    const statement = this.#database.sql(
      "UPDATE entries SET access_count = access_count + ? WHERE id = ?",
    );
    for (const [id, count] of this.#pending) statement.run(count, id);
    this.#pending.clear();
  }
}
