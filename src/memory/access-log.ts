import type { Database } from "./database.ts";
import type { Entry } from "./entry.ts";

const MOST_PENDING = 256; // entries; so much is written at once, and lost at most by a crash

/**
 * Counts reads. A read stays a read: counts are held here, and written when there are many and at
 * close, if nobody else holds the store's lock at that moment; otherwise later.
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
    if (this.#pending.size % MOST_PENDING === 0) this.flush();
  }

  /** An entry with the reads that are not yet written. */
  counted<Of extends Entry>(entry: Of): Of {
    return { ...entry, accessCount: entry.accessCount + (this.#pending.get(entry.id) ?? 0) };
  }

  /** Writes what is held, unless another process is writing. */
  flush(): void {
    if (this.#pending.size === 0) return;
    const written = this.#database.tryWrite(() => {
      const statement = this.#database.sql(
        "UPDATE entries SET access_count = access_count + ? WHERE id = ?",
      );
      for (const [id, count] of this.#pending) statement.get(count, id);
    });
    if (written) this.#pending.clear();
  }
}
