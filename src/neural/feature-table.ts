/** Numbers for 32-bit hashes, from 0 up in the order added. Open addressing, half full at most. */
export class FeatureTable {
  #hashes = new Uint32Array(1024);
  #numbers = new Int32Array(1024).fill(-1);
  #size = 0;

  /** Hashes held. */
  get size(): number {
    return this.#size;
  }

  /** The number of a hash, or −1. */
  numberOf(hash: number): number {
    return this.#numbers[this.#placeOf(hash)];
  }

  /** The number of a hash, which is given one when it has none. */
  add(hash: number): number {
    const place = this.#placeOf(hash);
    if (this.#numbers[place] !== -1) return this.#numbers[place];
    this.#hashes[place] = hash;
    this.#numbers[place] = this.#size++;
    if (this.#size * 2 > this.#hashes.length) this.#grow();
    return this.#size - 1;
  }

  /** All hashes by number. */
  hashes(): Uint32Array {
    const all = new Uint32Array(this.#size);
    this.#numbers.forEach((number, place) => {
      if (number !== -1) all[number] = this.#hashes[place];
    });
    return all;
  }

  #placeOf(hash: number): number {
    const mask = this.#hashes.length - 1;
    // Hashes are mixed already; their low bits are as good as any.
    let place = hash & mask;
    while (this.#numbers[place] !== -1 && this.#hashes[place] !== hash) place = (place + 1) & mask;
    return place;
  }

  #grow(): void {
    const hashes = this.hashes();
    this.#hashes = new Uint32Array(this.#hashes.length * 2);
    this.#numbers = new Int32Array(this.#hashes.length).fill(-1);
    hashes.forEach((hash, number) => {
      const place = this.#placeOf(hash);
      this.#hashes[place] = hash;
      this.#numbers[place] = number;
    });
  }
}
