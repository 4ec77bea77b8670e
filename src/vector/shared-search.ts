import { setImmediate } from "node:timers/promises";
import type { GraphScratch } from "../wasm/graph.ts";
import type { Heap } from "../wasm/heap.ts";
import type { Job } from "../wasm/kernels.ts";
import { layOutScratch, scratchBytes, type ScanScratch } from "../wasm/scan.ts";
import {
  areDone,
  isDone,
  newRounds,
  resultOf,
  seriesOf,
  stopRounds,
  takeRounds,
  type Rounds,
  type Series,
} from "../wasm/series.ts";
import type { Hits } from "./engine.ts";
import { scratchSizes, type RowLayout } from "./layout.ts";
import type { ManySearch, SearchPlace } from "./many-search.ts";
import { microsecondsOf } from "./planner.ts";
import { MOST_AT_ONCE, MOST_OF_ROUND } from "./segment-size.ts";
import {
  copyQueries,
  hitsOf,
  jobOf,
  placingJobs,
  visibleOnHeap,
  workOf,
  type RangeSearch,
} from "./segment-search.ts";

const ROUND_US = 100; // of several queries, so that taking a round costs little beside it
const IN_ROUNDS = 3 / 4; // of queries: the others are taken one by one, so that threads end together
const SLICE_MS = 1; // after which others have the calling thread

/** What searches of one segment stand in while threads share them. */
interface Stage extends SearchPlace {
  /** Queries, side by side, and their answers. */
  readonly scratch: ScanScratch;
  /** What each thread works in beside them. */
  readonly lanes: readonly Lane[];
  readonly perRound: number;
}

interface Lane extends Pick<ScanScratch, "block" | "tables" | "whole"> {
  readonly graphScratch: GraphScratch | undefined;
}

/** Rounds of so many queries each, from `first` on of those laid out. */
interface Group {
  readonly stage: Stage;
  readonly first: number;
  readonly size: number;
  readonly rounds: Rounds;
}

/** Answers of each place to each query, and the queries whose walks have led to too few. */
export interface SharedAnswers {
  readonly found: Hits[][];
  readonly short: ReadonlyMap<SearchPlace, number[]>;
}

/**
 * Answers every query at some places. This thread and the others of a pool take queries from each other; between
 * slices of a millisecond whoever waits for this thread has his turn. Threads that are busy or not there yet are not
 * waited for.
 *
 * @throws the reason of the signal, or what ended a round
 */
export async function searchShared(
  search: ManySearch,
  places: readonly SearchPlace[],
): Promise<SharedAnswers> {
  const { layout, queries } = search;
  const { dim } = layout;
  const count = queries.length / dim;
  const { stages, most } = layOut(search, places, count);
  const found = places.map((): Hits[] => []);
  const short = new Map(places.map((place): [SearchPlace, number[]] => [place, []]));
  for (let first = 0; first < count; first += most) {
    const given = queries.subarray(first * dim, Math.min(count, first + most) * dim);
    for (const { scratch } of stages) copyQueries(layout, scratch, given);
    const groups = stages.flatMap((stage) => groupsOf(stage, given.length / dim));
    await takeTurns(search, groups, ({ stage, query }) => {
      const at = stages.indexOf(stage);
      const { segment, scratch, plan, k } = stage;
      if (plan.by === "graph" && scratch.counts[query] < k) {
        short.get(places[at])?.push(first + query);
      }
      found[at][first + query] = hitsOf(layout, segment, scratch, query, k);
    });
    stages.forEach((stage) => noteStage(search, stage, groups, given.length / dim));
  }
  return { found, short };
}

/** Runs all rounds; `take` is told of each query whose answers are there. */
async function takeTurns(
  { layout, signal, startPool }: ManySearch,
  groups: readonly Group[],
  take: (answered: { stage: Stage; query: number }) => void,
): Promise<void> {
  let failure: { readonly reason: unknown } | undefined;
  const stop = (reason: unknown): void => {
    failure ??= { reason };
    for (const { rounds } of groups) stopRounds(rounds);
  };
  const allDone = (): boolean => groups.every(({ rounds }) => areDone(rounds));
  const helping = new Set<Promise<void>>();
  let isOver = false;
  async function help(lane: number): Promise<void> {
    try {
      const pool = await startPool();
      if (!isOver) await pool.share(partsOf(layout, groups, lane));
    } catch (reason) {
      stop(reason);
    }
  }
  for (let lane = 1; lane < layout.threads; lane++) {
    const helper: Promise<void> = help(lane).finally(() => helping.delete(helper));
    helping.add(helper);
  }
  const taken = groups.map(() => 0);
  const takeAnswers = (): void => {
    groups.forEach(({ stage, first, size, rounds }, i) => {
      for (; taken[i] < rounds.length - 1 && isDone(rounds, taken[i]); taken[i]++) {
        for (let q = 0; q < size; q++) take({ stage, query: first + taken[i] * size + q });
      }
    });
  };
  const parts = partsOf(layout, groups, 0);
  try {
    // The first turn is the others', so that they are asked before this thread begins.
    do {
      takeAnswers();
      await setImmediate();
      if (signal?.aborted) stop(signal.reason);
    } while (takeSlice(parts));
  } catch (reason) {
    stop(reason);
  }
  // Rounds that others have begun end soon, mostly before their threads could tell; those who have begun none find
  // none any more, and are not waited for.
  const soon = performance.now() + SLICE_MS;
  while (!allDone() && helping.size > 0) {
    await (performance.now() < soon ? setImmediate() : Promise.race(helping));
  }
  isOver = true;
  if (failure !== undefined) throw failure.reason;
  signal?.throwIfAborted();
  takeAnswers();
}

