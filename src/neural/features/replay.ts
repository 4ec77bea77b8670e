import { seededRandom } from "../../util/random.ts";
import { joinSamples, takeSamples, type Samples } from "./samples.ts";

/** Samples that a model keeps to learn from again. */
const MOST_REPLAY = 2048;

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

/**
 * Adds samples. Once there are too many, each takes the place of one of the label that has most, so
 * that a label of few samples keeps them; where there are no labels, of any.
 *
 * Source: Chrysakis and Moens, Online continual learning from imbalanced data, 2020.
 */
export function addToReplay(
  replay: Replay | undefined,
  samples: Samples,
  targets: Float32Array,
  isClassifier: boolean,
  seed: number,
): Replay {
  if (replay === undefined) {
    const positions = Uint32Array.from(targets, (_, i) => i);
    return chooseReplay(samples, targets, positions, seed);
  }
  const { count } = replay.samples;
  const random = seededRandom(seed);
  const all = Float32Array.from([...replay.targets, ...targets]);
  const slots = Array.from({ length: count }, (_, i) => i);
  for (let i = count; i < all.length; i++) {
    if (slots.length < MOST_REPLAY) slots.push(i);
    else slots[placeToGive(slots, all, isClassifier, random)] = i;
  }
  return {
    samples: takeSamples(joinSamples(replay.samples, samples), slots),
    targets: Float32Array.from(slots, (slot) => all[slot]),
    seen: replay.seen + samples.count,
  };
}

function placeToGive(
  slots: readonly number[],
  labels: Float32Array,
  isClassifier: boolean,
  random: () => number,
): number {
  if (!isClassifier) return Math.floor(random() * slots.length);
  const places = new Map<number, number[]>();
  slots.forEach((slot, place) => {
    const held = places.get(labels[slot]);
    if (held === undefined) places.set(labels[slot], [place]);
    else held.push(place);
  });
  let most: number[] = [];
  for (const held of places.values()) if (held.length > most.length) most = held;
  return most[Math.floor(random() * most.length)];
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
