/** Which slot holds each key, and which key each slot holds. */
export class KeyTable {
  readonly #slots = new Map<number, number>();
  #keys = new Float64Array(1024);

  /** How many keys there are. */
  get size(): number {
    return this.#slots.size;
  }

  /** The slot of a key, or undefined when it has none. */
  slotOf(key: number): number | undefined {
    return this.#slots.get(key);
  }

  /** The key that was last put into a slot, whether or not it is still there. */
  keyOf(slot: number): number {
    return this.#keys[slot];
  }

  put(key: number, slot: number): void {
    if (slot >= this.#keys.length) {
      const larger = new Float64Array(Math.max(slot + 1, 2 * this.#keys.length));
      larger.set(this.#keys);
      this.#keys = larger;
    }
    this.#keys[slot] = key;
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
