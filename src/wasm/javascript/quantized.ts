import { place, word, type Turn } from "./turn.ts";

// Forward passes over 8-bit values, as in assembly/network/product-i8.ts.

// Added and taken off again, it leaves the nearest whole number, of two the even one.
const TO_WHOLE = 1.5 * 2 ** 52;

/** Rows, each brought to 8 bits, times quantized weights. Sums are whole numbers, exact. */
export function productI8(turn: Turn): void {
  const { floats, bytes, words, program, thread, first, end } = turn;
  const leftStride = word(turn, 1);
  const outStride = word(turn, 8);
  const weights = word(turn, 2);
  const scales = place(turn, 3);
  const bias = place(turn, 6);
  const cols = word(turn, 4);
  const depth = word(turn, 5);
  const length = (depth + 15) & ~15;
  const scratch = words[program + 2] + thread * 131_072;
  for (let i = first; i < end; i++) {
    const step = quantizeRow(turn, place(turn, 0) + i * leftStride, length, scratch);
    const out = place(turn, 7) + i * outStride;
    for (let j = 0; j < cols; j++) {
      const row = weights + j * length;
      let sum = 0;
      for (let k = 0; k < length; k++) sum += bytes[scratch + k] * bytes[row + k];
      const start = floats[(bias === 0 ? out : bias) + j];
      floats[out + j] = start + sum * step * floats[scales + j];
    }
  }
}

/** Writes a row in 8 bits, to the bit those of the kernel, and returns what one step is worth. */
function quantizeRow(
  { floats, bytes }: Turn,
  row: number,
  length: number,
  scratch: number,
): number {
  let top = 0;
  for (let k = 0; k < length; k++) top = Math.max(top, Math.abs(floats[row + k]));
  const factor = top > 0 ? Math.fround(127 / top) : 0;
  for (let k = 0; k < length; k++) {
    const whole = Math.fround(floats[row + k] * factor) + TO_WHOLE - TO_WHOLE;
    bytes[scratch + k] = Math.max(-128, Math.min(127, whole));
  }
  return Math.fround(top / 127);
}

/** The sum of a sample's rows of an 8-bit table, weighted. */
export function sumSparseI8(turn: Turn): void {
  sumSparseCodes(turn, 8, ({ bytes }, from, j) => bytes[from + j]);
}

/** The same of a 4-bit table: eight bytes hold sixteen values, the first eight in their lower halves. */
export function sumSparseI4(turn: Turn): void {
  sumSparseCodes(turn, 4, ({ bytes }, from, j) => {
    const pair = bytes[from + (j >> 4) * 8 + (j & 7)];
    return (j & 8) === 0 ? (pair << 28) >> 28 : pair >> 4;
  });
}

function sumSparseCodes(
  turn: Turn,
  bits: number,
  codeOf: (turn: Turn, from: number, j: number) => number,
): void {
  const { floats, words, first, end } = turn;
  const counts = place(turn, 0);
  const ids = place(turn, 1);
  const values = place(turn, 2);
  const most = word(turn, 3);
  const table = word(turn, 4);
  const scales = place(turn, 5);
  const width = word(turn, 6);
  const bias = place(turn, 7);
  const outs = place(turn, 8);
  const outStride = word(turn, 9);
  for (let row = first; row < end; row++) {
    const out = outs + row * outStride;
    floats.copyWithin(out, bias, bias + width);
    const last = row * most + words[counts + row];
    for (let k = row * most; k < last; k++) {
      const id = words[ids + k];
      const scale = floats[values + k] * floats[scales + id];
      const from = table + (id * width * bits) / 8;
      for (let j = 0; j < width; j++) floats[out + j] += scale * codeOf(turn, from, j);
    }
  }
}
