import { setImmediate as nextTurn } from "node:timers/promises";
import { Bench } from "tinybench";

/** One thing to time. */
export interface Task {
  readonly name: string;
  run(): unknown;
}

/** How much is spent on every task, and when to end early. */
export interface Effort {
  /** Milliseconds of each task, about. */
  readonly timeMs?: number;
  /** Calls of each task, instead of a time. */
  readonly calls?: number;
  /** Looked at between two turns. */
  readonly signal?: AbortSignal;
}

/** How long a task took, over many calls. Times in milliseconds per call. */
export interface Timing {
  readonly name: string;
  readonly medianMs: number;
  /** Median absolute deviation: half of the calls were within this of the median. */
  readonly deviationMs: number;
  readonly samples: readonly number[];
  /**
   * The mean of each turn that it had. Turns are about as long for all, and so meet as much of what else the
   * machine does; of short calls the median would not tell of it, and of long ones would.
   */
  readonly turns: readonly number[];
}

const DEFAULT_MS = 300;
const TURNS = 8;
const LEAST_TURNS = 3; // of tasks so slow that one call is a turn

/**
 * Times tasks after a warm-up, in turns: whatever else the machine does meanwhile meets all of them
 * alike. Between turns others have the thread.
 *
 * @throws what a task throws: a task that fails has no time
 * @throws the reason of the signal
 */
export async function time(tasks: readonly Task[], effort: Effort = {}): Promise<Timing[]> {
  const { calls, signal, timeMs = DEFAULT_MS } = effort;
  const turnMs = calls === undefined ? timeMs / TURNS : 0;
  const isAsync: boolean[] = [];
  for (const task of tasks) isAsync.push(await warmUp(task, 2 * turnMs, signal));
  const turns = tasks.map((): (readonly number[])[] => []);
  const began = performance.now();
  for (let turn = 0; turn < (calls ?? TURNS); turn++) {
    const isSpent = performance.now() - began > timeMs * tasks.length;
    if (calls === undefined && isSpent && turn >= LEAST_TURNS) break;
    // Every other turn goes backwards, so that no task is always the one after the same other.
    const order = turn % 2 === 0 ? tasks.keys() : [...tasks.keys()].toReversed();
    for (const i of order) turns[i].push(await oneTurn(tasks[i], isAsync[i], turnMs, signal));
  }
  return tasks.map(({ name }, i) => timingOf(name, turns[i]));
}

/** How many times as long the first took: the median of what each turn says, which both had. */
export function ratioOf(slow: Timing, fast: Timing): number {
  return median(fast.turns.map((ms, turn) => slow.turns[turn] / ms));
}

/** The middle of some numbers, or the mean of the two about it. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle];
  return (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Runs a task until it is as fast as it gets; returns whether it answers later. */
async function warmUp(task: Task, ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  signal?.throwIfAborted();
  const first = task.run();
  const isAsync = first instanceof Promise;
  await first;
  for (let spent = 0; spent < ms;) {
    const samples = await oneTurn(task, isAsync, ms / 4, signal);
    spent += samples.reduce((sum, sample) => sum + sample, 0);
  }
  return isAsync;
}

/** Milliseconds of each call of one turn; at least one call. */
async function oneTurn(
  { name, run }: Task,
  isAsync: boolean,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  await nextTurn();
  signal?.throwIfAborted();
  const bench = new Bench({
    time: ms,
    iterations: 1,
    warmup: false,
    retainSamples: true,
    throws: true,
  });
  bench.add(name, run, { async: isAsync });
  await bench.run();
  const [{ result }] = bench.tasks;
  if (!("latency" in result)) throw new Error(`${name} did not finish: ${result.state}`);
  return result.latency.samples ?? [];
}

function timingOf(name: string, turns: readonly (readonly number[])[]): Timing {
  const samples = turns.flat();
  const medianMs = median(samples);
  return {
    name,
    medianMs,
    deviationMs: median(samples.map((sample) => Math.abs(sample - medianMs))),
    samples,
    turns: turns.map((each) => each.reduce((sum, sample) => sum + sample, 0) / each.length),
  };
}
