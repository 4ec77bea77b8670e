/** What a call takes, for each of so many, in microseconds, ascending. */
export function timesOf(count: number, run: (i: number) => void): number[] {
  return Array.from({ length: count }, (_, i) => {
    const from = performance.now();
    run(i);
    return 1000 * (performance.now() - from);
  }).toSorted((a, b) => a - b);
}

/** The time that such a share of all, which ascend, are below. */
export function quantile(times: readonly number[], share: number): number {
  return times[Math.floor(times.length * share)];
}
