import { cellCount } from "../../wasm/vectors/cells.ts";
import type { GraphScratch } from "../../wasm/vectors/graph.ts";
import type { Heap } from "../../wasm/heap.ts";
import type { Job } from "../../wasm/abi/kernels.ts";
import { layOutScratch, scratchBytes, type ScanScratch } from "../../wasm/vectors/scan.ts";
import { planRounds, type RoundPlan } from "../../wasm/network/series.ts";
import { scratchSizes, type RowLayout } from "../segment/layout.ts";
import type { SearchPlace } from "./many-search.ts";
import { microsecondsOf, type Plan } from "./planner.ts";
import { jobOf, placingJobs, type RangeSearch } from "./segment-search.ts";
import { MOST_AT_ONCE, MOST_OF_ROUND } from "../segment/segment-size.ts";
import type { Segment } from "../segment/segment.ts";

const ROUND_US = 400; // of several queries, so that taking a round costs little beside it
const LAST_ROUNDS = 2; // of each thread: their queries are taken one by one, so that threads end together

/** What searches of one segment stand in while threads share them, and how. */
export interface Stage {
  readonly segment: Segment;
  readonly plan: Plan;
  readonly end: number;
  readonly k: number;
  /** On the heap: the rows that count, a bit for each slot. */
  readonly visible: Uint32Array;
  /** Queries, side by side, and their answers. */
  readonly scratch: ScanScratch;
  /** What each thread works in beside them. */
  readonly lanes: readonly Lane[];
  readonly perRound: number;
}

interface Lane extends Pick<ScanScratch, "block" | "tables" | "whole"> {
  readonly graphScratch: GraphScratch | undefined;
}

/** Rounds of `size` queries each, from `first` on of those laid out. */
export interface Group {
  readonly stage: Stage;
  readonly first: number;
  readonly size: number;
  readonly count: number;
  readonly heap: Heap;
  /** What each thread runs in them. */
  readonly plans: readonly RoundPlan[];
}

/** Where some queries are searched for, laid out on the heaps. */
export interface Staging {
  readonly stages: readonly Stage[];
  /** Queries that are laid out at once. */
  readonly most: number;
  /** The rounds of so many of them. */
  groupsOf(count: number): readonly Group[];
}

interface Kept extends Staging {
  readonly key: readonly unknown[];
  /** What the heaps hold with it. */
  readonly ends: readonly number[];
}

// Laying out takes as long as some searches do, and mostly comes to the same as for the call before.
const kept = new WeakMap<Segment, Kept>();

/** Lays out as many queries as fit, and copies the bits of places to where kernels see them. */
export function layOutShared(
  layout: RowLayout,
  places: readonly SearchPlace[],
  count: number,
): Staging {
  const key = [count, ...places.flatMap(keyOf)];
  const before = kept.get(places[0].segment);
  let staging: Kept;
  if (before?.key.length === key.length && before.key.every((part, i) => part === key[i])) {
    staging = before;
    places.forEach(({ segment }, i) => segment.heap.retake(staging.ends[i]));
  } else {
    staging = layOut(layout, places, count, key);
    kept.set(places[0].segment, staging);
  }
  places.forEach(({ visible }, i) => {
    // One bit for every slot, also of those that links lead to by now.
    staging.stages[i].visible.fill(0, visible.length).set(visible);
    staging.stages[i].scratch.limits.fill(Infinity);
  });
  return staging;
}

/** All that the stage of a place and what threads run there depends on. */
function keyOf({ segment, plan, end, k, matches }: SearchPlace): readonly unknown[] {
  const { heap, graph } = segment;
  const { ef, isWithin, margin } = { ef: 0, isWithin: false, margin: 0, ...plan };
  const cells = graph === undefined ? 0 : cellCount(graph.cells);
  const perRound = perRoundOf(segment, plan, matches, k);
  return [segment, heap.usedBytes, plan.by, ef, isWithin, margin, end, k, cells, perRound];
}

function perRoundOf(segment: Segment, plan: Plan, matches: number, k: number): number {
  const us = microsecondsOf(segment, plan, matches, k);
  return Math.max(1, Math.min(MOST_OF_ROUND, Math.floor(ROUND_US / us)));
}

function layOut(
  layout: RowLayout,
  places: readonly SearchPlace[],
  count: number,
  key: readonly unknown[],
): Kept {
  const { threads } = layout;
  const sizes = scratchSizes(layout);
  const visible = places.map(({ segment: { heap, live } }) => heap.u32(live.length));
  const own = { ...sizes, queries: MOST_OF_ROUND, k: 0 };
  const fits = (most: number): boolean =>
    places.every(({ segment: { heap }, k }) => {
      const answers = scratchBytes({ ...sizes, queries: most, k });
      return answers + (threads - 1) * scratchBytes(own) <= heap.freeBytes;
    });
  let most = Math.min(count, MOST_AT_ONCE);
  while (most > 1 && !fits(most)) most = Math.ceil(most / 2);
  const stages = places.map(({ segment, plan, end, k, matches }, i): Stage => {
    const { heap, graphScratches } = segment;
    const perRound = perRoundOf(segment, plan, matches, k);
    const scratch = layOutScratch(heap, { ...sizes, queries: most, k });
    const lanes = Array.from({ length: threads }, (_, lane) => {
      const { block, tables, whole } = lane === 0 ? scratch : layOutScratch(heap, own);
      return { block, tables, whole, graphScratch: graphScratches.at(lane) };
    });
    return { segment, plan, end, k, visible: visible[i], scratch, lanes, perRound };
  });
  const groups = new Map<number, readonly Group[]>();
  const groupsOf = (count: number): readonly Group[] => {
    let known = groups.get(count);
    if (known === undefined) {
      known = stages.flatMap((stage) => groupsIn(layout, stage, count));
      groups.set(count, known);
    }
    return known;
  };
  const ends = places.map(({ segment: { heap } }) => heap.usedBytes);
  return { key, ends, stages, most, groupsOf };
}

function groupsIn(layout: RowLayout, stage: Stage, queries: number): Group[] {
  const { perRound, lanes } = stage;
  const last = LAST_ROUNDS * layout.threads * perRound;
  const whole = perRound === 1 ? 0 : Math.max(0, Math.floor((queries - last) / perRound));
  const first = whole * perRound;
  return [
    { first: 0, size: perRound, count: whole },
    { first, size: 1, count: queries - first },
  ]
    .filter(({ count }) => count > 0)
    .map(({ first, size, count }) => {
      const plans = lanes.map((lane) =>
        planRounds(count, (round) => jobsOf(layout, stage, lane, first + round * size, size)),
      );
      return { stage, first, size, count, heap: stage.segment.heap, plans };
    });
}

function jobsOf(
  layout: RowLayout,
  stage: Stage,
  lane: Lane,
  first: number,
  queryCount: number,
): Job[] {
  const { segment, plan, visible, end, k } = stage;
  const scratch = partOf(stage, first, queryCount, lane);
  const asked: RangeSearch = {
    segment,
    plan,
    visible,
    firstSlot: 0,
    endSlot: end,
    end,
    scratch,
    graphScratch: lane.graphScratch,
    queryCount,
    k,
  };
  return [...placingJobs(layout, segment, scratch, queryCount), jobOf(layout, asked)];
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
    limits: scratch.limits.subarray(first, end),
    distances: scratch.distances.subarray(first * k, end * k),
    slots: scratch.slots.subarray(first * k, end * k),
    counts: scratch.counts.subarray(first, end),
    block,
    tables,
    whole,
  };
}
