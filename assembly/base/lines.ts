// Rows that are read where they stand, one here and one there, are asked of memory together.

/** What memory sends at once. */
export const LINE_BYTES: usize = 64;

/**
 * Reads a byte of each line of some of 32 rows: all travel from memory while the first is waited for. Where codes tell
 * little, as of values that are independent of each other, a quarter of all rows come so, and in half the time.
 *
 * @param rows  the first of the 32
 * @param bits  one for each row to send for
 */
export function sendFor(rows: usize, strideBytes: usize, bits: u32): void {
  for (; bits != 0; bits &= bits - 1) {
    const row = rows + <usize>ctz(bits) * strideBytes;
    for (let at = row; at < row + strideBytes; at += LINE_BYTES) load<u8>(at);
  }
}
