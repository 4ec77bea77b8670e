import { Bench } from "tinybench";

/** One thing to time. */
export interface Task {
  readonly name: string;
  run(): unknown;
}

/** How long a task took, over many calls. Times in milliseconds per call. */
export interface Timing {
  readonly name: string;
  readonly medianMs: number;
  /** Median absolute deviation: half of the calls were within this of the median. */
  readonly deviationMs: number;
  readonly samples: readonly number[];
}

/**
 * Times tasks in turn, each for `timeMs` after a warm-up.
 * @throws what a task throws: a task that fails has no time
 */
export async function time(tasks: readonly Task[], timeMs: number): Promise<Timing[]> {
  const bench = new Bench({
    time: timeMs,
    warmupTime: timeMs / 4,
    retainSamples: true,
    throws: true,
  });
  for (const { name, run } of tasks) bench.add(name, run);
  await bench.run();
  return bench.tasks.map(({ name, result }) => {
    if (!("latency" in result)) throw new Error(`${name} did not finish: ${result.state}`);
    const { p50, mad, samples } = result.latency;
    return { name, medianMs: p50, deviationMs: mad, samples: samples ?? [] };
  });
}
