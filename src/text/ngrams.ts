import { StigmergyError } from "../errors.ts";
import { processKernels } from "../wasm/compile.ts";
import { Heap } from "../wasm/heap.ts";
import { NgramRoom, ngramRoomBytes, type NgramKinds } from "../wasm/words/ngrams.ts";
import { hashWords, type Ngrams } from "./plain-ngrams.ts";
import { wordsOf } from "./tokenizer.ts";

const MOST_CHARACTERS = 65_536; // the few longer texts are hashed by JavaScript
const SHORTEST_RUN = 2;
const LONGEST_RUN = 8;

/** Which parts of a text are hashed. */
export interface NgramOptions {
  /** Words themselves; default true. */
  readonly words?: boolean;
  /** Each two neighboring words; default true. */
  readonly bigrams?: boolean;
  /** Units of the shortest run of letters, 2 to 8, a word's borders included; default 3. */
  readonly shortest?: number;
  /** Units of the longest, `shortest` to 8; 0 leaves runs out. Default 5. */
  readonly longest?: number;
}

/**
 * Turns texts into 32-bit hashes of what they are made of, for models of many features: words, each two
 * neighbors, and runs of letters within a word and its borders (`␣he`, `hel`, …, `lo␣`). Words are those
 * of `wordsOf`. The three kinds, and runs of different lengths, have seeds of their own, so that two collide
 * only by chance. The same hashes on every machine, whatever runs the kernels. ASCII is hashed by a kernel; in other texts finding the
 * words takes most of the time, and a kernel would gain nothing.
 */
export class NgramHasher {
  readonly #kinds: NgramKinds;

  /** @throws {StigmergyError} INVALID_INPUT for lengths that are not as `NgramOptions` says */
  constructor({ words = true, bigrams = true, shortest = 3, longest = 5 }: NgramOptions = {}) {
    const isRange =
      Number.isInteger(shortest) &&
      Number.isInteger(longest) &&
      shortest >= SHORTEST_RUN &&
      (longest === 0 || (longest >= shortest && longest <= LONGEST_RUN));
    if (!isRange) {
      throw new StigmergyError(
        "INVALID_INPUT",
        `runs of letters: expected 2 <= shortest <= longest <= 8, or longest 0 for none, received ${shortest} to ${longest}`,
      );
    }
    this.#kinds = { words, bigrams, shortest, longest: longest === 0 ? shortest - 1 : longest };
  }

  /**
   * The hashes of a text, duplicates kept, each kind in order of appearance: `words` of words, then
   * `bigrams` of two neighbors, then those of runs, of each word by length and then by where they begin.
   * All hashers of a process share one array: it is written over by the next call of any.
   */
  hash(text: string): Ngrams {
    const shared = text.length <= MOST_CHARACTERS ? roomOfProcess() : undefined;
    if (shared !== undefined) {
      const { heap, room } = shared;
      const { read, written } = encoder.encodeInto(text, room.text);
      // Whatever is not ASCII takes more bytes than units, or does not fit.
      if (read === text.length && written === read) {
        const count = heap.run(room.ofText(read, this.#kinds));
        const { counts, hashes } = room;
        return { hashes: hashes.subarray(0, count), words: counts[0], bigrams: counts[1] };
      }
    }
    // A mark beside a script without spaces gives an empty word.
    const words = wordsOf(text);
    return hashWords(words.includes("") ? words.filter((word) => word !== "") : words, this.#kinds);
  }
}

const encoder = new TextEncoder();

let sharedRoom: { readonly heap: Heap; readonly room: NgramRoom } | undefined;

/** The one room of this process, made at the first call; nothing where WebAssembly is off. */
function roomOfProcess(): typeof sharedRoom {
  if (sharedRoom !== undefined || processKernels().build === "off") return sharedRoom;
  const heap = new Heap(ngramRoomBytes(MOST_CHARACTERS) + 1024);
  sharedRoom = { heap, room: new NgramRoom(heap, MOST_CHARACTERS) };
  return sharedRoom;
}
