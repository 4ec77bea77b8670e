import { arrayBytes, MAX_HEAP_BYTES } from "../../wasm/heap.ts";
import { codeWords, nibbleWords } from "../../wasm/vectors/codes.ts";
import { buildSpaceBytes, graphBytes, graphScratchBytes } from "../../wasm/vectors/graph.ts";
import { BLOCK_SLOTS, scratchBytes } from "../../wasm/vectors/scan.ts";
import {
  hasNibbles,
  isI8,
  isRotated,
  LANES_PER_THREAD,
  rowDim,
  rowWords,
  scratchSizes,
  type RowLayout,
} from "./layout.ts";

const LANE_QUERIES = 64; // queries that every lane's scratch has room for, at LANE_K each
const LANE_K = 128;
/** Queries that are laid out together where threads share them, with room for SHARED_K answers each. */
export const MOST_AT_ONCE = 1024;
const SHARED_K = 16;
/** Of them, most that a thread takes at a time. */
export const MOST_OF_ROUND = 8;
/** Rows whose nearest are asked for at once, to tell how good a graph is. */
export const MOST_ASKED = 128;
/** Answers to each: the ten nearest, and rows that are equal to it. */
export const SAMPLE_K = 20;
const STAGED_ROWS = 64; // that are scaled and rotated at once before they are brought to 8 bits
const LEAST_ROOM = 8192; // rows that a linked segment has more than it needs at first
// Rows that a growing segment has room for at least, so that what grows by a few rows at a time is one search until links
// are asked about. Room costs nothing until it is used, but for addresses and, on Windows, a promise of memory.
const LEAST_GROWING = 32_768;
const LEAST_GROWING_BYTES = 2 ** 27; // the same, of wide rows
const MOST_SLOTS = 2 ** 24; // what a walk can tell apart, see assembly/codes/met.ts

/** Whether a segment's rows have links. */
export type SegmentKind = "growing" | "linked";

/** Rows that a linked segment should have room for which begins with so many; `least` where there can be so many. */
export function linkedCapacity(layout: RowLayout, rows: number, least = 0): number {
  const wanted = Math.max(least, rows + Math.max(rows >> 1, LEAST_ROOM));
  return Math.min(wanted, mostRows(layout, "linked"));
}

/** Rows that a growing segment should have room for which begins with so many. */
export function growingCapacity(layout: RowLayout, rows: number): number {
  const least = Math.min(LEAST_GROWING, Math.ceil(LEAST_GROWING_BYTES / (4 * rowWords(layout))));
  return Math.max(rows, least);
}

// Asked with every row that is added.
const mostOf = {
  growing: new WeakMap<RowLayout, number>(),
  linked: new WeakMap<RowLayout, number>(),
};

/** Most rows that one heap of 4 GiB has room for. */
export function mostRows(layout: RowLayout, kind: SegmentKind): number {
  const known = mostOf[kind].get(layout);
  if (known !== undefined) return known;
  const most = countMostRows(layout, kind);
  mostOf[kind].set(layout, most);
  return most;
}

function countMostRows(layout: RowLayout, kind: SegmentKind): number {
  // Everything but the lanes' scratch grows with the rows.
  const fixed = segmentBytes(layout, kind, 0) + 2 ** 20;
  const sample = 2 ** 16;
  const rowBytes =
    (segmentBytes(layout, kind, sample) - segmentBytes(layout, kind, 0)) / sample + 8;
  const fitting = Math.floor((MAX_HEAP_BYTES - fixed) / rowBytes / BLOCK_SLOTS) * BLOCK_SLOTS;
  return kind === "linked" ? Math.min(fitting, MOST_SLOTS) : fitting;
}

/** Scratches for the graph of a segment: one search, and two searches and a build on each thread. */
export function scratchCount({ threads }: RowLayout, kind: SegmentKind): number {
  return kind === "linked" ? 1 + (LANES_PER_THREAD + 1) * threads : 0;
}

/** The scratch of questions that tell how good a graph is. */
export function sampleSize(layout: RowLayout) {
  return { ...scratchSizes(layout), queries: MOST_ASKED, k: SAMPLE_K };
}

/** How the records of a linked segment are laid out. */
export function shapeOf(layout: RowLayout, kind: SegmentKind) {
  if (kind === "growing" || layout.graph === undefined) return undefined;
  return { dim: rowDim(layout), degree: layout.graph.degree, isI8: isI8(layout) };
}

/** Rows are brought to 8 bits where they are added. */
export function stagedRows(layout: RowLayout, kind: SegmentKind): number {
  return isI8(layout) && kind === "growing" ? STAGED_ROWS : 0;
}

/** Bytes of a segment's heap. */
export function segmentBytes(layout: RowLayout, kind: SegmentKind, capacity: number): number {
  const dim = rowDim(layout);
  const words = capacity / BLOCK_SLOTS;
  const sizes = scratchSizes(layout);
  const whole = scratchBytes({ ...sizes, queries: 1, k: capacity });
  const lane = scratchBytes({ ...sizes, queries: LANE_QUERIES, k: LANE_K });
  const shared =
    scratchBytes({ ...sizes, queries: MOST_AT_ONCE, k: SHARED_K }) +
    layout.threads * scratchBytes({ ...sizes, queries: MOST_OF_ROUND, k: 0 });
  const shape = shapeOf(layout, kind);
  const signs = isRotated(layout) ? arrayBytes(4 * dim) : 0;
  const staging = arrayBytes(stagedRows(layout, kind) * dim);
  const codes =
    layout.coded && shape === undefined
      ? arrayBytes(codeWords(capacity, dim)) +
        arrayBytes(dim) +
        arrayBytes(codeWords(BLOCK_SLOTS, dim)) +
        (hasNibbles(layout)
          ? arrayBytes(nibbleWords(capacity, dim)) + arrayBytes(nibbleWords(BLOCK_SLOTS, dim))
          : 0)
      : 0;
  const rows =
    shape === undefined ? arrayBytes(capacity * rowWords(layout)) : graphBytes(shape, capacity);
  const build =
    shape === undefined
      ? 0
      : buildSpaceBytes(shape.degree, capacity) +
        scratchBytes(sampleSize(layout)) +
        arrayBytes(MOST_ASKED) +
        arrayBytes(words);
  return (
    BLOCK_SLOTS * 4 + // address 0 stays free
    rows +
    3 * arrayBytes(words) + // live, masked, and the mask of a search on threads
    signs +
    staging +
    codes +
    whole +
    scratchCount(layout, kind) * graphScratchBytes(dim, isI8(layout)) +
    build +
    Math.max(whole, LANES_PER_THREAD * layout.threads * lane, shared)
  );
}
