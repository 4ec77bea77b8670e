import { readdirSync, readFileSync } from "node:fs";
import { cpuUsage } from "node:process";

/** How many times as fast one way is as another, run in turns, so that whatever else the machine does meets both. */
export interface Pairs {
  readonly count: number;
  /** Medians of what pairs say, by the clock; and the tenth and ninth of ten of them. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Pairs in which threads hardly waited for a processor that others had, and their median. */
  readonly quietCount: number;
  readonly quietMedian: number | undefined;
  /** Processors' time of the first way over that of the second: 1 when sharing the work costs nothing of it. */
  readonly work: number;
}

const LEAST_PAIRS = 5;
const WARM_UP = 3; // at most: ways that take long are warm sooner
const QUIET = 0.01; // of a way's time, on each thread

/**
 * Runs two ways in turns, for about so many milliseconds.
 * @param threads how many the second way uses
 */
export async function runPairs(
  first: () => void,
  second: () => Promise<unknown>,
  { ms, threads }: { ms: number; threads: number },
): Promise<Pairs> {
  const warm = performance.now() + ms;
  for (let i = 0; i < WARM_UP && performance.now() < warm; i++) {
    first();
    await second();
  }
  const pairs: { ratio: number; work: number; isQuiet: boolean }[] = [];
  const end = performance.now() + ms;
  while (pairs.length < LEAST_PAIRS || performance.now() < end) {
    const one = await spent(async () => first());
    const other = await spent(second);
    const isQuiet = one.waitedMs <= QUIET * one.ms && other.waitedMs <= QUIET * threads * other.ms;
    pairs.push({ ratio: one.ms / other.ms, work: one.processorMs / other.processorMs, isQuiet });
  }
  const ratios = pairs.map(({ ratio }) => ratio);
  const quiet = pairs.filter(({ isQuiet }) => isQuiet).map(({ ratio }) => ratio);
  return {
    count: pairs.length,
    median: quantile(ratios, 0.5),
    low: quantile(ratios, 0.1),
    high: quantile(ratios, 0.9),
    quietCount: quiet.length,
    quietMedian: quiet.length === 0 ? undefined : quantile(quiet, 0.5),
    work: quantile(
      pairs.map(({ work }) => work),
      0.5,
    ),
  };
}

/** `1.85 (1.80–1.90)` */
export function showPairs({ median, low, high }: Pairs): string {
  return `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

/** `1.88 of 12`: what pairs say that had their processors to themselves, where that is known. */
export function showQuiet({ quietCount, quietMedian }: Pairs): string {
  return quietMedian === undefined ? "–" : `${quietMedian.toFixed(2)} of ${quietCount}`;
}

/** What a way takes: of the clock, of processors, and waiting for a processor though there was work to do. */
async function spent(way: () => Promise<unknown>) {
  const before = waitedMs();
  const begin = cpuUsage();
  const from = performance.now();
  await way();
  const ms = performance.now() - from;
  const { user, system } = cpuUsage(begin);
  return { ms, processorMs: (user + system) / 1000, waitedMs: waitedMs() - before };
}

/** How long the threads of this process have been ready to run while others ran. Only Linux tells; else NaN. */
function waitedMs(): number {
  const tasks = "/proc/self/task";
  try {
    return readdirSync(tasks).reduce((sum, task) => {
      // Nanoseconds it has run, nanoseconds it has waited, turns.
      const [, waited] = readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ");
      return sum + Number(waited) / 1e6;
    }, 0);
  } catch {
    return NaN;
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
