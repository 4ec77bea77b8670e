import { arrayBytes, type Heap } from "../heap.ts";
import { linkBlockWords } from "./codes.ts";
import { atLeast } from "../lengths.ts";
import { BLOCK_SLOTS } from "./scan.ts";

const FIELDS = 8; // u32 of a description
const CELLS_PER_ROOT = 8; // cells and the rows of those that a search begins with cost about the same
const ROWS_PER_CELL = 64; // at least: the last block of a list is half empty
const MOST_AHEAD = 8; // times as many rows: the means of those that are there are of too few for more
const FACTOR_WORDS = 64; // of 32 rows: two f32 of each
const FEW_VALUES = 256;
const NEAR_GROUPS = 48; // blocks of centroids that a search looks at, if there are more
const TAIL_WORDS = 48; // of a block of a list: its slots, the next block, how many rows

/** Cells of a graph's rows, on its heap: see assembly/cells/cells.ts. */
export interface Cells {
  /** u32[8]: how many there are, where what stands, how many blocks are in use, and of how many bits. */
  readonly description: Uint32Array;
  /** f32[most × dim] */
  readonly centroids: Float32Array;
  /** u32[…]: codes of the centroids. */
  readonly codes: Uint32Array;
  /** u32[most × 2]: first and last block of each cell's list. */
  readonly lists: Uint32Array;
  /** u32[…]: blocks of lists. */
  readonly blocks: Uint32Array;
  /** u32[most]: scratch of a build. */
  readonly counts: Uint32Array;
  /** u32[…]: codes of the means of each 32 centroids. */
  readonly groups: Uint32Array;
  /** f32[most]: scratch of `groupCells`. */
  readonly keys: Float32Array;
}

/** How many cells so many rows are parted into: about √(8 · rows), or one for each 64 of few. */
export function cellsFor(rows: number): number {
  const wanted = Math.min(Math.sqrt(CELLS_PER_ROOT * rows), rows / ROWS_PER_CELL);
  return Math.ceil(wanted / BLOCK_SLOTS) * BLOCK_SLOTS;
}

/** How many cells the rows that are there are parted into where more are to come, so many in all. */
export function cellsAhead(rows: number, total: number): number {
  return cellsFor(Math.min(total, MOST_AHEAD * rows));
}

/** Rows from which on there may be so many cells. */
export function rowsFor(cells: number): number {
  return Math.max(cells ** 2 / CELLS_PER_ROOT, cells * ROWS_PER_CELL);
}

/** Whether so many cells with so many blocks can be those of so many rows, and of more that were to come. */
export function isCellCount(cells: number, blocks: number, rows: number): boolean {
  return (
    cells % BLOCK_SLOTS === 0 &&
    cells <= cellsAhead(rows, Infinity) &&
    blocks <= Math.ceil(rows / BLOCK_SLOTS) + cells
  );
}

/** How many cells there are. */
export function cellCount({ description }: Cells): number {
  return description[0];
}

/** How many blocks are in lists. */
export function usedBlocks({ description }: Cells): number {
  return description[5];
}

/**
 * Bits of the code of each value of a row in a list. The fewer values there are the more a code of so many bits
 * errs, and the less it costs to look more of them up.
 */
export function listBitsFor(dim: number): number {
  return dim <= FEW_VALUES ? 4 : 2;
}

/** The same in the lists of some cells: those of older snapshots have two. */
export function listBits({ description }: Cells): number {
  return description[6];
}

/** u32 words of a block of a list. */
export function listBlockWords(dim: number, bits = listBitsFor(dim)): number {
  return bits * dim + FACTOR_WORDS + TAIL_WORDS;
}

/** u32 words of the codes of so many centroids. */
export function centroidCodeWords(cells: number, dim: number): number {
  return Math.ceil(cells / BLOCK_SLOTS) * linkBlockWords(dim);
}

/** Makes the cells so many, with empty lists; of those that are read next it is known how many blocks they use. */
export function beginCells(cells: Cells, count: number, bits = listBits(cells), blocks = 0): void {
  atLeast("cells", 2 * count, cells.lists.length);
  cells.lists.fill(NO_BLOCK);
  cells.description[0] = count;
  cells.description[5] = blocks;
  cells.description[6] = bits;
  cells.description[7] = 0;
}

/** In place of a block: none. */
export const NO_BLOCK = 0xffffffff;

/** The slots of a block, and what follows them. */
export function listBlockOf(cells: Cells, dim: number, block: number) {
  const { blocks } = cells;
  const at = (block + 1) * listBlockWords(dim, listBits(cells)) - TAIL_WORDS;
  return {
    slots: blocks.subarray(at, at + BLOCK_SLOTS),
    next: blocks[at + BLOCK_SLOTS],
    count: blocks[at + BLOCK_SLOTS + 1],
  };
}

/** Lays out cells for so many rows. */
export function layOutCells(heap: Heap, dim: number, capacity: number): Cells {
  const sizes = sizesOf(dim, capacity);
  const description = heap.u32(FIELDS);
  const centroids = heap.f32(sizes.centroids);
  const { codes: codeWords, groups: groupWords } = sizes;
  const words = [codeWords, sizes.lists, sizes.blocks, sizes.counts, groupWords];
  const [codes, lists, blocks, counts, groups] = words.map((length) => heap.u32(length));
  const keys = heap.f32(sizes.keys);
  const addresses = [centroids, codes, lists, blocks].map((array) => heap.addressOf(array));
  description.set([0, ...addresses, 0, listBitsFor(dim)]);
  return { description, centroids, codes, lists, blocks, counts, groups, keys };
}

/** Bytes that `layOutCells` takes. */
export function cellsBytes(dim: number, capacity: number): number {
  const words = [FIELDS, ...Object.values(sizesOf(dim, capacity))];
  return words.reduce((sum, each) => sum + arrayBytes(each), 0);
}

/** Bytes of them that are in use. */
export function usedCellsBytes(cells: Cells, dim: number): number {
  const count = cellCount(cells);
  const groups = isGrouped(cells) ? Math.ceil(count / BLOCK_SLOTS) : 0;
  const words = count * (dim + 2) + centroidCodeWords(count, dim) + centroidCodeWords(groups, dim);
  return 4 * (words + usedBlocks(cells) * listBlockWords(dim, listBits(cells)));
}

function sizesOf(dim: number, capacity: number) {
  const most = cellsFor(capacity);
  return {
    centroids: most * dim,
    codes: centroidCodeWords(most, dim),
    lists: 2 * most,
    // Of each list the last block may hold a single row.
    blocks: (Math.ceil(capacity / BLOCK_SLOTS) + most) * listBlockWords(dim),
    counts: most,
    groups: centroidCodeWords(Math.ceil(most / BLOCK_SLOTS), dim),
    keys: most,
  };
}

/** Whether there are more cells than a search looks at the centroids of, see assembly/cells/cells-near.ts. */
export function isGrouped(cells: Cells): boolean {
  return cellCount(cells) > NEAR_GROUPS * BLOCK_SLOTS;
}
