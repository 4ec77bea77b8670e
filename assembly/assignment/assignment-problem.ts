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
//   60  own        f64[rows], cost of a row's column
//   64  listSize   most entries of a list
//   68  listIds    u32[rows][listSize], the columns that cost a row least when its list was made
//   72  listCosts  f64[rows][listSize]
//   76  listCounts u32[rows], NONE of a row without a list
//   80  floors     f64[rows], what every other column cost a row more than, or as much as, when its list was made
//   84  seen       u32[rows + 1], rows looked at on the way of one row
//   88  backs      f64[rows + 1], what leads back from them: their own reduced cost less the length of the path
//   92  bounds     f64[rows + 1], no path over them to a column that is not in their list is shorter
//   96  blocks     f64[stride / 16], least reduced cost of each block, while a list is made
//  100  values     f64[listSize + 1], reduced costs of a list while it is made
//  104  made       u32[rows], the search that made a row's list, by its place in `free` and 1; 0 for the start
//  108  asked      lists made anew and rows looked at as a whole in this search, or ALL once every row is
//  112  nearest    f64, the least reach of a column without a row
//  120  nearestColumn, which that is
//  124  without    searches still to come that look at whole rows from the start
//  128  failures   searches in a row in which lists did not help
//
// Costs less potentials only ever grow, because potentials only fall. So a floor stays true, and a list
// stands for its row as long as nothing beyond the floor is asked for.

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

/** Address of the costs of each row's column. */
export const OWN: usize = 60;
/** Most entries of a list. */
export const LIST_SIZE: usize = 64;
/** Address of the columns of lists. */
export const LIST_IDS: usize = 68;
/** Address of the costs of lists. */
export const LIST_COSTS: usize = 72;
/** Address of the lengths of lists. */
export const LIST_COUNTS: usize = 76;
/** Address of what stands in no list costs at least. */
export const FLOORS: usize = 80;
/** Address of the list of rows looked at. */
export const SEEN: usize = 84;
/** Address of what leads back from those. */
export const BACKS: usize = 88;
/** Address of what paths over those are at least. */
export const BOUNDS: usize = 92;
/** Address of the least value of each block, for lists. */
export const BLOCKS: usize = 96;
/** Address of the values of a list. */
export const VALUES: usize = 100;
/** Address of when lists were made. */
export const MADE: usize = 104;
/** How often lists did not reach far enough. */
export const ASKED: usize = 108;
/** The least reach of a column without a row. */
export const NEAREST: usize = 112;
/** Which that is. */
export const NEAREST_COLUMN: usize = 120;
/** How many searches do without lists. */
export const WITHOUT: usize = 124;
/** How often in a row lists did not help. */
export const FAILURES: usize = 128;

/** Every row of a search is looked at as a whole. */
export const ALL: u32 = 0xffff_ffff;
/** No row, or no column. */
export const NONE: u32 = 0xffff_ffff;
