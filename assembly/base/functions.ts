// The functions that networks need, four lanes at a time.

import { mulAddF32x4 } from "./lanes";

const LOG2_E: f32 = 1.44269504088896;
// ln 2 in two parts: the first has few bits, so that its product with a whole number is exact.
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.1219444e-4;

/**
 * eˣ in each lane; relative error at most 2⁻²², of x from −87 to 88. Below it is that of −87, about
 * 1.6e-38, above that of 88, about 1.7e38: never 0, never infinite. NaN gives NaN.
 *
 * Source: Moshier, Cephes, expf, 1992.
 */
export function expF32x4(x: v128): v128 {
  x = f32x4.max(f32x4.min(x, f32x4.splat(88)), f32x4.splat(-87));
  const whole = f32x4.nearest(f32x4.mul(x, f32x4.splat(LOG2_E)));
  let rest = f32x4.sub(x, f32x4.mul(whole, f32x4.splat(LN2_HIGH)));
  rest = f32x4.sub(rest, f32x4.mul(whole, f32x4.splat(LN2_LOW)));
  let sum = f32x4.splat(1.98756915e-4);
  sum = mulAddF32x4(sum, rest, f32x4.splat(1.3981999507e-3));
  sum = mulAddF32x4(sum, rest, f32x4.splat(8.3334519073e-3));
  sum = mulAddF32x4(sum, rest, f32x4.splat(4.1665795894e-2));
  sum = mulAddF32x4(sum, rest, f32x4.splat(1.6666665459e-1));
  sum = mulAddF32x4(sum, rest, f32x4.splat(5.0000001201e-1));
  sum = mulAddF32x4(sum, f32x4.mul(rest, rest), f32x4.add(rest, f32x4.splat(1)));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(whole), i32x4.splat(127)), 23);
  return f32x4.mul(sum, power);
}

/** The logistic function 1 / (1 + e⁻ˣ) in each lane; absolute error at most 2⁻²². */
export function sigmoidF32x4(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, expF32x4(f32x4.neg(x))));
}

/** tanh in each lane; absolute error at most 2⁻²¹. */
export function tanhF32x4(x: v128): v128 {
  const twice = sigmoidF32x4(f32x4.add(x, x));
  return f32x4.sub(f32x4.add(twice, twice), f32x4.splat(1));
}

/**
 * ln x of one positive, normal x; relative error at most 2⁻²², absolute near 1.
 *
 * Source: Moshier, Cephes, logf, 1992.
 */
export function ln(x: f32): f32 {
  const bits = reinterpret<u32>(x);
  let exponent = <f32>(<i32>(bits >> 23) - 126);
  let rest = reinterpret<f32>((bits & 0x007fffff) | 0x3f000000); // 0.5 to 1
  if (rest < 0.707106781186547524) {
    exponent -= 1;
    rest = rest + rest - 1;
  } else {
    rest -= 1;
  }
  const square = rest * rest;
  let sum: f32 = 7.0376836292e-2;
  sum = sum * rest - 1.151461031e-1;
  sum = sum * rest + 1.167699874e-1;
  sum = sum * rest - 1.2420140846e-1;
  sum = sum * rest + 1.4249322787e-1;
  sum = sum * rest - 1.6668057665e-1;
  sum = sum * rest + 2.0000714765e-1;
  sum = sum * rest - 2.4999993993e-1;
  sum = sum * rest + 3.3333331174e-1;
  sum = sum * rest * square + exponent * LN2_LOW - 0.5 * square;
  return rest + sum + exponent * LN2_HIGH;
}

/**
 * Four numbers as good as random from a place: the same for the same place and seed, so that a
 * backward pass finds what the forward pass drew. u32 in each lane.
 *
 * @param place  of the first lane; the others are the three after it
 *
 * Source: the finisher of Appleby, MurmurHash3, 2011, over a counter times a Weyl constant.
 */
export function randomU32x4(seed: u32, place: u32): v128 {
  let state = i32x4.add(i32x4.splat(place), i32x4(0, 1, 2, 3));
  state = i32x4.mul(state, i32x4.splat(0x9e3779b1));
  state = v128.xor(state, i32x4.splat(seed));
  state = i32x4.mul(v128.xor(state, i32x4.shr_u(state, 16)), i32x4.splat(0x85ebca6b));
  state = i32x4.mul(v128.xor(state, i32x4.shr_u(state, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(state, i32x4.shr_u(state, 16));
}

/** As the first lane of `randomU32x4`. */
export function randomU32(seed: u32, place: u32): u32 {
  let state = (place * 0x9e3779b1) ^ seed;
  state = (state ^ (state >> 16)) * 0x85ebca6b;
  state = (state ^ (state >> 13)) * 0xc2b2ae35;
  return state ^ (state >> 16);
}
