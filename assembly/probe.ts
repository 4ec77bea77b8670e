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
 * Multiplies and adds in registers alone, 96 operations on f32 a step, and returns a sum of them. Its
 * time is that of arithmetic: the share of it that a product of matrices reaches is measured against
 * it. Twelve chains, so that none waits for its own last result.
 *
 * @param steps  how many; 1 or more
 * @param scale  what each sum is multiplied by; below 1 in size, so that none overflows
 */
export function peak_f32(steps: u32, scale: f32): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(1);
  let sum2 = f32x4.splat(2);
  let sum3 = f32x4.splat(3);
  let sum4 = f32x4.splat(4);
  let sum5 = f32x4.splat(5);
  let sum6 = f32x4.splat(6);
  let sum7 = f32x4.splat(7);
  let sum8 = f32x4.splat(8);
  let sum9 = f32x4.splat(9);
  let sum10 = f32x4.splat(10);
  let sum11 = f32x4.splat(11);
  const factor = f32x4.splat(scale);
  const one = f32x4.splat(1);
  for (; steps > 0; steps--) {
    sum0 = mulAddF32x4(sum0, factor, one);
    sum1 = mulAddF32x4(sum1, factor, one);
    sum2 = mulAddF32x4(sum2, factor, one);
    sum3 = mulAddF32x4(sum3, factor, one);
    sum4 = mulAddF32x4(sum4, factor, one);
    sum5 = mulAddF32x4(sum5, factor, one);
    sum6 = mulAddF32x4(sum6, factor, one);
    sum7 = mulAddF32x4(sum7, factor, one);
    sum8 = mulAddF32x4(sum8, factor, one);
    sum9 = mulAddF32x4(sum9, factor, one);
    sum10 = mulAddF32x4(sum10, factor, one);
    sum11 = mulAddF32x4(sum11, factor, one);
  }
  const low = f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3));
  const middle = f32x4.add(f32x4.add(sum4, sum5), f32x4.add(sum6, sum7));
  const high = f32x4.add(f32x4.add(sum8, sum9), f32x4.add(sum10, sum11));
  return sumF32x4(f32x4.add(low, f32x4.add(middle, high)));
}
