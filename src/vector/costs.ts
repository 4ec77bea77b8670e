// What searches take, in microseconds of one thread, told by what they look at: the same whatever else the machine does.
// `npm run bench -- vector choices` prints what they say beside what is measured. Fitted to searches of 15 data
// sets of 9,000 to 30,000 rows of 64 to 784 values (2026-11-29, AMD EPYC, Node 20.20.2, SIMD build, a processor's time): by codes
// they are off by 7 % (one standard deviation), by links with what was looked at by 11 %, with the beam alone by 19 %. Rows that
// match a filter are off by 20 % in cache, of 7 sets of 9,000 to 100,000 rows of 100 to 784 values.

import { cellCount, listBits, type Cells } from "../wasm/cells.ts";

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

const LISTED = 1.6; // the upper bit of a code of a list, of what a code of one bit takes
const WHOLE = 0.7; // the whole of it, beside what each of its bits takes
const CANDIDATE = 0.32; // a row that lists bring, beside reading it

const BEAM = 0.215; // a walk, for each key of its beam
const LINK = [5.3e-3, 1.9e-5, 4.7e-5]; // a code of a link or list, more for each value, and for each key of the beam
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
  const codes = LISTED * uppers + (WHOLE + listBits(cells)) * wholes;
  const centroids = scanMicroseconds(dim, cellCount(cells), false);
  const work = { codes, nibbles: 0, rows: 0 };
  return flatMicroseconds(dim, work, isI8) + centroids + candidatesMicroseconds(dim, rows, isI8);
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
  const each = ranked + (WHOLE + listBits(cells)) * Math.max(0, codes - ranked);
  const work = { codes: each, nibbles: 0, rows: 0 };
  return flatMicroseconds(dim, work, isI8) + candidatesMicroseconds(dim, rows, isI8);
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
  return (
    BEAM * ef +
    work.codes * (LINK[0] + LINK[1] * dim + LINK[2] * ef) +
    work.hops * ROW_ANYWHERE * dim
  );
}
