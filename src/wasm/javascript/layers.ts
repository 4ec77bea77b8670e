import { place, randomU32, real, sigmoid, word, type Turn } from "./turn.ts";

// Operations between products, as in assembly/network/activation.ts, assembly/network/layer-norm.ts and assembly/network/gru.ts.

const RELU = 1;
const GELU = 2;
const TANH = 3;
const GELU_SCALE = 2 * Math.sqrt(2 / Math.PI);
const GELU_CUBE = 0.044715;
const NORM_EPSILON = 1e-5;

/** Bends rows, and drops values at random. */
export function activate(turn: Turn): void {
  const { floats, first, end } = turn;
  const values = place(turn, 0);
  const out = place(turn, 1);
  const width = word(turn, 2);
  const stride = word(turn, 3);
  const kind = word(turn, 4);
  const drop = word(turn, 5);
  const keep = real(turn, 6);
  const seed = turn.drawn ^ word(turn, 7);
  // Of some columns of a layer that stand by themselves: the first, and the stride of the whole.
  const column = word(turn, 8);
  const apart = word(turn, 9) || stride;
  for (let row = first; row < end; row++) {
    const number = column + row * (apart - stride);
    for (let at = row * stride; at < row * stride + width; at++) {
      const value = bend(floats[values + at], kind);
      floats[out + at] =
        drop === 0 ? value : value * (randomU32(seed, number + at) >= drop ? keep : 0);
    }
  }
}

/** The way back through `activate`, in place. */
export function activateBack(turn: Turn): void {
  const { floats, first, end } = turn;
  const values = place(turn, 0);
  const gradients = place(turn, 1);
  const width = word(turn, 2);
  const stride = word(turn, 3);
  const kind = word(turn, 4);
  const drop = word(turn, 5);
  const keep = real(turn, 6);
  const seed = turn.drawn ^ word(turn, 7);
  const column = word(turn, 8);
  const apart = word(turn, 9) || stride;
  for (let row = first; row < end; row++) {
    const number = column + row * (apart - stride);
    for (let at = row * stride; at < row * stride + width; at++) {
      const gradient = floats[gradients + at] * slopeOf(floats[values + at], kind);
      floats[gradients + at] =
        drop === 0 ? gradient : gradient * (randomU32(seed, number + at) >= drop ? keep : 0);
    }
  }
}

function bend(x: number, kind: number): number {
  if (kind === RELU) return Math.max(x, 0);
  if (kind === GELU) return x * sigmoid(GELU_SCALE * (x + GELU_CUBE * x * x * x));
  if (kind === TANH) return Math.tanh(x);
  return x;
}

function slopeOf(x: number, kind: number): number {
  if (kind === RELU) return x > 0 ? 1 : 0;
  if (kind === GELU) {
    const gate = sigmoid(GELU_SCALE * (x + GELU_CUBE * x * x * x));
    return GELU_SCALE * (1 + 3 * GELU_CUBE * x * x) * x * gate * (1 - gate) + gate;
  }
  if (kind === TANH) {
    const t = Math.tanh(x);
    return 1 - t * t;
  }
  return 1;
}

/** Rows to mean 0 and variance 1, then scaled and shifted. */
export function layerNorm(turn: Turn): void {
  const { floats, first, end } = turn;
  const width = word(turn, 1);
  const stride = word(turn, 2);
  const gain = place(turn, 3);
  const bias = place(turn, 4);
  const inverse = place(turn, 6);
  const used = (width + 3) & ~3;
  for (let i = first; i < end; i++) {
    const row = place(turn, 0) + i * stride;
    const normal = place(turn, 5) + i * stride;
    const out = place(turn, 7) + i * stride;
    let sum = 0;
    for (let j = 0; j < width; j++) sum += floats[row + j];
    const mean = sum / width;
    let total = 0;
    for (let j = 0; j < width; j++) total += (floats[row + j] - mean) ** 2;
    const scale = 1 / Math.sqrt(total / width + NORM_EPSILON);
    floats[inverse + i] = scale;
    for (let j = 0; j < used; j++) {
      const value = j < width ? (floats[row + j] - mean) * scale : 0;
      floats[normal + j] = value;
      floats[out + j] = value * floats[gain + j] + floats[bias + j];
    }
  }
}

