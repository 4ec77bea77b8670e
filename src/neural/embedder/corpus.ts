import { eachLatinWord } from "../../text/latin-words.ts";
import { Pieces } from "../../text/pieces.ts";
import { learnVocabulary } from "./vocabulary.ts";

/** Texts cut into pieces, one after another. */
export interface Corpus {
  readonly vocabulary: readonly string[];
  /** Pieces of all texts. */
  readonly pieces: Uint32Array;
  /** u32[texts + 1], where each text begins in `pieces`. */
  readonly starts: Uint32Array;
  /** u32[vocabulary], in how many texts each piece stands. */
  readonly frequencies: Uint32Array;
  /** f64[vocabulary], how often each piece was met. */
  readonly counts: Float64Array;
}

/** Learns a vocabulary of so many pieces from texts, and cuts them. Other scripts are left out. */
export function readCorpus(texts: readonly string[], size: number): Corpus {
  const words = new Map<string, number>();
  const count = (word: string): void => void words.set(word, (words.get(word) ?? 0) + 1);
  for (const text of texts) eachLatinWord(text, count);
  const vocabulary = learnVocabulary(words, size);
  const cutter = new Pieces(vocabulary);
  const frequencies = new Uint32Array(vocabulary.length);
  const counts = new Float64Array(vocabulary.length);
  const seenIn = new Int32Array(vocabulary.length).fill(-1);
  const starts = new Uint32Array(texts.length + 1);
  let pieces = new Uint32Array(1 << 16);
  let length = 0;
  texts.forEach((text, i) => {
    const found = cutter.of(text);
    if (length + found.length > pieces.length) {
      const more = new Uint32Array(2 * (length + found.length));
      more.set(pieces.subarray(0, length));
      pieces = more;
    }
    for (const piece of found) {
      if (piece >= vocabulary.length) continue;
      pieces[length++] = piece;
      counts[piece]++;
      if (seenIn[piece] === i) continue;
      seenIn[piece] = i;
      frequencies[piece]++;
    }
    starts[i + 1] = length;
  });
  return { vocabulary, pieces: pieces.slice(0, length), starts, frequencies, counts };
}
