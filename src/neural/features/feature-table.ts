const LEAST_PLACES = 1024;

/** Numbers for 32-bit hashes, from 0 up in the order added. Open addressing, half full at most. */
export class FeatureTable {
  #hashes: Uint32Array;
  #numbers: Int32Array;
  #size = 0;

  /** @param expected hashes that it has room for before it grows */
  constructor(expected = 0) {
    const places = 2 ** Math.ceil(Math.log2(Math.max(LEAST_PLACES, 2 * expected)));
    this.#hashes = new Uint32Array(places);
    this.#numbers = new Int32Array(places).fill(-1);
  }

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
