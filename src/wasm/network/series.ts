import type { Job, Kernels, Run } from "../abi/kernels.ts";

/**
 * How far threads have come with rounds of work that they take from each other: i32[2 + rounds], shared. How many
 * rounds were taken; how many may be; then for each what its last job has returned, and 1, once the round is done.
 */
export type Rounds = Int32Array;

const TAKEN = 0;
const OPEN = 1;
const FIRST = 2;

/** What one thread runs in rounds of the same jobs, one behind the other: flat, since threads are sent it. */
export interface RoundPlan {
  /** What the jobs of a round run, one after the other. */
  readonly kernels: readonly (keyof Kernels)[];
  /** Of each job: how many arguments it has, each in round 0, and what each is more in every next round. */
  readonly numbers: Float64Array;
}

/** Rounds, and what one thread runs in them. */
export interface Series extends RoundPlan {
  readonly rounds: Rounds;
}

/** A series as it is run: each job, whose arguments are written anew for each round, and what they are made of. */
export interface Runnable {
  readonly rounds: Rounds;
  readonly jobs: readonly {
    readonly job: { readonly kernel: keyof Kernels; readonly args: number[] };
    readonly first: Float64Array;
    readonly steps: Float64Array;
  }[];
}

/** Rounds of which none has begun, and none may begin before `openRounds` is told so. */
export function newRounds(count: number): Rounds {
  return new Int32Array(new SharedArrayBuffer(4 * (FIRST + count)));
}

/** How many rounds there are. */
function countRounds(rounds: Rounds): number {
  return rounds.length - FIRST;
}

/** Lets the first `count` rounds begin: what they read has been written. */
export function openRounds(rounds: Rounds, count = countRounds(rounds)): void {
  if (Atomics.exchange(rounds, OPEN, count) !== count) Atomics.notify(rounds, OPEN);
}

/**
 * A plan of the jobs that `jobsOf` makes of a round. It is asked of the first two of `count`, and places what it is
 * given for the others as far from each other.
 */
export function planRounds(count: number, jobsOf: (round: number) => readonly Job[]): RoundPlan {
  const jobs = jobsOf(0);
  const next = count > 1 ? jobsOf(1) : jobs;
  const numbers = jobs.flatMap(({ args }, i) => [
    args.length,
    ...args,
    ...args.map((argument, at) => next[i].args[at] - argument),
  ]);
  return { kernels: jobs.map(({ kernel }) => kernel), numbers: Float64Array.from(numbers) };
}

/** Rounds by a plan. */
export function seriesOf(rounds: Rounds, { kernels, numbers }: RoundPlan): Series {
  return { rounds, kernels, numbers };
}

/** What `takeRounds` runs. */
export function runnableOf({ rounds, kernels, numbers }: Series): Runnable {
  let at = 0;
  const jobs = kernels.map((kernel) => {
    const count = numbers[at];
    const first = numbers.subarray(at + 1, at + 1 + count);
    const steps = numbers.subarray(at + 1 + count, at + 1 + 2 * count);
    at += 1 + 2 * count;
    return { job: { kernel, args: Array.from(first) }, first, steps };
  });
  return { rounds, jobs };
}

/**
 * Takes rounds until none is left, or until it is told that they are enough; returns whether some may be left. Waits
 * for those that are not open yet.
 * @throws whatever a job threw; its round is never done
 */
export function takeRounds(
  run: Run,
  { rounds, jobs }: Runnable,
  isEnough?: () => boolean,
): boolean {
  for (;;) {
    const round = takeRound(rounds);
    if (round < 0) return false;
    let result = 0;
    for (const { job, first, steps } of jobs) {
      for (let i = 0; i < first.length; i++) job.args[i] = first[i] + round * steps[i];
      result = Number(run(job as unknown as Job) ?? 0);
    }
    // Whoever sees this sees what the jobs have written.
    Atomics.store(rounds, FIRST + round, result + 1);
    if (isEnough?.() === true) return true;
  }
}

/** The next round, −1 when all were taken. */
function takeRound(rounds: Rounds): number {
  for (;;) {
    const next = Atomics.load(rounds, TAKEN);
    if (next >= countRounds(rounds)) return -1;
    const open = Atomics.load(rounds, OPEN);
    if (next >= open) Atomics.wait(rounds, OPEN, open);
    else if (Atomics.compareExchange(rounds, TAKEN, next, next + 1) === next) return next;
  }
}

/** Lets no round begin any more. */
export function stopRounds(rounds: Rounds): void {
  // What was never begun counts as done, so that nobody waits for it.
  const count = countRounds(rounds);
  for (let i = Atomics.exchange(rounds, TAKEN, count); i < count; i++) {
    Atomics.store(rounds, FIRST + i, 1);
  }
  openRounds(rounds);
}

/** Whether a round is done: then what it has written can be read. */
export function isDone(rounds: Rounds, round: number): boolean {
  return Atomics.load(rounds, FIRST + round) !== 0;
}

/** Whether all of them are done. */
export function areDone(rounds: Rounds): boolean {
  for (let i = FIRST; i < rounds.length; i++) if (Atomics.load(rounds, i) === 0) return false;
  return true;
}

/** What the last jobs of all rounds have returned together. */
export function resultOf(rounds: Rounds): number {
  let sum = 0;
  for (let i = FIRST; i < rounds.length; i++) sum += rounds[i] - 1;
  return sum;
}
