// Gates of a recurrent layer, for one step in time of a batch.
//
//     a row of `inputs`, `recurrent`, `gates` and their gradients: [ reset | update | candidate ], `width` values each

import { sigmoidF32x4, tanhF32x4 } from "../base/functions";

/**
 * One step of a gated recurrent unit.
 *
 *     r = σ(xᵣ + hᵣ)    z = σ(x_z + h_z)    n = tanh(xₙ + r · hₙ)    state' = (1 − z) · n + z · state
 *
 * where x = `inputs` (weights and biases applied) and h = `recurrent` (likewise). A row whose sequence
 * has not begun keeps its state.
 *
 * @param width   values of a state; a multiple of 4
 * @param begun   u32[samples of the batch]: the first step of each row's sequence
 * @param gates   f32[rows][3 · width], r, z and n, kept for the way back
 *
 * Source: Cho et al., 2014, with the reset after the product (as cuDNN and Keras have it).
 */
export function gru(
  first: u32,
  end: u32,
  width: u32,
  inputs: usize,
  recurrent: usize,
  state: usize,
  step: u32,
  begun: usize,
  gates: usize,
  out: usize,
): void {
  const bytes = (<usize>width) << 2;
  for (let row = first; row < end; row++) {
    const three = <usize>row * bytes * 3;
    const one = <usize>row * bytes;
    if (load<u32>(begun + ((<usize>row) << 2)) > step) {
      memory.copy(out + one, state + one, bytes);
      continue;
    }
    for (let j: usize = 0; j < bytes; j += 16) {
      const at = three + j;
      const r = sigmoidF32x4(f32x4.add(v128.load(inputs + at), v128.load(recurrent + at)));
      const middle = at + bytes;
      const z = sigmoidF32x4(f32x4.add(v128.load(inputs + middle), v128.load(recurrent + middle)));
      const last = middle + bytes;
      const n = tanhF32x4(
        f32x4.add(v128.load(inputs + last), f32x4.mul(r, v128.load(recurrent + last))),
      );
      v128.store(gates + at, r);
      v128.store(gates + middle, z);
      v128.store(gates + last, n);
      const held = v128.load(state + one + j);
      // n + z · (state − n)
      v128.store(out + one + j, f32x4.add(n, f32x4.mul(z, f32x4.sub(held, n))));
    }
  }
}

/**
 * The way back through `gru`: from `gradients` of its new state to those of its inputs, of what came
 * from the old state through the weights, and of the old state itself, which the latter still adds to.
 */
export function gruBack(
  first: u32,
  end: u32,
  width: u32,
  recurrent: usize,
  state: usize,
  step: u32,
  begun: usize,
  gates: usize,
  gradients: usize,
  inputGradients: usize,
  recurrentGradients: usize,
  stateGradients: usize,
): void {
  const bytes = (<usize>width) << 2;
  const unit = f32x4.splat(1);
  for (let row = first; row < end; row++) {
    const three = <usize>row * bytes * 3;
    const one = <usize>row * bytes;
    if (load<u32>(begun + ((<usize>row) << 2)) > step) {
      memory.fill(inputGradients + three, 0, bytes * 3);
      memory.fill(recurrentGradients + three, 0, bytes * 3);
      memory.copy(stateGradients + one, gradients + one, bytes);
      continue;
    }
    for (let j: usize = 0; j < bytes; j += 16) {
      const at = three + j;
      const middle = at + bytes;
      const last = middle + bytes;
      const gradient = v128.load(gradients + one + j);
      const r = v128.load(gates + at);
      const z = v128.load(gates + middle);
      const n = v128.load(gates + last);
      const held = v128.load(state + one + j);
      const slopeN = f32x4.mul(
        f32x4.mul(gradient, f32x4.sub(unit, z)),
        f32x4.sub(unit, f32x4.mul(n, n)),
      );
      const slopeZ = f32x4.mul(
        f32x4.mul(gradient, f32x4.sub(held, n)),
        f32x4.mul(z, f32x4.sub(unit, z)),
      );
      const slopeR = f32x4.mul(
        f32x4.mul(slopeN, v128.load(recurrent + last)),
        f32x4.mul(r, f32x4.sub(unit, r)),
      );
      v128.store(inputGradients + at, slopeR);
      v128.store(inputGradients + middle, slopeZ);
      v128.store(inputGradients + last, slopeN);
      v128.store(recurrentGradients + at, slopeR);
      v128.store(recurrentGradients + middle, slopeZ);
      v128.store(recurrentGradients + last, f32x4.mul(slopeN, r));
      v128.store(stateGradients + one + j, f32x4.mul(gradient, z));
    }
  }
}
