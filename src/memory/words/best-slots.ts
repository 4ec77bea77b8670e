/** The best of many scores, kept as a binary heap whose root is the worst of them. */
export class BestSlots {
  readonly slots: Uint32Array;
  readonly scores: Float64Array;
  count = 0;

  constructor(capacity: number) {
    this.slots = new Uint32Array(capacity);
    this.scores = new Float64Array(capacity);
  }

  /** Below this a score is not among the best. */
  get least(): number {
    return this.count < this.slots.length ? -Infinity : this.scores[0];
  }

  /** Takes a score in; the worst goes when there are too many. */
  offer(slot: number, score: number): void {
    if (this.count < this.slots.length) {
      let at = this.count++;
      while (at > 0) {
        const parent = (at - 1) >>> 1;
        if (this.scores[parent] <= score) break;
        this.#move(parent, at);
        at = parent;
      }
      this.#put(at, slot, score);
      return;
    }
    if (score <= this.scores[0]) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.count) break;
      if (child + 1 < this.count && this.scores[child + 1] < this.scores[child]) child++;
      if (this.scores[child] >= score) break;
      this.#move(child, at);
      at = child;
    }
    this.#put(at, slot, score);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.slots[from], this.scores[from]);
  }

  #put(at: number, slot: number, score: number): void {
    this.slots[at] = slot;
    this.scores[at] = score;
  }
}
