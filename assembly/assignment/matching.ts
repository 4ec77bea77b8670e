// A matching of rows and columns, at an address: u32 words, addresses and sizes.
//
//    0  rows
//    4  words      u64 words of a row's bits
//    8  bits       u64[rows][words], bit j of a row when it may have column j; none beyond the last column
//   12  columnOf   u32[rows], the column of each row, or NONE
//   16  rowOf      u32[64 · words], the row of each column, or NONE
//   20  free       u64[words], columns without a row, to work in
//   24  unseen     u64[words], columns that no search has come to, to work in
//   28  path       u32[rows], rows of a search, to work in
//   32  places     u32[rows], the word where each of those goes on, to work in

const WORDS: usize = 4;
const BITS: usize = 8;
const COLUMN_OF: usize = 12;
const ROW_OF: usize = 16;
const FREE: usize = 20;
const UNSEEN: usize = 24;
const PATH: usize = 28;
const PLACES: usize = 32;
const NONE: u32 = 0xffff_ffff;

/**
 * Makes a matching as large as can be, from the one that there is: who has a partner keeps one. Searches of one phase
 * come to no column twice, and look for a free one first.
 *
 * @param matching as drawn above
 * @returns how many rows have a column
 *
 * Source: Pothen and Fan, Computing the block triangular form of a sparse matrix, 1990, over bits.
 */
export function match_bits(matching: usize): u32 {
  const rows = load<u32>(matching);
  const words = <usize>load<u32>(matching, WORDS);
  const columnOf = <usize>load<u32>(matching, COLUMN_OF);
  const unseen = <usize>load<u32>(matching, UNSEEN);
  noteFree(matching);
  while (true) {
    let isFound = false;
    let size: u32 = 0;
    memory.fill(unseen, 0xff, words << 3);
    for (let row: u32 = 0; row < rows; row++) {
      if (load<u32>(columnOf + ((<usize>row) << 2)) != NONE) {
        size++;
      } else if (augment(matching, row)) {
        size++;
        isFound = true;
      }
    }
    if (!isFound) return size;
  }
}

/** Sets the bits of columns without a row. */
function noteFree(matching: usize): void {
  const words = <usize>load<u32>(matching, WORDS);
  const rowOf = <usize>load<u32>(matching, ROW_OF);
  const free = <usize>load<u32>(matching, FREE);
  for (let word: usize = 0; word < words; word++) {
    let bits: u64 = 0;
    for (let bit: usize = 0; bit < 64; bit++) {
      const row = load<u32>(rowOf + ((word * 64 + bit) << 2));
      if (row == NONE) bits |= (<u64>1) << (<u64>bit);
    }
    store<u64>(free + (word << 3), bits);
  }
}

/** Gives a row a column, others passing theirs on. */
function augment(matching: usize, start: u32): bool {
  const words = load<u32>(matching, WORDS);
  const bits = <usize>load<u32>(matching, BITS);
  const rowOf = <usize>load<u32>(matching, ROW_OF);
  const unseen = <usize>load<u32>(matching, UNSEEN);
  const path = <usize>load<u32>(matching, PATH);
  const places = <usize>load<u32>(matching, PLACES);
  store<u32>(path, start);
  store<u32>(places, 0);
  if (takeFree(matching, 0)) return true;
  let depth: usize = 0;
  while (true) {
    const row = <usize>load<u32>(path + (depth << 2));
    const own = bits + row * <usize>words * 8;
    let word = load<u32>(places + (depth << 2));
    let open: u64 = 0;
    for (; word < words; word++) {
      const at = (<usize>word) << 3;
      open = load<u64>(own + at) & load<u64>(unseen + at);
      if (open != 0) break;
    }
    store<u32>(places + (depth << 2), word);
    if (open == 0) {
      if (depth == 0) return false;
      depth--;
      continue;
    }
    const at = unseen + ((<usize>word) << 3);
    const bit = ctz(open);
    store<u64>(at, load<u64>(at) & ~((<u64>1) << bit));
    depth++;
    store<u32>(path + (depth << 2), load<u32>(rowOf + ((<usize>word * 64 + <usize>bit) << 2)));
    store<u32>(places + (depth << 2), 0);
    if (takeFree(matching, depth)) return true;
  }
}

/** Gives the last row of a path a free column, if it may have one, and each row before it the column of the next. */
function takeFree(matching: usize, depth: usize): bool {
  const words = <usize>load<u32>(matching, WORDS);
  const path = <usize>load<u32>(matching, PATH);
  const free = <usize>load<u32>(matching, FREE);
  const row = <usize>load<u32>(path + (depth << 2));
  const own = <usize>load<u32>(matching, BITS) + row * words * 8;
  for (let word: usize = 0; word < words; word++) {
    const open = load<u64>(own + (word << 3)) & load<u64>(free + (word << 3));
    if (open == 0) continue;
    const bit = ctz(open);
    const at = free + (word << 3);
    store<u64>(at, load<u64>(at) & ~((<u64>1) << bit));
    passOn(matching, depth, <u32>(word * 64) + <u32>bit);
    return true;
  }
  return false;
}

function passOn(matching: usize, depth: usize, column: u32): void {
  const columnOf = <usize>load<u32>(matching, COLUMN_OF);
  const rowOf = <usize>load<u32>(matching, ROW_OF);
  const path = <usize>load<u32>(matching, PATH);
  for (let i = depth; ; i--) {
    const row = load<u32>(path + (i << 2));
    const own = columnOf + ((<usize>row) << 2);
    const before = load<u32>(own);
    store<u32>(own, column);
    store<u32>(rowOf + ((<usize>column) << 2), row);
    if (i == 0) return;
    column = before;
  }
}
