// What searches take, in microseconds of one thread, told by what they look at: the same whatever else the machine does.
// `npm run bench -- vector choices` prints what they say beside what is measured. Fitted to searches of 15 data
// sets of 9,000 to 30,000 rows of 64 to 784 values (2026-11-29, AMD EPYC, Node 20.20.2, SIMD build, a processor's time): by codes
// they are off by 7 % (one standard deviation), by links with the beam alone by 19 %. Rows that match a filter are off by 20 % in
// cache, of 7 sets of 9,000 to 100,000 rows of 100 to 784 values. What lists take, and links with what was looked at, was fitted
// to 10 to 1,000 answers of 6 sets of 9,000 to 100,000 rows of 100 to 784 values (2026-11-30): a part of the lists is off by
// 14 %, all of them by 14 %, links by 12 %; of two sets that were not fitted to by 15, 10 and 10 %.

import {
  cellCount,
  listBits,
  listBlockWords,
  usedBlocks,
  type Cells,
} from "../../wasm/vectors/cells.ts";
import { BLOCK_SLOTS } from "../../wasm/vectors/scan.ts";

const CODE = [3.8e-4, 7.9e-6]; // a code of one bit, and so much more for each value of a row
const NIBBLES = [1e-2, 9.2e-5]; // the same of one of four bits, anywhere in memory
const ROW_ANYWHERE = 3.6e-4; // for each value: of a row anywhere in memory
const ROW_APART = 0.1; // beside that, of each in turn
const TABLES = 13; // what a query takes whatever the rows
const SCAN = [8e-3, 1.25e-4]; // a row that is read behind another
const CACHED = [1.2e-2, 1.15e-4]; // a row here and there, in cache
const CACHED_I8 = [1.1e-2, 5.8e-5]; // the same of 8 bits
// Of rows: so many stay in cache from one search with a filter to the next. The first takes longer, and its filter still more.
const CACHED_BYTES = 4 * 2 ** 20;
const KEPT = 0.06; // a row that is one of the nearest so far
const ROW_I8 = 0.4; // of 8 bits, of what one of f32 takes

const UPPER = 1.12e-5; // for each value: the upper bit of a code of a list
const WHOLE = 0.755; // the whole of it, of what a code of one bit takes: for each of its bits, and once more
const WHOLE_AFTER = 0.387; // the same where the upper bit was looked up just before
const CANDIDATE = 0.18; // a row that lists bring, beside reading it
// Larger lists come from memory. A block tells where the next stands only once it is there, so each takes so much more.
const CACHED_LISTS_BYTES = 2 ** 24;
const BLOCK_ANYWHERE = 0.2;

const BEAM = 0.36; // a walk, for each key of its beam
const LINK = [1.25e-5, 2.2e-5]; // a code of a link or list, for each value, and for each key of the beam
const WALK = 0.022; // for each value: of tables and lists, where only the beam is known
const KEY = [0.5, 3.5e-4]; // the same for each key, and more for each of those before it

/** What a search by codes looks at. */
export interface FlatWork {
  /** Codes of one bit. */
  readonly codes: number;
  /** Of them, rows that are asked by four bits too. */
  readonly nibbles: number;
  /** Rows themselves. */
  readonly rows: number;
}

/** A search by codes of a segment without links. */
export function flatMicroseconds(dim: number, work: FlatWork, isI8: boolean): number {
  return (
    TABLES +
    work.codes * (CODE[0] + CODE[1] * dim) +
    work.nibbles * (NIBBLES[0] + NIBBLES[1] * dim) +
    work.rows * ROW_ANYWHERE * dim * (isI8 ? ROW_I8 : 1)
  );
}

/** What a search by the codes of all lists looks at. */
export interface ListWork {
  /** Codes of which the upper bit is looked up, */
  readonly uppers: number;
  /** of which all is, */
  readonly wholes: number;
  /** and rows themselves. */
  readonly rows: number;
}

/** A search by the codes of all lists of a segment with links. */
export function listsMicroseconds(
  dim: number,
  cells: Cells,
  { uppers, wholes, rows }: ListWork,
  isI8: boolean,
): number {
  const codes = WHOLE_AFTER * (1 + listBits(cells)) * wholes;
  return (
    flatMicroseconds(dim, { codes, nibbles: 0, rows: 0 }, isI8) +
    scanMicroseconds(dim, cellCount(cells), false) +
    uppers * (UPPER * dim + farMicroseconds(dim, cells)) +
    candidatesMicroseconds(dim, rows, isI8)
  );
}

/** So many rows that lists bring, and that are read. */
export function candidatesMicroseconds(dim: number, rows: number, isI8: boolean): number {
  return rows * (CANDIDATE + ROW_ANYWHERE * dim * (isI8 ? ROW_I8 : 1));
}

/**
 * A search by the codes of a part of the lists.
 * @param codes that are looked up, one of each centroid among them
 */
export function partMicroseconds(
  dim: number,
  cells: Cells,
  { codes, rows }: { readonly codes: number; readonly rows: number },
  isI8: boolean,
): number {
  const ranked = cellCount(cells);
  const listed = Math.max(0, codes - ranked);
  const each = ranked + WHOLE * (1 + listBits(cells)) * listed;
  return (
    flatMicroseconds(dim, { codes: each, nibbles: 0, rows: 0 }, isI8) +
    listed * farMicroseconds(dim, cells) +
    candidatesMicroseconds(dim, rows, isI8)
  );
}

/** What a code of a list takes more where lists do not stay in cache. */
function farMicroseconds(dim: number, cells: Cells): number {
  const bytes = 4 * usedBlocks(cells) * listBlockWords(dim, listBits(cells));
  return bytes <= CACHED_LISTS_BYTES ? 0 : BLOCK_ANYWHERE / BLOCK_SLOTS;
}

/** A look at every one of so many rows. */
export function scanMicroseconds(dim: number, rows: number, isI8: boolean): number {
  return rows * (SCAN[0] + SCAN[1] * dim) * (isI8 ? ROW_I8 : 1);
}

/** A look at so many rows of a segment with links, where each stands for itself. */
export function rowsMicroseconds(dim: number, rows: number, isI8: boolean): number {
  return rows * (ROW_APART + ROW_ANYWHERE * dim * (isI8 ? ROW_I8 : 1));
}

/** The same of rows that match a filter, for the nearest `k` of them. */
export function matchesMicroseconds(dim: number, rows: number, k: number, isI8: boolean): number {
  // In no order, the i-th is one of the nearest so far with a chance of k / i.
  const kept = KEPT * k * (1 + Math.log(Math.max(1, rows / k)));
  const [row, value] = isI8 ? CACHED_I8 : CACHED;
  if (rows * dim * (isI8 ? 1 : 4) <= CACHED_BYTES) return kept + rows * (row + value * dim);
  return kept + rowsMicroseconds(dim, rows, isI8);
}

/** A walk along links with a beam of `ef`, and if that is known with so many rows and codes looked at. */
export function walkMicroseconds(
  dim: number,
  ef: number,
  work?: { readonly hops: number; readonly codes: number },
): number {
  if (work === undefined) return WALK * dim + (KEY[0] + KEY[1] * ef) * ef;
  return BEAM * ef + work.codes * (LINK[0] * dim + LINK[1] * ef) + work.hops * ROW_ANYWHERE * dim;
}
