import { setImmediate as nextTurn } from "node:timers/promises";
import { time, type Effort, type Task, type Timing } from "./timing.ts";

/** One way to do a piece of work that others do too. */
export interface Contender extends Task {
  /** What its last run computed; without it the task is timed beside the others and not checked. */
  readonly answer?: () => ArrayLike<number>;
  /** Takes away what another has left where the answer will stand. */
  readonly clear?: () => void;
  /** Most that its answer may differ, as a share of the largest; default 1e-4, of other orders of sums. */
  readonly tolerance?: number;
}

/**
 * Times contenders at the same work, in turns. Each runs once before, and what it computed is held
 * against the first one's.
 *
 * @throws {Error} naming the contender that computes something else
 */
export async function contest(
  work: string,
  contenders: readonly Contender[],
  effort: Effort = {},
): Promise<Timing[]> {
  let expected: Float64Array | undefined;
  for (const { name, run, answer, clear, tolerance = 1e-4 } of contenders) {
    if (answer === undefined) continue;
    await nextTurn();
    clear?.();
    await run();
    const found = Float64Array.from(answer());
    expected ??= found;
    const apart = differenceOf(found, expected);
    if (!(apart <= tolerance)) {
      throw new Error(`${work}, ${name}: an answer differs by ${apart} of the largest`);
    }
  }
  return time(contenders, effort);
}

/** The largest difference over the largest value; NaN when lengths differ or a value is none. */
function differenceOf(found: Float64Array, expected: Float64Array): number {
  if (found.length !== expected.length || found.length === 0) return NaN;
  let apart = 0;
  let largest = 0;
  for (let i = 0; i < found.length; i++) {
    const difference = Math.abs(found[i] - expected[i]);
    if (!Number.isFinite(difference)) return NaN;
    apart = Math.max(apart, difference);
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return largest === 0 ? apart : apart / largest;
}
