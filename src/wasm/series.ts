import type { Job, Run } from "./kernels.ts";

/**
 * How far threads have come with rounds of work that they take from each other: i32[1 + rounds], shared. How many
 * rounds were asked for; then for each what its last job has returned, and 1, once the round is done.
 */
export type Rounds = Int32Array;

/** Rounds of the same jobs, one behind the other, as one thread runs them. */
export interface Series {
  readonly rounds: Rounds;
  /** In round i each argument of a job is that of round 0 and i times its step. */
  readonly jobs: readonly { readonly first: Job; readonly steps: readonly number[] }[];
}

/** Rounds of which none has begun. */
export function newRounds(count: number): Rounds {
  return new Int32Array(new SharedArrayBuffer(4 * (1 + count)));
}

/**
 * Rounds of the jobs that `jobsOf` makes of a round. It is asked of the first two, and places what it is given for
 * the others as far from each other.
 */
export function seriesOf(rounds: Rounds, jobsOf: (round: number) => readonly Job[]): Series {
  const second = rounds.length > 2 ? jobsOf(1) : undefined;
  const jobs = jobsOf(0).map((first, i) => {
    const next: readonly number[] = second?.[i].args ?? first.args;
    return { first, steps: first.args.map((argument, at) => next[at] - argument) };
  });
  return { rounds, jobs };
}

/**
 * Takes rounds until none is left, or until it is told that they are enough; returns whether some may be left.
 * @throws whatever a job threw; its round is never done
 */
export function takeRounds(run: Run, { rounds, jobs }: Series, isEnough?: () => boolean): boolean {
  for (;;) {
    const round = Atomics.add(rounds, 0, 1);
    if (round >= rounds.length - 1) return false;
    let result = 0;
    for (const { first, steps } of jobs) {
      const args = first.args.map((argument, i) => argument + round * steps[i]);
      result = Number(run({ kernel: first.kernel, args } as Job) ?? 0);
    }
    // Whoever sees this sees what the jobs have written.
    Atomics.store(rounds, 1 + round, result + 1);
    if (isEnough?.() === true) return true;
  }
}

/** Lets no round begin any more. */
export function stopRounds(rounds: Rounds): void {
  // What was never begun counts as done, so that nobody waits for it.
  for (let i = Atomics.exchange(rounds, 0, rounds.length - 1); i < rounds.length - 1; i++) {
    Atomics.store(rounds, 1 + i, 1);
  }
}

/** Whether a round is done: then what it has written can be read. */
export function isDone(rounds: Rounds, round: number): boolean {
  return Atomics.load(rounds, 1 + round) !== 0;
}

/** Whether all of them are done. */
export function areDone(rounds: Rounds): boolean {
  for (let i = 1; i < rounds.length; i++) if (Atomics.load(rounds, i) === 0) return false;
  return true;
}

/** What the last jobs of all rounds have returned together. */
export function resultOf(rounds: Rounds): number {
  let sum = 0;
  for (let i = 1; i < rounds.length; i++) sum += rounds[i] - 1;
  return sum;
}
