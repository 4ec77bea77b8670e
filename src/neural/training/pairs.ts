import { seededRandom } from "../../util/random.ts";
import { shuffle } from "./classes.ts";
import type { TrainingData } from "./training-data.ts";

const EACH_WAY = 32; // others that a sample is compared with on either side of it
const MOST_PAIRS = 1_000_000; // with fewer others each, of very many samples
const SEED = 1;

/**
 * Pairs of samples of one group, the better first: [a₀, b₀, a₁, b₁, …]. All pairs of a group of up to 65 samples; those of a
 * larger one stand in a circle, in an order drawn at random, and each is compared with its neighbors: all of them as
 * often.
 *
 * @param positions samples to pair
 */
export function pairsOf(
  { targets, groups }: Pick<TrainingData, "targets" | "groups">,
  positions: Uint32Array,
): Uint32Array {
  const eachWay = Math.min(EACH_WAY, Math.max(1, Math.floor(MOST_PAIRS / positions.length)));
  const pairs: number[] = [];
  const add = (a: number, b: number): void => {
    const gap = targets[a] - targets[b];
    if (gap > 0) pairs.push(a, b);
    else if (gap < 0) pairs.push(b, a);
  };
  for (const group of membersOf(groups, positions)) {
    const { length } = group;
    if (length <= 2 * eachWay + 1) {
      for (let i = 0; i < length; i++) {
        for (let j = i + 1; j < length; j++) add(group[i], group[j]);
      }
      continue;
    }
    const circle = Uint32Array.from(group);
    shuffle(circle, seededRandom(SEED));
    for (let i = 0; i < length; i++) {
      for (let apart = 1; apart <= eachWay; apart++) add(circle[i], circle[(i + apart) % length]);
    }
  }
  return Uint32Array.from(pairs);
}

function membersOf(
  groups: TrainingData["groups"],
  positions: Uint32Array,
): Iterable<readonly number[]> {
  const members = new Map<string | number, number[]>();
  for (const position of positions) {
    const group = members.get(groups[position]);
    if (group === undefined) members.set(groups[position], [position]);
    else group.push(position);
  }
  return members.values();
}
