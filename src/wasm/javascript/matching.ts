import type { Views } from "./turn.ts";

// The twin of assembly/assignment/matching.ts: bits are looked at in the same order, 32 at a time.

const NONE = 0xffff_ffff;

/** The twin of `match_bits`. */
export function matchBits({ words: heap }: Views, address: number): number {
  const [rows, words64, ...places] = heap.subarray(address / 4, address / 4 + 9);
  const words = 2 * words64;
  const u32 = (i: number, length: number): Uint32Array =>
    heap.subarray(places[i] / 4, places[i] / 4 + length);
  const bits = u32(0, rows * words);
  const columnOf = u32(1, rows);
  const rowOf = u32(2, 32 * words);
  const free = u32(3, words);
  const unseen = u32(4, words);
  const path = u32(5, rows + 1);
  const nexts = u32(6, rows + 1);

  const takeFree = (depth: number): boolean => {
    const own = path[depth] * words;
    for (let word = 0; word < words; word++) {
      const open = bits[own + word] & free[word];
      if (open === 0) continue;
      const bit = 31 - Math.clz32(open & -open);
      free[word] &= ~(1 << bit);
      let column = 32 * word + bit;
      for (let i = depth; i >= 0; i--) {
        const before = columnOf[path[i]];
        columnOf[path[i]] = column;
        rowOf[column] = path[i];
        column = before;
      }
      return true;
    }
    return false;
  };
  const augment = (start: number): boolean => {
    path[0] = start;
    nexts[0] = 0;
    if (takeFree(0)) return true;
    for (let depth = 0; depth >= 0;) {
      const own = path[depth] * words;
      let word = nexts[depth];
      let open = 0;
      for (; word < words; word++) if ((open = bits[own + word] & unseen[word]) !== 0) break;
      nexts[depth] = word;
      if (open === 0) {
        depth--;
        continue;
      }
      const bit = 31 - Math.clz32(open & -open);
      unseen[word] &= ~(1 << bit);
      path[++depth] = rowOf[32 * word + bit];
      nexts[depth] = 0;
      if (takeFree(depth)) return true;
    }
    return false;
  };

  free.fill(0);
  rowOf.forEach((row, column) => {
    if (row === NONE) free[column >>> 5] |= 1 << (column & 31);
  });
  for (;;) {
    let isFound = false;
    let size = 0;
    unseen.fill(NONE);
    for (let row = 0; row < rows; row++) {
      if (columnOf[row] !== NONE) size++;
      else if (augment(row)) {
        size++;
        isFound = true;
      }
    }
    if (!isFound) return size;
  }
}
