import { entryName, type ReadableRow } from "./entry.ts";
import type { Database } from "../file/database.ts";
import type { SharedState } from "./shared-state.ts";
import { currentPosition, removalsFloor } from "./changes.ts";

/** How the read cache does. */
export interface CacheStats {
  readonly entries: number;
  /** Characters of the values and metadata held. */
  readonly characters: number;
  readonly hits: number;
  readonly misses: number;
  /** hits ÷ (hits + misses), 0 before the first read. */
  readonly hitRate: number;
}

const MOST_CHANGES = 1000; // of others, looked through one by one before all is forgotten

/**
 * The rows read last, readable. It answers only with what the store holds at that moment: what
 * others have written is dropped before each look.
 */
export class ReadCache {
  readonly #database: Database;
  readonly #state: SharedState;
  readonly #mostCharacters: number;
  /** In the order of their last use. */
  readonly #rows = new Map<string, ReadableRow>();
  #characters = 0;
  #hits = 0;
  #misses = 0;
  #generation = -1;
  #seq = -1;
  #epoch = "";

  /** @param mostCharacters of values and metadata held; 0 turns the cache off */
  constructor(database: Database, state: SharedState, mostCharacters: number) {
    this.#database = database;
    this.#state = state;
    this.#mostCharacters = mostCharacters;
  }

  /** The row of a key as the store holds it at this moment, if it is held here. */
  read(namespace: string, key: string): ReadableRow | undefined {
    const name = entryName(namespace, key);
    let row = this.#rows.get(name);
    if (row !== undefined) {
      this.#state.refresh();
      if (this.#generation !== this.#state.generation) {
        this.#dropChanged();
        row = this.#rows.get(name);
      }
    }
    if (row === undefined) {
      this.#misses++;
      // The caller will read it: what others write from here on makes it old.
      if (this.#rows.size === 0 && this.#mostCharacters > 0) this.#dropChanged();
      return undefined;
    }
    this.#hits++;
    this.#rows.delete(name);
    this.#rows.set(name, row);
    return row;
  }

  /** Holds a row that was just read, in place of those unused longest. */
  set(row: ReadableRow): void {
    const size = sizeOf(row);
    // One that would push out most of the others is read from the file each time.
    if (size > this.#mostCharacters / 4) return;
    const { namespace, key } = row as unknown as { namespace: string; key: string };
    this.drop(namespace, key);
    this.#rows.set(entryName(namespace, key), row);
    this.#characters += size;
    for (const [name, oldest] of this.#rows) {
      if (this.#characters <= this.#mostCharacters) return;
      this.#rows.delete(name);
      this.#characters -= sizeOf(oldest);
    }
  }

  /** Adds reads, by entry id, that have been written into the file. */
  countReads(reads: ReadonlyMap<number, number>): void {
    for (const row of this.#rows.values()) {
      const count = reads.get(row.id as number);
      if (count !== undefined) row.access_count = (row.access_count as number) + count;
    }
  }

  /** Drops a key that this process has written. */
  drop(namespace: string, key: string): void {
    const name = entryName(namespace, key);
    const row = this.#rows.get(name);
    if (row === undefined) return;
    this.#rows.delete(name);
    this.#characters -= sizeOf(row);
  }

  /** Drops everything, and says how many rows that were. */
  clear(): number {
    const { size } = this.#rows;
    this.#rows.clear();
    this.#characters = 0;
    return size;
  }

  stats(): CacheStats {
    const hits = this.#hits;
    const misses = this.#misses;
    const hitRate = hits === 0 ? 0 : hits / (hits + misses);
    return { entries: this.#rows.size, characters: this.#characters, hits, misses, hitRate };
  }

  #dropChanged(): void {
    const { seq, epoch } = this.#database.read(() => currentPosition(this.#database));
    if (this.#rows.size > 0) {
      const isKnown =
        epoch === this.#epoch &&
        this.#seq >= this.#database.read(() => removalsFloor(this.#database));
      const rows = isKnown ? this.#changedSince(this.#seq) : undefined;
      if (rows === undefined) this.clear();
      else for (const { namespace, key } of rows) this.drop(namespace, key);
    }
    this.#seq = seq;
    this.#epoch = epoch;
    this.#generation = this.#state.generation;
  }

  /** What was written since, or undefined when that is more than it is worth to look at. */
  #changedSince(seq: number): { namespace: string; key: string }[] | undefined {
    const rows = this.#database.read(() =>
      this.#database
        .sql(
          `SELECT namespace, key FROM entries WHERE seq > ?
           UNION ALL SELECT namespace, key FROM removals WHERE seq > ?
           LIMIT ${MOST_CHANGES}`,
        )
        .all(seq, seq),
    );
    return rows.length < MOST_CHANGES ? (rows as never) : undefined;
  }
}

function sizeOf({ value, metadata, key }: ReadableRow): number {
  return value.length + metadata.length + (key as string).length;
}
