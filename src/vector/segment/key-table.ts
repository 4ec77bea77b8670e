import { StigmergyError } from "../../errors.ts";

const MOST_KEYS = 2 ** 24; // what one Map holds

/** Which slot holds each key. */
export class KeyTable {
  readonly #slots = new Map<number, number>();

  /** How many keys there are. */
  get size(): number {
    return this.#slots.size;
  }

  /** The slot of a key, or undefined when it has none. */
  slotOf(key: number): number | undefined {
    return this.#slots.get(key);
  }

  /** @throws {StigmergyError} TOO_LARGE when these keys would be more than a table holds */
  checkRoom(keys: ArrayLike<number>): void {
    if (this.#slots.size + keys.length <= MOST_KEYS) return;
    const added = new Set(Array.from(keys).filter((key) => !this.#slots.has(key)));
    if (this.#slots.size + added.size <= MOST_KEYS) return;
    throw new StigmergyError(
      "TOO_LARGE",
      `vector index: expected at most ${MOST_KEYS} keys; use several indexes`,
    );
  }

  put(key: number, slot: number): void {
    this.#slots.set(key, slot);
  }

  delete(key: number): void {
    this.#slots.delete(key);
  }

  /** Every key with its slot. */
  entries(): IterableIterator<[key: number, slot: number]> {
    return this.#slots.entries();
  }
}

/** A key table that also tells which key each slot holds. */
export class TwoWayKeyTable extends KeyTable {
  #keys = new Float64Array(1024);

  /** The key that was last put into a slot, whether or not it is still there. */
  keyOf(slot: number): number {
    return this.#keys[slot];
  }

  override put(key: number, slot: number): void {
    super.put(key, slot);
    if (slot >= this.#keys.length) {
      const larger = new Float64Array(Math.max(slot + 1, 2 * this.#keys.length));
      larger.set(this.#keys);
      this.#keys = larger;
    }
    // −0 is the key 0.
    this.#keys[slot] = key + 0;
  }
}
