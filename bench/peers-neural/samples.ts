const WARM_UP_MS = 500;
const TIMED_MS = 2000;

/** Milliseconds of each call of `work`, over two seconds after a warm-up. */
export function samples(work: () => void): number[] {
  timesOf(work, WARM_UP_MS);
  return timesOf(work, TIMED_MS);
}

function timesOf(work: () => void, forMs: number): number[] {
  const times: number[] = [];
  const end = performance.now() + forMs;
  let last = performance.now();
  while (last < end) {
    work();
    const now = performance.now();
    times.push(now - last);
    last = now;
  }
  return times;
}
