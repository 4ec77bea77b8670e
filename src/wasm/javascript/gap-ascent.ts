import { ASCENT, GAP_STEPS } from "../abi/gap-numbers.ts";
import { boundOf, gapAt, type PlainGap } from "./gap-bound.ts";
import type { Views } from "./turn.ts";

// The twin of assembly/gap/gap-ascent.ts.

const MOST_IDLE = 8; // these five as there
const MEMORY = 0.7;
const LEAST_SCALE = 0.004;
const BETTER = 1e-5;
const FURTHER = 0.05;

/** The twin of `gap_ascend_f64`. */
export function ascendBound(views: Views, address: number, rounds: number): number {
  const problem = gapAt(views, address);
  const { numbers, multipliers, kept, direction, words } = problem;
  const { most, idle, scale, value: last, isNext, enough } = ASCENT;
  words[GAP_STEPS] = 0;
  for (let round = 0; round < rounds; round++) {
    if (numbers[scale] <= LEAST_SCALE) return round;
    if (numbers[isNext] === 1 && !step(problem)) return round;
    const value = boundOf(problem);
    const before = numbers[most];
    numbers[last] = value;
    numbers[isNext] = 1;
    if (value > before) {
      if (value > before + BETTER * Math.abs(value)) numbers[idle] = 0;
      numbers[most] = value;
      kept.set(multipliers);
      if (value >= numbers[enough]) return round + 1;
      continue;
    }
    if (++numbers[idle] < MOST_IDLE) continue;
    numbers[scale] *= 0.5;
    numbers[idle] = 0;
    numbers[isNext] = 0;
    multipliers.set(kept);
    direction.fill(0);
  }
  return rounds;
}

function step({ tasks, counts, direction, multipliers, numbers }: PlainGap): boolean {
  let square = 0;
  for (let task = 0; task < tasks; task++) {
    const next = 1 - counts[task] + MEMORY * direction[task];
    direction[task] = next;
    square += next * next;
  }
  if (square < 1e-9) return false;
  const most = numbers[ASCENT.most];
  const value = numbers[ASCENT.value];
  const known = numbers[ASCENT.target];
  const target = known < Infinity ? known : most + FURTHER * Math.abs(most);
  const way = numbers[ASCENT.scale] * Math.max(target - value, 1e-6 * Math.abs(value));
  const length = way / square;
  for (let task = 0; task < tasks; task++) multipliers[task] += length * direction[task];
  return true;
}
