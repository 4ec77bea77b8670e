import type { Database } from "../file/database.ts";
import type { Entry } from "./entry.ts";
import type { ReadCache } from "./read-cache.ts";

// An entry's count stands in its row, and so in a page of its own: to write often would cost more
// than the reads that are counted. A crash loses at most what was not written yet.
const FLUSH_MS = 5000;
const MOST_AT_ONCE = 1000; // entries written while others wait

interface Accesses {
  count: number;
  last: number;
}

/**
 * Counts reads. A read stays a read: counts are held here, and written every few seconds and at
 * close, if nobody else holds the store's lock at that moment; otherwise later.
 */
export class AccessLog {
  readonly #database: Database;
  readonly #cache: ReadCache;
  readonly #pending = new Map<number, Accesses>();
  #flushedAt = Date.now();

  constructor(database: Database, cache: ReadCache) {
    this.#database = database;
    this.#cache = cache;
  }

  /** Counts one read of an entry, and returns how many are not yet written. */
  note(id: number, now: number): number {
    let accesses = this.#pending.get(id);
    if (accesses === undefined) this.#pending.set(id, (accesses = { count: 0, last: now }));
    accesses.count++;
    accesses.last = now;
    const { count } = accesses;
    if (now - this.#flushedAt > FLUSH_MS) {
      this.#flushedAt = now;
      this.#flush(MOST_AT_ONCE);
    }
    return count;
  }

  /** An entry with the reads that are not yet written. */
  counted<Of extends Entry>(entry: Of): Of {
    const accesses = this.#pending.get(entry.id);
    if (accesses === undefined) return entry;
    return { ...entry, accessCount: entry.accessCount + accesses.count };
  }

  /** Writes all that is held, unless another process is writing. */
  flush(): void {
    this.#flush(Infinity);
  }

  /** Writes what is held, before something is chosen by how much it is used. In a transaction. */
  write(): void {
    this.#write(this.#pending);
  }

  /** Forgets what `write` wrote, once its transaction has been kept. */
  written(): void {
    this.#forget([...this.#pending]);
  }

  #flush(most: number): void {
    if (this.#pending.size === 0 || this.#database.isWriting) return;
    const some = [...this.#pending].slice(0, most);
    if (!this.#database.tryWrite(() => this.#write(some))) return;
    this.#forget(some);
  }

  #forget(written: readonly [number, Accesses][]): void {
    // Rows that are held know nothing of it, and would count fewer reads from now on.
    this.#cache.countReads(new Map(written.map(([id, { count }]) => [id, count])));
    for (const [id] of written) this.#pending.delete(id);
  }

  #write(accesses: Iterable<[number, Accesses]>): void {
    const statement = this.#database.sql(
      "UPDATE entries SET access_count = access_count + ?, accessed_at = ? WHERE id = ?",
    );
    for (const [id, { count, last }] of accesses) statement.get(count, last, id);
  }
}
