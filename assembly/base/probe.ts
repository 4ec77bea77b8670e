// What the machine can do, asked in the same engine that the other kernels run in.

import { mulAddF32x4, sumF32x4 } from "./lanes";

/**
 * Reads `bytes` bytes once, in order, and returns the exclusive or of all their 32-bit words. Its
 * time is that of reading: the share of the memory bandwidth that another kernel reaches is measured
 * against it.
 *
 * @param address  first byte
 * @param bytes    how many; a multiple of 64
 */
export function read_bytes(address: usize, bytes: usize): i32 {
  let words0 = i32x4.splat(0);
  let words1 = words0;
  let words2 = words0;
  let words3 = words0;
  for (const end = address + bytes; address < end; address += 64) {
    words0 = v128.xor(words0, v128.load(address));
    words1 = v128.xor(words1, v128.load(address, 16));
    words2 = v128.xor(words2, v128.load(address, 32));
    words3 = v128.xor(words3, v128.load(address, 48));
  }
  const words = v128.xor(v128.xor(words0, words1), v128.xor(words2, words3));
  return (
    i32x4.extract_lane(words, 0) ^
    i32x4.extract_lane(words, 1) ^
    i32x4.extract_lane(words, 2) ^
    i32x4.extract_lane(words, 3)
  );
}

/**
 * Multiplies two vectors by four and adds each product to a sum of its own, over and over: 64 operations
 * on f32 a step, as the inner loop of a product of matrices does, but with all that it reads in one
 * place. Its time is that of arithmetic: the share of it that a product of matrices reaches is measured
 * against it. Eight sums, so that none waits for its own last result; vectors from memory, since an
 * engine may build a constant anew at every use.
 *
 * @param address  f32[24]: the two, then the four
 * @param steps    how many; 1 or more
 * @returns the sum of all
 */
export function peak_f32(address: usize, steps: u32): f32 {
  let sum00 = f32x4.splat(0);
  let sum01 = sum00;
  let sum02 = sum00;
  let sum03 = sum00;
  let sum10 = sum00;
  let sum11 = sum00;
  let sum12 = sum00;
  let sum13 = sum00;
  for (; steps > 0; steps--) {
    const left0 = v128.load(address);
    const left1 = v128.load(address, 16);
    const right0 = v128.load(address, 32);
    sum00 = mulAddF32x4(left0, right0, sum00);
    sum10 = mulAddF32x4(left1, right0, sum10);
    const right1 = v128.load(address, 48);
    sum01 = mulAddF32x4(left0, right1, sum01);
    sum11 = mulAddF32x4(left1, right1, sum11);
    const right2 = v128.load(address, 64);
    sum02 = mulAddF32x4(left0, right2, sum02);
    sum12 = mulAddF32x4(left1, right2, sum12);
    const right3 = v128.load(address, 80);
    sum03 = mulAddF32x4(left0, right3, sum03);
    sum13 = mulAddF32x4(left1, right3, sum13);
  }
  const row0 = f32x4.add(f32x4.add(sum00, sum01), f32x4.add(sum02, sum03));
  const row1 = f32x4.add(f32x4.add(sum10, sum11), f32x4.add(sum12, sum13));
  return sumF32x4(f32x4.add(row0, row1));
}
