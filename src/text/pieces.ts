import { LONGEST_WORD } from "./ascii-words.ts";
import { BUCKETS, foreignBuckets, SCRIPT_RUN, unspacedBuckets } from "./foreign-pieces.ts";
import { eachAsciiWord, foldLatin, isAscii } from "./latin-words.ts";

/** Stands before a piece that goes on with a word. */
export const CONTINUES = "#";

const MOST_KNOWN = 32_768; // words whose pieces are remembered; a few thousand make up most texts
const FIRST_LENGTH = 256;

/**
 * Cuts texts into the pieces of a vocabulary. A text is first cut into words, lower case, at whatever is
 * no letter and where camelCase has its borders; a word is then cut from its start into the longest
 * pieces that there are. Accents of Latin letters are left out; other scripts are cut into characters or
 * runs of three of them, which are hashed into buckets. Digits are nothing.
 */
export class Pieces {
  /** Pieces of the vocabulary, then the buckets of other scripts. */
  readonly count: number;
  readonly #starts = new Map<string, number>();
  readonly #continuations = new Map<string, number>();
  readonly #longest: number;
  readonly #vocabulary: number;
  readonly #known = new Map<string, Uint32Array>();
  #found = new Uint32Array(FIRST_LENGTH);
  #length = 0;
  readonly #add = (word: string): void => this.#addWord(word);

  /**
   * @param vocabulary pieces by number: those that go on with a word begin with `#`. The single
   * letters a to z should be there in both forms: a letter that is in none is left out
   */
  constructor(vocabulary: readonly string[]) {
    let longest = 1;
    vocabulary.forEach((piece, number) => {
      if (piece.startsWith(CONTINUES)) this.#continuations.set(piece.slice(1), number);
      else this.#starts.set(piece, number);
      longest = Math.max(longest, piece.length);
    });
    this.#longest = longest;
    this.#vocabulary = vocabulary.length;
    this.count = vocabulary.length + BUCKETS;
  }

  /** The pieces of a text in order, as numbers; written over by the next call. */
  of(text: string): Uint32Array {
    this.#length = 0;
    if (isAscii(text)) eachAsciiWord(text, this.#add);
    else this.#addAny(text);
    return this.#found.subarray(0, this.#length);
  }

  #addAny(text: string): void {
    for (const [run, latin, unspaced] of text.normalize("NFKC").matchAll(SCRIPT_RUN)) {
      const plain = latin === undefined ? undefined : foldLatin(run);
      if (plain !== undefined) eachAsciiWord(plain, this.#add);
      else if (unspaced !== undefined) this.#addBuckets(unspacedBuckets(run));
      else this.#addBuckets(foreignBuckets(run.toLowerCase()));
    }
  }

  #addWord(word: string): void {
    if (word.length > LONGEST_WORD) return;
    let pieces = this.#known.get(word);
    if (pieces === undefined) {
      pieces = this.#cut(word);
      if (this.#known.size >= MOST_KNOWN) this.#known.clear();
      this.#known.set(word, pieces);
    }
    this.#reserve(pieces.length);
    for (let i = 0; i < pieces.length; i++) this.#found[this.#length++] = pieces[i];
  }

  #cut(word: string): Uint32Array {
    const pieces: number[] = [];
    for (let at = 0; at < word.length;) {
      const table = at === 0 ? this.#starts : this.#continuations;
      let end = Math.min(word.length, at + this.#longest);
      for (; end > at; end--) {
        const number = table.get(word.slice(at, end));
        if (number === undefined) continue;
        pieces.push(number);
        break;
      }
      at = Math.max(end, at + 1);
    }
    return Uint32Array.from(pieces);
  }

  #addBuckets(buckets: readonly number[]): void {
    this.#reserve(buckets.length);
    for (const bucket of buckets) this.#found[this.#length++] = this.#vocabulary + bucket;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#found.length) return;
    const found = new Uint32Array(2 * (this.#length + more));
    found.set(this.#found.subarray(0, this.#length));
    this.#found = found;
  }
}
