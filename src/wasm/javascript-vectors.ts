import { randomU32, type Views } from "./javascript-turn.ts";
import type { SupportVectorArguments } from "./kernels.ts";

const LANES = 4;

/** The twin of assembly/support-vectors.ts, one label after the other within a sample. */
export function supportVectors({ floats, words }: Views, args: SupportVectorArguments): number {
  const [starts, ids, values, samples, , labels, costs] = args.map((each) => each / 4);
  const [first, features, passes, tolerance, seed] = args.slice(7);
  const weights = args[12] / 4;
  const alphas = args[13] / 4;
  const order = words.subarray(samples, samples + args[4]);
  const biases = weights + features * LANES;
  for (let pass = 0; pass < passes; pass++) {
    shuffle(order, (seed + pass) >>> 0);
    let hardest = 0;
    for (const sample of order) {
      const from = words[starts + sample];
      const to = words[starts + sample + 1];
      let square = 1;
      for (let at = from; at < to; at++) square += floats[values + at] ** 2;
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
        floats[place] = Math.max(alpha - slope / (square + softness), 0);
        const delta = (floats[place] - alpha) * sign;
        floats[biases + lane] += delta;
        for (let at = from; at < to; at++) {
          floats[weights + words[ids + at] * LANES + lane] += floats[values + at] * delta;
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