/** Takes rounds for a while; returns whether some may be left. */
function takeSlice(parts: readonly { heap: Heap; series: Series }[]): boolean {
  const end = performance.now() + SLICE_MS;
  const isEnough = (): boolean => performance.now() >= end;
  return parts.some(({ heap, series }) => takeRounds((job) => heap.run(job), series, isEnough));
}

/** What one thread takes its rounds of. */
function partsOf(
  layout: RowLayout,
  groups: readonly Group[],
  lane: number,
): { heap: Heap; series: Series }[] {
  return groups.map((group) => ({
    heap: group.stage.segment.heap,
    series: seriesOf(group.rounds, (round) => jobsOf(layout, group, lane, round)),
  }));
}

function jobsOf(
  layout: RowLayout,
  { stage, first, size }: Group,
  lane: number,
  round: number,
): Job[] {
  const { segment, visible, plan, k } = stage;
  const scratch = partOf(stage, first + round * size, size, stage.lanes[lane]);
  const asked: RangeSearch = {
    segment,
    plan,
    visible,
    firstSlot: 0,
    endSlot: stage.end,
    end: stage.end,
    scratch,
    graphScratch: stage.lanes[lane].graphScratch,
    queryCount: size,
    k,
  };
  return [...placingJobs(layout, segment, scratch, size), jobOf(layout, asked)];
}

/** Where some queries stand, and what one thread works in beside them. */
function partOf(
  { segment: { dim }, scratch, k }: Stage,
  first: number,
  count: number,
  { block, tables, whole }: Lane,
): ScanScratch {
  const end = first + count;
  return {
    queries: scratch.queries.subarray(first * dim, end * dim),
    distances: scratch.distances.subarray(first * k, end * k),
    slots: scratch.slots.subarray(first * k, end * k),
    counts: scratch.counts.subarray(first, end),
    block,
    tables,
    whole,
  };
}

function groupsOf(stage: Stage, count: number): Group[] {
  const { perRound } = stage;
  const whole = perRound === 1 ? 0 : Math.floor((count * IN_ROUNDS) / perRound);
  const first = whole * perRound;
  return [
    { stage, first: 0, size: perRound, rounds: newRounds(whole) },
    { stage, first, size: 1, rounds: newRounds(count - first) },
  ].filter(({ rounds }) => rounds.length > 1);
}

/** Copies the bits to where kernels see them, and lays out as many queries as fit. */
function layOut(
  { layout }: ManySearch,
  places: readonly SearchPlace[],
  count: number,
): { stages: Stage[]; most: number } {
  const { threads } = layout;
  const sizes = scratchSizes(layout);
  const onHeap = places.map(({ segment, visible }) => visibleOnHeap(segment, visible));
  const own = { ...sizes, queries: MOST_OF_ROUND, k: 0 };
  const fits = (most: number): boolean =>
    places.every(({ segment: { heap }, k }) => {
      const answers = scratchBytes({ ...sizes, queries: most, k });
      return answers + (threads - 1) * scratchBytes(own) <= heap.freeBytes;
    });
  let most = Math.min(count, MOST_AT_ONCE);
  while (most > 1 && !fits(most)) most = Math.ceil(most / 2);
  const stages = places.map((place, i): Stage => {
    const { segment, plan, matches, k } = place;
    const { heap, graphScratches } = segment;
    const us = microsecondsOf(segment, plan, matches, k);
    const perRound = Math.max(1, Math.min(MOST_OF_ROUND, Math.floor(ROUND_US / us)));
    const scratch = layOutScratch(heap, { ...sizes, queries: most, k });
    const lanes = Array.from({ length: threads }, (_, lane) => {
      const { block, tables, whole } = lane === 0 ? scratch : layOutScratch(heap, own);
      return { block, tables, whole, graphScratch: graphScratches.at(lane) };
    });
    return { ...place, visible: onHeap[i], scratch, lanes, perRound };
  });
  return { stages, most };
}

/** Tells what the rounds of a stage have looked at. */
function noteStage(
  { note }: ManySearch,
  stage: Stage,
  groups: readonly Group[],
  queryCount: number,
): void {
  const { end: endSlot, matches } = stage;
  const its = groups.filter((group) => group.stage === stage);
  const result = its.reduce((sum, { rounds }) => sum + resultOf(rounds), 0);
  stage.lanes.forEach(({ graphScratch }, lane) => {
    // What walks have read is told by the scratch of each thread, all else by the first.
    const share = lane === 0 ? 1 : 0;
    const asked = { ...stage, firstSlot: 0, endSlot, graphScratch, queryCount: share * queryCount };
    note(workOf(asked, share * result, matches));
  });
}
