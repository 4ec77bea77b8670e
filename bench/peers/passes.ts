import { cpuUsage } from "node:process";
import type { Effort, Peer } from "./peer.js";

const PASSES = 3;
/** A pass goes through all queries, and again until this is over. */
const PASS_MS = 250;
/** After this a pass of a slow engine ends with the queries it has asked. */
const LONG_PASS_MS = 60_000;

/** What one effort of a peer gave. */
export interface Measured {
  readonly effort: Effort;
  /** Keys found for each query. */
  readonly answers: readonly number[][];
  readonly queriesPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Processors that were busy, on average, while queries were timed. */
  readonly cpus: number;
}

/** Asks every query once to warm up, then in timed passes, and tells the median of these. */
export async function measure(peer: Peer, effort: Effort, queries: number): Promise<Measured> {
  const answers: number[][] = [];
  for (let i = 0; i < queries; i++) answers.push(Array.from(await peer.search(i, effort)));
  globalThis.gc?.();
  const started = performance.now();
  const busy = cpuUsage();
  const passes: Pass[] = [];
  for (let i = 0; i < PASSES; i++) passes.push(await pass(peer, effort, queries));
  const { user, system } = cpuUsage(busy);
  return {
    effort,
    answers,
    queriesPerSecond: median(passes.map((each) => each.queriesPerSecond)),
    p50Us: median(passes.map((each) => each.p50Us)),
    p99Us: median(passes.map((each) => each.p99Us)),
    cpus: (user + system) / 1000 / (performance.now() - started),
  };
}

type Pass = Pick<Measured, "queriesPerSecond" | "p50Us" | "p99Us">;

async function pass(peer: Peer, effort: Effort, queries: number): Promise<Pass> {
  const latencies: number[] = []; // in microseconds
  const started = performance.now();
  const busy = cpuUsage();
  let last = started;
  while (last - started < PASS_MS) {
    for (let i = 0; i < queries && last - started < LONG_PASS_MS; i++) {
      const answer = peer.search(i, effort);
      // An engine that answers at once doesn't wait for a turn of the event loop.
      if (answer instanceof Promise) await answer;
      const now = performance.now();
      latencies.push(1000 * (now - last));
      last = now;
    }
  }
  const { user, system } = cpuUsage(busy);
  const ascending = Float64Array.from(latencies).sort();
  // The clock also counts what other processes take, and the processor's time what threads do side by side.
  const ms = Math.min(last - started, (user + system) / 1000);
  return {
    queriesPerSecond: (1000 * latencies.length) / ms,
    p50Us: quantile(ascending, 0.5),
    p99Us: quantile(ascending, 0.99),
  };
}

function quantile(ascending: Float64Array, share: number): number {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)];
}

/** The middle of a few values; the lower one when two are in the middle. */
export function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}
