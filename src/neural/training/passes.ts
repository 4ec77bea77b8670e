import { seededRandom } from "../../util/random.ts";
import { shuffle } from "./classes.ts";
import type { TrainingHeap } from "./training-heap.ts";

/** Learns all samples so many times, each time in another order; the loss is the mean of the last pass. */
export function learnInPasses(
  { learning }: TrainingHeap,
  passes: number,
  seed: number,
): { readonly loss: number; readonly steps: number } {
  const { batches, order, outcomes } = learning;
  const random = seededRandom(seed);
  for (let pass = 0; pass < passes; pass++) {
    shuffle(order, random);
    learning.run(0, batches, pass * batches);
  }
  let loss = 0;
  const steps = passes * batches;
  for (let i = steps - batches; i < steps; i++) loss += outcomes[i * 2];
  return { loss: loss / order.length, steps };
}
