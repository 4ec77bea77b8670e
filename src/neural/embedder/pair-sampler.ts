import { seededRandom } from "../../util/random.ts";
import type { Corpus } from "./corpus.ts";

/** Pieces of the longest text of a pair. */
export const LONGEST_TEXT = 128;

const LEAST_TEXT = 16; // pieces: a shorter paragraph is read together with the next
const NEXT = 0.2; // share of pairs that are a paragraph and the one after it
const SHORTEST_SPAN = 5;
const LONGEST_SPAN = 20;
const AT_START = 0.3; // share of spans that a paragraph begins with
const CUT_OUT = 0.5; // share of spans that the paragraph beside them has no longer
const WITH_NEXT = 0.3; // share of paragraphs that the next one is added to

/** Where pairs are written: texts one after another, the first of all pairs and then the second. */
export interface PairRoom {
  /** u32[2 · pairs + 1] */
  readonly starts: Uint32Array;
  /** u32[2 · pairs · LONGEST_TEXT] */
  readonly ids: Uint32Array;
}

/** Draws pairs of texts that belong together from a corpus, whose texts are paragraphs in order. */
export class PairSampler {
  readonly #corpus: Corpus;
  readonly #seed: number;
  readonly #text = new Uint32Array(2 * LONGEST_TEXT);

  constructor(corpus: Corpus, seed: number) {
    this.#corpus = corpus;
    this.#seed = seed;
  }

  /**
   * Writes the pairs of a step: the same for the same corpus, seed and step.
   * @param at where in `ids` the texts begin, and in `starts` how many are there already
   * @returns where the texts end
   */
  draw(step: number, pairs: number, room: PairRoom, text: number, at: number): number {
    const random = seededRandom(Math.imul(this.#seed, 0x85ebca6b) ^ Math.imul(step, 0x9e3779b1));
    const seconds: Uint32Array[] = [];
    for (let i = 0; i < pairs; i++) {
      const [first, second] = this.#pair(random);
      room.ids.set(first, at);
      at += first.length;
      room.starts[++text] = at;
      seconds.push(second);
    }
    for (const second of seconds) {
      room.ids.set(second, at);
      at += second.length;
      room.starts[++text] = at;
    }
    return at;
  }

  /** Two texts; the second is a copy, the first a view that stands until the next call. */
  #pair(random: () => number): [Uint32Array, Uint32Array] {
    const { pieces, starts } = this.#corpus;
    const count = starts.length - 1;
    for (;;) {
      const text = Math.floor(random() * count);
      const [from, after] = this.#paragraph(text);
      const [nextFrom, nextAfter] = after < count ? this.#paragraph(after) : [0, 0];
      const next = pieces.subarray(nextFrom, starts[nextAfter]);
      const own = pieces.subarray(from, starts[after]);
      if (own.length < LEAST_TEXT) continue;
      if (random() < NEXT && next.length > 0) {
        return [own.subarray(0, LONGEST_TEXT), next.slice(0, LONGEST_TEXT)];
      }
      const most = Math.min(LONGEST_SPAN, own.length >>> 1);
      const length = SHORTEST_SPAN + Math.floor(random() * (most - SHORTEST_SPAN + 1));
      const room = own.length - length + 1;
      const at = random() < AT_START ? 0 : Math.floor(random() * room);
      const second = this.#around(own, at, length, random() < CUT_OUT, random);
      return [
        own.subarray(at, at + length),
        random() < WITH_NEXT ? this.#with(second, next) : second,
      ];
    }
  }

  /** Where the text begins in `pieces`, and the text after it: short ones go together. */
  #paragraph(text: number): [number, number] {
    const { starts } = this.#corpus;
    let after = text + 1;
    while (after < starts.length - 1 && starts[after] - starts[text] < LEAST_TEXT) after++;
    return [starts[text], after];
  }

  /** What stands around a span, with it or without: of a long paragraph a part. */
  #around(
    own: Uint32Array,
    at: number,
    length: number,
    isCutOut: boolean,
    random: () => number,
  ): Uint32Array {
    let from = 0;
    if (own.length > LONGEST_TEXT) {
      const least = Math.max(0, at + length - LONGEST_TEXT);
      const most = Math.min(at, own.length - LONGEST_TEXT);
      from = least + Math.floor(random() * (most - least + 1));
    }
    const end = Math.min(own.length, from + LONGEST_TEXT);
    if (!isCutOut) return own.slice(from, end);
    this.#text.set(own.subarray(from, at));
    this.#text.set(own.subarray(at + length, end), at - from);
    return this.#text.slice(0, end - from - length);
  }

  #with(text: Uint32Array, next: Uint32Array): Uint32Array {
    this.#text.set(text);
    const more = next.subarray(0, LONGEST_TEXT - text.length);
    this.#text.set(more, text.length);
    return this.#text.slice(0, text.length + more.length);
  }
}
