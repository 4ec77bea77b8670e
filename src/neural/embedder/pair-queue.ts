/** Two neighboring pieces, how often they were met, and the words that they may stand in. */
export interface Pair {
  readonly left: number;
  readonly right: number;
  readonly words: ReadonlySet<number>;
}

interface Counted extends Pair {
  readonly words: Set<number>;
  /** In which order pairs were met, for those that are equally frequent. */
  readonly order: number;
  count: number;
}

interface Place {
  readonly pair: Counted;
  /** Its count when it was put here: another by now says that this place is outdated. */
  readonly count: number;
}

const MOST_PIECES = 2 ** 20;

/** Pairs by frequency, which changes all the time: the most frequent is taken first. */
export class PairQueue {
  readonly #pairs = new Map<number, Counted>();
  readonly #changed = new Set<Counted>();
  readonly #queue: Place[] = [];
  #met = 0;

  /** Adds to the count of a pair, or takes from it when `count` is negative. */
  add(left: number, right: number, count: number, word: number): void {
    const key = left * MOST_PIECES + right;
    let pair = this.#pairs.get(key);
    if (pair === undefined) {
      pair = { left, right, count: 0, words: new Set(), order: this.#met++ };
      this.#pairs.set(key, pair);
    }
    pair.count += count;
    if (count > 0) pair.words.add(word);
    this.#changed.add(pair);
  }

  /** Takes the most frequent pair out, the one met first of equals; undefined when there is none. */
  take(): Pair | undefined {
    for (const pair of this.#changed) {
      if (pair.count > 0) this.#push({ pair, count: pair.count });
      else this.#pairs.delete(pair.left * MOST_PIECES + pair.right);
    }
    this.#changed.clear();
    for (;;) {
      const place = this.#pop();
      if (place === undefined) return undefined;
      const { pair, count } = place;
      if (pair.count !== count) continue;
      pair.count = 0;
      this.#pairs.delete(pair.left * MOST_PIECES + pair.right);
      return pair;
    }
  }

  #push(place: Place): void {
    const queue = this.#queue;
    let at = queue.push(place) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(queue[at], queue[parent])) break;
      [queue[at], queue[parent]] = [queue[parent], queue[at]];
      at = parent;
    }
  }

  #pop(): Place | undefined {
    const queue = this.#queue;
    const first = queue[0];
    const last = queue.pop();
    if (last === undefined || queue.length === 0) return first;
    queue[0] = last;
    for (let at = 0; ;) {
      let child = 2 * at + 1;
      if (child >= queue.length) return first;
      if (child + 1 < queue.length && isBefore(queue[child + 1], queue[child])) child++;
      if (!isBefore(queue[child], queue[at])) return first;
      [queue[at], queue[child]] = [queue[child], queue[at]];
      at = child;
    }
  }
}

function isBefore(a: Place, b: Place): boolean {
  return a.count === b.count ? a.pair.order < b.pair.order : a.count > b.count;
}
