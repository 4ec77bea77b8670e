import type { EpochLoop, EpochOutcome, TrainingPlace } from "./epoch-loop.ts";

/**
 * Learns epoch by epoch, and keeps what the best one came to.
 *
 * @param patience epochs without a better one before it ends early
 * @param judge    how bad an epoch was
 * @param keep     keeps the values of now
 * @returns the number of the epoch kept, from 1
 * @throws as `EpochLoop.epoch`
 */
export async function learnBest(
  loop: EpochLoop<TrainingPlace>,
  epochs: number,
  patience: number,
  judge: (outcome: EpochOutcome) => number,
  keep: () => void,
): Promise<number> {
  let best = Infinity;
  let bestEpoch = 0;
  for (let epoch = 1; epoch <= epochs && epoch - 1 - bestEpoch < patience; epoch++) {
    const badness = judge(await loop.epoch());
    if (badness < best) {
      best = badness;
      bestEpoch = epoch;
      keep();
    }
  }
  return bestEpoch;
}
