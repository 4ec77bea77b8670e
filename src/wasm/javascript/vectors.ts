import { randomU32, type Views } from "./turn.ts";
import type { SupportVectorArguments } from "../abi/kernels.ts";

const LANES = 4;

/** The twin of assembly/network/support-vectors.ts, one label after the other within a sample. */
export function supportVectors({ floats, words }: Views, args: SupportVectorArguments): number {
  const [starts, ids, values, samples, , labels, costs] = args.map((each) => each / 4);
  const [first, features] = args.slice(7);
  const [passes, tolerance, seed] = args.slice(10);
  const eases = args[9] / 4;
  const [weights, alphas, squares] = args.slice(13).map((each) => each / 4);
  const order = words.subarray(samples, samples + args[4]);
  const biases = weights + features * LANES;
  for (const sample of order) {
    for (let lane = 0; lane < LANES; lane++) {
      let square = 1;
      for (let at = words[starts + sample]; at < words[starts + sample + 1]; at++) {
        square += floats[values + at] ** 2 * floats[eases + words[ids + at] * LANES + lane];
      }
      floats[squares + sample * LANES + lane] = square;
    }
  }
  for (let pass = 0; pass < passes; pass++) {
    shuffle(order, (seed + pass) >>> 0);
    let hardest = 0;
    for (const sample of order) {
      const from = words[starts + sample];
      const to = words[starts + sample + 1];
      const softness = 0.5 / floats[costs + sample];
      for (let lane = 0; lane < LANES; lane++) {
        let sum = floats[biases + lane];
        for (let at = from; at < to; at++) {
          sum += floats[values + at] * floats[weights + words[ids + at] * LANES + lane];
        }
        const sign = words[labels + sample] === first + lane ? 1 : -1;
        const place = alphas + sample * LANES + lane;
        const alpha = floats[place];
        const slope = sign * sum - 1 + alpha * softness;
        const pull = alpha === 0 ? Math.min(slope, 0) : slope;
        hardest = Math.max(hardest, Math.abs(pull));
        if (Math.abs(pull) <= 1e-12) continue;
        floats[place] = Math.max(
          alpha - slope / (floats[squares + sample * LANES + lane] + softness),
          0,
        );
        const delta = (floats[place] - alpha) * sign;
        floats[biases + lane] += delta;
        for (let at = from; at < to; at++) {
          const feature = words[ids + at] * LANES + lane;
          floats[weights + feature] += floats[values + at] * delta * floats[eases + feature];
        }
      }
    }
    if (hardest <= tolerance) return pass + 1;
  }
  return passes;
}

/** Source: Fisher and Yates, 1938. */
function shuffle(values: Uint32Array, seed: number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor((randomU32(seed, i) / 4_294_967_296) * (i + 1));
    const held = values[i];
    values[i] = values[j];
    values[j] = held;
  }
}
