import type { Samples } from "../features/samples.ts";
import type { NetworkShape } from "./shape.ts";

/** What gives outputs for samples: a network that can learn more, or a compressed one. */
export interface Answerer {
  readonly shape: NetworkShape;
  /** f32[count × outputs], row-major. */
  forward(samples: Samples): Float32Array;
}

/** The mean of what several give, f32[count × outputs]. */
export function forwardMean(networks: readonly Answerer[], samples: Samples): Float32Array {
  const [first, ...rest] = networks;
  const sum = first.forward(samples);
  for (const network of rest) {
    const outputs = network.forward(samples);
    for (let i = 0; i < sum.length; i++) sum[i] += outputs[i];
  }
  if (rest.length > 0) for (let i = 0; i < sum.length; i++) sum[i] /= networks.length;
  return sum;
}
