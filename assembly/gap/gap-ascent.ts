import { boundOf } from "./gap-bound";
import { COUNTS, DIRECTION, KEPT, MULTIPLIERS, NUMBERS, STEPS, TASKS } from "./gap-problem";

// Numbers of an ascent, f64 at byte offsets.
//
//    0  most     the best bound; `kept` are the multipliers that proved it
//    8  idle     rounds since there was a better one
//   16  scale    of steps
//   24  value    the last bound
//   32  isNext   1 when the next round begins with a step from where the last one stood
//   40  target   what steps go for, a total cost; +Infinity if none is known
//   48  enough   the ascent ends when the bound is as good
//   56  tolerance  what the bound of an agent may be too high, so that it is found sooner; 0 is exact

const MOST: usize = 0;
const IDLE: usize = 8;
const SCALE: usize = 16;
const VALUE: usize = 24;
const IS_NEXT: usize = 32;
const TARGET: usize = 40;
const ENOUGH: usize = 48;

const MOST_IDLE: f64 = 8; // rounds without a better bound, until steps are halved
const MEMORY: f64 = 0.7; // of the last direction in the next
const LEAST_SCALE: f64 = 0.004;
const BETTER: f64 = 1e-5; // of a bound, by which a better one is worth more rounds
const FURTHER: f64 = 0.05; // of a bound, where steps go for as long as no plan does everything

/**
 * Raises the Lagrangian bound by subgradients, each direction with some of the last in it, for so many rounds. What
 * the last round chose is left as `gap_bound_f64` leaves it.
 *
 * @param problem as drawn in gap-problem.ts
 * @param rounds  at most
 * @returns how many rounds there were; fewer than `rounds` when there is nothing left to gain
 *
 * Source: Held, Wolfe and Crowder, Validation of subgradient optimization, 1974; Camerini, Fratta and Maffioli,
 * On improving relaxation methods by modified gradient techniques, 1975.
 */
export function gap_ascend_f64(problem: usize, rounds: u32): u32 {
  const numbers = <usize>load<u32>(problem, NUMBERS);
  const multipliers = <usize>load<u32>(problem, MULTIPLIERS);
  const kept = <usize>load<u32>(problem, KEPT);
  const bytes = (<usize>load<u32>(problem, TASKS)) << 3;
  store<u32>(problem, 0, STEPS);
  for (let round: u32 = 0; round < rounds; round++) {
    if (load<f64>(numbers, SCALE) <= LEAST_SCALE) return round;
    if (load<f64>(numbers, IS_NEXT) == 1 && !step(problem, numbers)) return round;
    const value = boundOf(problem);
    const most = load<f64>(numbers, MOST);
    store<f64>(numbers, value, VALUE);
    store<f64>(numbers, 1, IS_NEXT);
    if (value > most) {
      if (value > most + BETTER * Math.abs(value)) store<f64>(numbers, 0, IDLE);
      store<f64>(numbers, value, MOST);
      memory.copy(kept, multipliers, bytes);
      if (value >= load<f64>(numbers, ENOUGH)) return round + 1;
      continue;
    }
    store<f64>(numbers, load<f64>(numbers, IDLE) + 1, IDLE);
    if (load<f64>(numbers, IDLE) < MOST_IDLE) continue;
    store<f64>(numbers, 0.5 * load<f64>(numbers, SCALE), SCALE);
    store<f64>(numbers, 0, IDLE);
    store<f64>(numbers, 0, IS_NEXT);
    memory.copy(multipliers, kept, bytes);
    memory.fill(<usize>load<u32>(problem, DIRECTION), 0, bytes);
  }
  return rounds;
}

/** Goes a step towards tasks being chosen once each; false when they are. */
function step(problem: usize, numbers: usize): bool {
  const counts = <usize>load<u32>(problem, COUNTS);
  const direction = <usize>load<u32>(problem, DIRECTION);
  const multipliers = <usize>load<u32>(problem, MULTIPLIERS);
  const tasks = <usize>load<u32>(problem, TASKS);
  let square: f64 = 0;
  for (let task: usize = 0; task < tasks; task++) {
    const at = direction + (task << 3);
    const lack = 1 - <f64>load<u32>(counts + (task << 2));
    const next = lack + MEMORY * load<f64>(at);
    store<f64>(at, next);
    square += next * next;
  }
  if (square < 1e-9) return false;
  const most = load<f64>(numbers, MOST);
  const value = load<f64>(numbers, VALUE);
  const known = load<f64>(numbers, TARGET);
  const target = known < Infinity ? known : most + FURTHER * Math.abs(most);
  const way = load<f64>(numbers, SCALE) * max(target - value, 1e-6 * Math.abs(value));
  const length = way / square;
  for (let task: usize = 0; task < tasks; task++) {
    const at = multipliers + (task << 3);
    store<f64>(at, load<f64>(at) + length * load<f64>(direction + (task << 3)));
  }
  return true;
}
