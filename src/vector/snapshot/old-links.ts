import { linkBlockWords } from "../../wasm/vectors/codes.ts";
import { ROOT_DEGREE, recordWords, type GraphShape } from "../../wasm/vectors/graph.ts";

// Links as files of formats 3 and 4 have them, brought to what is drawn in assembly/graph/graph.ts when they are read.
// Their factors are f32, or bfloat16 in records of rows of 8 bits:
//
//     [dim]                    the row, where there is one
//     for each 32 links:
//       [dim]                  codes
//       f32[32] or bf16[32]    add
//       f32[32] or bf16[32]    rescale
//     [degree]                 slots
//     [4] [1] [1]              with f32: strong, twin and state, up to a multiple of 16 words
//     [1] [1] [1] [degree/32]  else: twin, state, scale, strong, up to a multiple of 4

const CHUNK_WORDS = 2 ** 20;
const OLD_TAIL_WORDS = 16;
const STRONG_WORDS = 4;
const SIGN = 0x80000000;

/** Pieces of a file that hold links, one after the other. */
export interface LinkPieces {
  /** u32 words of one, as it is kept now. */
  readonly words: number;
  /** The same as the file has it. */
  readonly oldWords: number;
  /** Writes a piece of the file as it is kept now. */
  readonly bring: (old: Uint32Array, out: Uint32Array) => void;
}

/** The records of a graph; its root's is one of rows of f32 with 64 links. */
export function oldRecords(shape: GraphShape): LinkPieces {
  const { dim, degree, isI8 = false } = shape;
  const words = recordWords(shape);
  const row = isI8 ? dim / 4 : dim;
  const blocks = degree / 32;
  const oldLinks = blocks * oldBlockWords(dim, isI8);
  const links = blocks * linkBlockWords(dim);
  const oldTail = row + oldLinks + degree;
  const tail = row + links + degree;
  return {
    words,
    oldWords: isI8 ? words : oldTail + OLD_TAIL_WORDS,
    bring(old, out) {
      out.set(old.subarray(0, row));
      packBlocks(old.subarray(row, row + oldLinks), out.subarray(row, row + links), dim, isI8);
      out.set(old.subarray(row + oldLinks, oldTail), row + links);
      if (isI8) out.set(old.subarray(oldTail), tail);
      else {
        const strong = old.subarray(oldTail, oldTail + blocks);
        const [twin, state] = old.subarray(oldTail + STRONG_WORDS);
        out.set([twin, state, 0, ...strong], tail);
      }
    },
  };
}

/** The record of a graph's root. */
export function oldRoot(dim: number): LinkPieces {
  return oldRecords({ dim, degree: ROOT_DEGREE });
}

/** The codes of 32 centroids. */
export function oldCentroidCodes(dim: number): LinkPieces {
  return {
    words: linkBlockWords(dim),
    oldWords: oldBlockWords(dim, false),
    bring: (old, out) => packBlocks(old, out, dim, false),
  };
}

/**
 * Reads as many pieces as there is room for, a chunk at a time; returns how many bytes the file has of them.
 * @param read fills an array with the next bytes
 */
export async function readOldLinks(
  room: ArrayBufferView,
  { words, oldWords, bring }: LinkPieces,
  read: (chunk: Uint32Array) => Promise<void>,
): Promise<number> {
  const out = new Uint32Array(room.buffer, room.byteOffset, room.byteLength / 4);
  const count = out.length / words;
  const chunk = new Uint32Array(oldWords * Math.min(count, Math.ceil(CHUNK_WORDS / oldWords)));
  for (let piece = 0; piece < count;) {
    const part = chunk.subarray(0, (count - piece) * oldWords);
    await read(part);
    for (let at = 0; at < part.length; at += oldWords, piece++) {
      const to = piece * words;
      bring(part.subarray(at, at + oldWords), out.subarray(to, to + words));
    }
  }
  return 4 * count * oldWords;
}

function oldBlockWords(dim: number, isHalf: boolean): number {
  return dim + (isHalf ? 32 : 64);
}

function packBlocks(old: Uint32Array, out: Uint32Array, dim: number, isHalf: boolean): void {
  const oldWords = oldBlockWords(dim, isHalf);
  const words = linkBlockWords(dim);
  for (let from = 0, to = 0; from < old.length; from += oldWords, to += words) {
    out.set(old.subarray(from, from + dim), to);
    const factors = old.subarray(from + dim, from + oldWords);
    for (let i = 0; i < 32; i++) {
      const add = isHalf ? half(factors, i) : factors[i];
      const rescale = isHalf ? half(factors, 32 + i) : factors[32 + i];
      out[to + dim + i] = packed(add, rescale, dim);
    }
  }
}

/** The bits of a bfloat16 as those of an f32. */
function half(words: Uint32Array, i: number): number {
  return ((words[i >> 1] >>> ((i & 1) << 4)) << 16) >>> 0;
}

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** Factors, given as bits of f32, as assembly/codes/factors.ts draws them. */
function packed(addBits: number, rescaleBits: number, dim: number): number {
  const low = rounded(rescaleBits & ~SIGN, 19) >>> 19;
  const rescale = floatOf(rescaleBits);
  const add = floatOf(addBits);
  // What changes rescale by its rounding changes what is multiplied with it in add; not ‖link − row‖², which it
  // tells: its mean absolute value is √(2 / (π · dim)) times its length.
  const l2sq = (rescale * rescale * dim) / (8 * Math.PI);
  const change = rescale === 0 ? 0 : floatOf((low << 19) | SIGN) / rescale - 1;
  return (rounded(bitsOf(add + change * (add - l2sq)), 12) | low) >>> 0;
}

/** The nearest without the last so many bits, of two as near the even one. */
function rounded(word: number, dropped: number): number {
  const half = 2 ** (dropped - 1) - 1 + ((word >>> dropped) & 1);
  return ((word + half) >>> dropped) << dropped;
}

function floatOf(word: number): number {
  bits[0] = word;
  return floats[0];
}

function bitsOf(value: number): number {
  floats[0] = value;
  return bits[0];
}
