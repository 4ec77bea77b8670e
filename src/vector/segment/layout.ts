import { codedDim, tableWords } from "../../wasm/vectors/codes.ts";
import { paddedDim } from "../../wasm/vectors/distance.ts";
import { rowWordsI8 } from "../../wasm/vectors/rows-i8.ts";
import type { Metric, Precision } from "../engine/engine.ts";

/** Values up to which they have. */
const MOST_NIBBLES_DIM_OF_ROWS = 512;

/** When and how rows are linked into a graph. */
export interface GraphOptions {
  /** Links per row, a multiple of 32. */
  readonly degree: number;
  /** Rows that each row's links are chosen from. */
  readonly efConstruction: number;
  /** Rows without links from which on the first graph is built in the background. */
  readonly from: number;
  /** The same, when it is asked for. */
  readonly least: number;
  /** Whether links are followed also where codes would answer sooner. */
  readonly isForced: boolean;
}

/** How rows are kept. */
export interface RowLayout {
  readonly dim: number;
  readonly metric: Metric;
  /** Whether rows are kept rotated, with one-bit codes. */
  readonly coded: boolean;
  /** How their values are kept; those of 8 bits are rotated too. */
  readonly precision: Precision;
  /** How rows are linked; undefined where they never are. */
  readonly graph: GraphOptions | undefined;
  /** Where the rotation's random signs begin. */
  readonly seed: number;
  /** Threads that may search at once: each segment has room for their scratch. */
  readonly threads: number;
}

/** Whether rows are kept in 8 bits. */
export function isI8({ precision }: RowLayout): boolean {
  return precision === "int8";
}

/** Whether rows are kept rotated. */
export function isRotated(layout: RowLayout): boolean {
  return layout.coded || isI8(layout);
}

/** Values of a stored row. */
export function rowDim(layout: RowLayout): number {
  const { dim, metric, graph } = layout;
  if (!isRotated(layout)) return paddedDim(dim);
  // A graph is of distances. Inner products become such by one more value: see augmentation.ts.
  return codedDim(graph !== undefined && metric === "dot" ? dim + 1 : dim);
}

/** u32 words from one row without links to the next. */
export function rowWords(layout: RowLayout): number {
  return isI8(layout) ? rowWordsI8(rowDim(layout)) : rowDim(layout);
}

/**
 * Whether rows that have codes have such of four bits too. Where values are many one bit tells enough, and where rows
 * are of 8 bits they are read as soon.
 */
export function hasNibbles(layout: RowLayout): boolean {
  return layout.coded && !isI8(layout) && rowDim(layout) <= MOST_NIBBLES_DIM_OF_ROWS;
}

/** u32 words of a query's tables. */
function tableWordsOf(layout: RowLayout): number {
  return layout.coded ? tableWords(rowDim(layout)) : 0;
}

/** What scratches of searches are as large as, beside their queries and answers. */
export function scratchSizes(layout: RowLayout): {
  dim: number;
  tableWords: number;
  isI8: boolean;
} {
  return { dim: rowDim(layout), tableWords: tableWordsOf(layout), isI8: isI8(layout) };
}

/**
 * Searches of many queries that each thread is given at a time: while one runs the answers of the other are
 * taken, and the next one is ready when it ends.
 */
export const LANES_PER_THREAD = 2;
