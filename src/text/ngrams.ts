import { StigmergyError } from "../errors.ts";
import { processKernels } from "../wasm/compile.ts";
import { Heap } from "../wasm/heap.ts";
import type { Job, StringKernel } from "../wasm/kernels.ts";
import { NgramRoom, ngramRoomBytes, WORD_BORDER, type NgramKinds } from "../wasm/ngrams.ts";
import { hashWords, type Ngrams } from "./plain-ngrams.ts";
import { wordsOf } from "./tokenizer.ts";

const MOST_CHARACTERS = 65_536; // longer texts are hashed by JavaScript: their room would be empty mostly
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
 * of `wordsOf`. The three kinds, and runs of different lengths, never collide by design. The same hashes
 * on every machine, whatever runs the kernels.
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
    const shared = roomOfProcess();
    if (shared === undefined || text.length > MOST_CHARACTERS) {
      return hashWords(wordsIn(text), this.#kinds);
    }
    const { room } = shared;
    const { read, written } = encoder.encodeInto(text, room.text);
    // Whatever is not ASCII takes more bytes than units, or does not fit.
    if (read === text.length && written === read) return shared.run(room.ofText(read, this.#kinds));
    const words = wordsIn(text);
    const units = WORD_BORDER + words.join(WORD_BORDER);
    if (units.length > room.mostUnits) return hashWords(words, this.#kinds);
    shared.units.write(units, "utf16le");
    return shared.run(room.ofWords(units.length, this.#kinds));
  }
}

/** The words of a text that is not ASCII, or of any: a mark beside a script without spaces gives an empty one. */
function wordsIn(text: string): readonly string[] {
  const words = wordsOf(text);
  return words.includes("") ? words.filter((word) => word !== "") : words;
}

const encoder = new TextEncoder();

/** The one room of this process, on a heap of its own. */
interface SharedRoom {
  readonly room: NgramRoom;
  /** The room's units, for writing strings. */
  readonly units: Buffer;
  run(job: Job<StringKernel>): Ngrams;
}

let sharedRoom: SharedRoom | undefined;

/** The room, made at the first call; nothing where WebAssembly is off. */
function roomOfProcess(): SharedRoom | undefined {
  if (sharedRoom !== undefined || processKernels().build === "off") return sharedRoom;
  const heap = new Heap(ngramRoomBytes(MOST_CHARACTERS) + 1024);
  const room = new NgramRoom(heap, MOST_CHARACTERS);
  const { buffer, byteOffset, byteLength } = room.units;
  sharedRoom = {
    room,
    units: Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength),
    run: (job) => {
      const count = heap.run(job);
      const { counts, hashes } = room;
      return { hashes: hashes.subarray(0, count), words: counts[0], bigrams: counts[1] };
    },
  };
  return sharedRoom;
}