/** The way back through `layerNorm`. */
export function layerNormBack(turn: Turn): void {
  const { floats, first, end } = turn;
  const width = word(turn, 1);
  const stride = word(turn, 2);
  const gain = place(turn, 3);
  const inverse = place(turn, 5);
  const used = (width + 3) & ~3;
  for (let i = first; i < end; i++) {
    const gradients = place(turn, 0) + i * stride;
    const normal = place(turn, 4) + i * stride;
    const out = place(turn, 6) + i * stride;
    let sum = 0;
    let products = 0;
    for (let j = 0; j < width; j++) {
      const gradient = floats[gradients + j] * floats[gain + j];
      sum += gradient;
      products += gradient * floats[normal + j];
    }
    const mean = sum / width;
    const tilt = products / width;
    const scale = floats[inverse + i];
    for (let j = 0; j < width; j++) {
      const rest = floats[gradients + j] * floats[gain + j] - mean;
      floats[out + j] = (rest - floats[normal + j] * tilt) * scale;
    }
    for (let j = width; j < used; j++) floats[out + j] = 0;
  }
}

/** One step of a gated recurrent unit. */
export function gru(turn: Turn): void {
  const { floats, words, first, end } = turn;
  const inputs = place(turn, 0);
  const recurrent = place(turn, 1);
  const states = place(turn, 2);
  const step = word(turn, 3);
  const begun = place(turn, 4);
  const gates = place(turn, 5);
  const outs = place(turn, 6);
  const width = word(turn, 7);
  for (let row = first; row < end; row++) {
    const state = states + row * width;
    const out = outs + row * width;
    if (words[begun + row] > step) {
      floats.copyWithin(out, state, state + width);
      continue;
    }
    for (let j = 0; j < width; j++) {
      const at = row * 3 * width + j;
      const middle = at + width;
      const last = middle + width;
      const r = sigmoid(floats[inputs + at] + floats[recurrent + at]);
      const z = sigmoid(floats[inputs + middle] + floats[recurrent + middle]);
      const n = Math.tanh(floats[inputs + last] + r * floats[recurrent + last]);
      floats[gates + at] = r;
      floats[gates + middle] = z;
      floats[gates + last] = n;
      floats[out + j] = n + z * (floats[state + j] - n);
    }
  }
}

/** The way back through `gru`. */
export function gruBack(turn: Turn): void {
  const { floats, words, first, end } = turn;
  const recurrent = place(turn, 0);
  const states = place(turn, 1);
  const step = word(turn, 2);
  const begun = place(turn, 3);
  const gates = place(turn, 4);
  const gradients = place(turn, 5);
  const inputs = place(turn, 6);
  const recurrents = place(turn, 7);
  const olds = place(turn, 8);
  const width = word(turn, 9);
  for (let row = first; row < end; row++) {
    const one = row * width;
    const three = 3 * one;
    if (words[begun + row] > step) {
      floats.fill(0, inputs + three, inputs + three + 3 * width);
      floats.fill(0, recurrents + three, recurrents + three + 3 * width);
      floats.copyWithin(olds + one, gradients + one, gradients + one + width);
      continue;
    }
    for (let j = 0; j < width; j++) {
      const at = three + j;
      const middle = at + width;
      const last = middle + width;
      const gradient = floats[gradients + one + j];
      const r = floats[gates + at];
      const z = floats[gates + middle];
      const n = floats[gates + last];
      const slopeN = gradient * (1 - z) * (1 - n * n);
      const slopeZ = gradient * (floats[states + one + j] - n) * z * (1 - z);
      const slopeR = slopeN * floats[recurrent + last] * r * (1 - r);
      floats[inputs + at] = floats[recurrents + at] = slopeR;
      floats[inputs + middle] = floats[recurrents + middle] = slopeZ;
      floats[inputs + last] = slopeN;
      floats[recurrents + last] = slopeN * r;
      floats[olds + one + j] = gradient * z;
    }
  }
}
