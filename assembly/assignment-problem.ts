// How a linear assignment problem stands in memory. Constants are byte offsets of the words.

// u32 words at an address. A column that nobody has keeps the potential 0, and no
// potential is above it, unless rows and columns are equally many.
//
//    0  cost       T[rows][stride], +Infinity where a pair is forbidden and beyond the last column
//    4  rows
//    8  columns    at least as many as rows
//   12  stride     values from row to row: columns rounded up to whole blocks of 16
//   16  columnOf   u32[rows], NONE of a row without a column
//   20  rowOf      u32[stride], NONE of a column without a row
//   24  potentials f64[stride], of columns
//   28  reach      f64[stride], length of the shortest path to a column; +Infinity once it is scanned
//   32  live       f64[stride], potentials of columns not scanned, −Infinity of others
//   36  from       u32[stride], the row that a column is reached from
//   40  free       u32[rows], rows without a column, in the order in which they get one
//   44  scanned    u32[rows], columns scanned on the way of one row
//   48  lengths    f64[rows], of the paths to them
//   52  least      f64[stride / 16], least reach of each block
//   56  matches    u32[rows], for the start: how many columns have their least cost in a row

/** Address of the costs. */
export const COST: usize = 0;
/** How many rows. */
export const ROWS: usize = 4;
/** How many columns. */
export const COLUMNS: usize = 8;
/** Values from row to row. */
export const STRIDE: usize = 12;
/** Address of the column of each row. */
export const COLUMN_OF: usize = 16;
/** Address of the row of each column. */
export const ROW_OF: usize = 20;
/** Address of the potentials. */
export const POTENTIALS: usize = 24;
/** Address of the lengths of paths. */
export const REACH: usize = 28;
/** Address of potentials of columns not scanned. */
export const LIVE: usize = 32;
/** Address of the rows that columns are reached from. */
export const FROM: usize = 36;
/** Address of the list of rows without a column. */
export const FREE: usize = 40;
/** Address of the list of scanned columns. */
export const SCANNED: usize = 44;
/** Address of the lengths of paths to those. */
export const LENGTHS: usize = 48;
/** Address of the least value of each block. */
export const LEAST: usize = 52;
/** Address of the counts for the start. */
export const MATCHES: usize = 56;

/** No row, or no column. */
export const NONE: u32 = 0xffff_ffff;
