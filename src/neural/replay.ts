import { seededRandom } from "../util/random.ts";
import { joinSamples, takeSamples, type Samples } from "./samples.ts";

/** Samples that a model keeps to learn from again. */
export const MOST_REPLAY = 2048;

/** Samples kept to be learned from again beside new ones, as a network reads them. */
export interface Replay {
  readonly samples: Samples;
  /** To classify: the class of each. Else the target, as the network should say it. */
  readonly targets: Float32Array;
  /** Samples met so far, kept or not. */
  readonly seen: number;
}

/** An even choice of samples, the same for the same seed. */
export function chooseReplay(
  samples: Samples,
  targets: Float32Array,
  positions: Uint32Array,
  seed: number,
): Replay {
  const random = seededRandom(seed);
  const kept = keepEvenly(positions.length, random).map((i) => positions[i]);
  return {
    samples: takeSamples(samples, kept),
    targets: Float32Array.from(kept, (position) => targets[position]),
    seen: positions.length,
  };
}

/** Adds samples; once there are too many, each met so far is as likely to be kept as any. */
export function addToReplay(
  replay: Replay | undefined,
  samples: Samples,
  targets: Float32Array,
  seed: number,
): Replay {
  if (replay === undefined) {
    const positions = Uint32Array.from(targets, (_, i) => i);
    return chooseReplay(samples, targets, positions, seed);
  }
  const { count } = replay.samples;
  const random = seededRandom(seed);
  const slots = Array.from({ length: count }, (_, i) => i);
  for (let i = 0; i < samples.count; i++) {
    if (slots.length < MOST_REPLAY) slots.push(count + i);
    else {
      const place = Math.floor(random() * (replay.seen + i + 1));
      // Reservoir sampling: Vitter, 1985.
      if (place < MOST_REPLAY) slots[place] = count + i;
    }
  }
  const all = Float32Array.from([...replay.targets, ...targets]);
  return {
    samples: takeSamples(joinSamples(replay.samples, samples), slots),
    targets: Float32Array.from(slots, (slot) => all[slot]),
    seen: replay.seen + samples.count,
  };
}

/** Numbers below `count` that are kept, ascending. */
function keepEvenly(count: number, random: () => number): number[] {
  const kept: number[] = [];
  for (let i = 0; i < count; i++) {
    // Knuth, algorithm S: each is kept with the share that is still wanted of those to come.
    if (random() * (count - i) < MOST_REPLAY - kept.length) kept.push(i);
  }
  return kept;
}
