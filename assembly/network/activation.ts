// Between layers: what bends, what drops out, and the way back through both.

import { randomU32x4, sigmoidF32x4, tanhF32x4 } from "../base/functions";
import { mulAddF32x4 } from "../base/lanes";

const RELU: u32 = 1;
const GELU: u32 = 2;
const TANH: u32 = 3;

/**
 * Bends `rows` rows, and drops values at random.
 *
 *     out[i][j] = f(values[i][j]) · (random ≥ drop ? keep : 0)
 *
 * @param values  f32[rows][stride], the sums of a layer
 * @param width   values bent in a row; a multiple of 4
 * @param kind    0 none, 1 max(x, 0), 2 GELU, 3 tanh
 * @param drop    share dropped · 2³²; 0 drops nothing
 * @param keep    what the kept are scaled by, 1 / (1 − share)
 * @param seed    of this layer and step
 * @param place   number of the first value, which decides what is drawn; `apart` from one row to the next
 *
 * Source: Hendrycks and Gimpel, Gaussian error linear units, 2016 (its tanh form); Srivastava et al.,
 * Dropout, 2014.
 */
export function activate(
  values: usize,
  out: usize,
  place: u32,
  apart: u32,
  rows: u32,
  width: u32,
  stride: u32,
  kind: u32,
  drop: u32,
  keep: f32,
  seed: u32,
): void {
  for (let row: u32 = 0; row < rows; row++) {
    const start = (<usize>(row * stride)) << 2;
    for (let j: u32 = 0; j < width; j += 4) {
      const at = start + ((<usize>j) << 2);
      let value = bend(v128.load(values + at), kind);
      if (drop != 0) value = f32x4.mul(value, mask(seed, place + row * apart + j, drop, keep));
      v128.store(out + at, value);
    }
  }
}

/**
 * The way back through `activate`, in place: `gradients` of what it wrote become those of what it read.
 */
export function activateBack(
  values: usize,
  gradients: usize,
  place: u32,
  apart: u32,
  rows: u32,
  width: u32,
  stride: u32,
  kind: u32,
  drop: u32,
  keep: f32,
  seed: u32,
): void {
  for (let row: u32 = 0; row < rows; row++) {
    const start = (<usize>(row * stride)) << 2;
    for (let j: u32 = 0; j < width; j += 4) {
      const at = start + ((<usize>j) << 2);
      let slope = f32x4.mul(v128.load(gradients + at), slopeOf(v128.load(values + at), kind));
      if (drop != 0) slope = f32x4.mul(slope, mask(seed, place + row * apart + j, drop, keep));
      v128.store(gradients + at, slope);
    }
  }
}

function bend(x: v128, kind: u32): v128 {
  if (kind == RELU) return f32x4.max(x, f32x4.splat(0));
  if (kind == GELU) return f32x4.mul(x, sigmoidF32x4(geluInner(x)));
  if (kind == TANH) return tanhF32x4(x);
  return x;
}

function slopeOf(x: v128, kind: u32): v128 {
  const one = f32x4.splat(1);
  if (kind == RELU) return v128.and(one, f32x4.gt(x, f32x4.splat(0)));
  if (kind == GELU) {
    // Where the gate is open or shut for good, x may not outgrow the range of its square.
    x = f32x4.max(f32x4.min(x, f32x4.splat(1000)), f32x4.splat(-1000));
    const gate = sigmoidF32x4(geluInner(x));
    // d(inner)/dx · x · gate · (1 − gate) + gate
    const inner = mulAddF32x4(
      f32x4.mul(x, x),
      f32x4.splat(3 * 1.5957691216057308 * 0.044715),
      f32x4.splat(1.5957691216057308),
    );
    const bell = f32x4.mul(gate, f32x4.sub(one, gate));
    return mulAddF32x4(f32x4.mul(inner, x), bell, gate);
  }
  if (kind == TANH) {
    const t = tanhF32x4(x);
    return f32x4.sub(one, f32x4.mul(t, t));
  }
  return one;
}

/** 2 · √(2/π) · (x + 0.044715 x³): the logistic function of it is (1 + tanh of half of it) / 2. */
function geluInner(x: v128): v128 {
  const cube = f32x4.mul(x, f32x4.mul(x, x));
  const sum = mulAddF32x4(cube, f32x4.splat(0.044715), x);
  return f32x4.mul(sum, f32x4.splat(1.5957691216057308));
}

/** `keep` in the lanes that stay, 0 in those that are dropped. */
function mask(seed: u32, place: u32, drop: u32, keep: f32): v128 {
  const stays = i32x4.ge_u(randomU32x4(seed, place), i32x4.splat(drop));
  return v128.and(f32x4.splat(keep), stays);
}
