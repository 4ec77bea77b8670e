import { setImmediate } from "node:timers/promises";
import {
  areDone,
  isDone,
  newRounds,
  openRounds,
  resultOf,
  runnableOf,
  seriesOf,
  stopRounds,
  takeRounds,
  type Rounds,
} from "../../wasm/network/series.ts";
import { soundRows } from "../../wasm/vectors/sound.ts";
import { checkValues } from "../engine/checks.ts";
import type { Hits } from "../engine/engine.ts";
import type { ManySearch, SearchPlace } from "./many-search.ts";
import { copyQueries, hitsOf, workOf } from "./segment-search.ts";
import { layOutShared, type Group, type Stage } from "./shared-stage.ts";

const SLICE_MS = 1; // after which others have the calling thread
const COPIED_AT_ONCE = 64; // queries, before the first of which other threads can't begin

/** Some rounds on their way. */
interface Turn extends Group {
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
 * @throws what is wrong with the queries, the reason of the signal, or what ended a round
 */
export async function searchShared(
  search: ManySearch,
  places: readonly SearchPlace[],
): Promise<SharedAnswers> {
  const { layout, queries } = search;
  const { dim } = layout;
  const count = queries.length / dim;
  const { stages, most, groupsOf } = layOutShared(layout, places, count);
  const found = places.map((): Hits[] => []);
  const short = new Map(places.map((place): [SearchPlace, number[]] => [place, []]));
  for (let first = 0; first < count; first += most) {
    const end = Math.min(count, first + most);
    const turns = groupsOf(end - first).map((group): Turn => ({
      ...group,
      rounds: newRounds(group.count),
    }));
    const open = (): void => openAll(search, stages, turns, [first, end]);
    await takeTurns(search, turns, open, (stage, query) => {
      const at = stages.indexOf(stage);
      const { segment, scratch, plan, k } = stage;
      if (plan.by === "graph" && scratch.counts[query] < k) {
        short.get(places[at])?.push(first + query);
      }
      found[at][first + query] = hitsOf(layout, segment, scratch, query, k);
    });
    stages.forEach((stage, i) => noteStage(search, stage, places[i].matches, turns, end - first));
  }
  return { found, short };
}

/** Copies queries to where they are searched for, and checks them, letting rounds begin as theirs are there. */
function openAll(
  { layout, queries }: ManySearch,
  stages: readonly Stage[],
  turns: readonly Turn[],
  [first, end]: readonly [number, number],
): void {
  const { dim, metric } = layout;
  for (let from = first; from < end; from += COPIED_AT_ONCE) {
    const to = Math.min(end, from + COPIED_AT_ONCE);
    const given = queries.subarray(from * dim, to * dim);
    for (const { scratch } of stages) copyQueries(layout, scratch, given, from - first);
    const [{ segment, scratch }] = stages;
    const copied = scratch.queries.subarray(
      (from - first) * segment.dim,
      (to - first) * segment.dim,
    );
    const sound = segment.heap.run(soundRows(segment.heap, copied, segment.dim));
    if (sound < to - from) checkValues("queries", queries, [from, to], dim, metric);
    for (const { rounds, first: its, size, count } of turns) {
      const ready = Math.floor((to - first - its) / size);
      if (ready > 0) openRounds(rounds, Math.min(count, ready));
    }
  }
}

/** Runs all rounds, which `open` lets begin; `take` is told of each query whose answers are there. */
async function takeTurns(
  { layout, signal, pool, startPool }: ManySearch,
  turns: readonly Turn[],
  open: () => void,
  take: (stage: Stage, query: number) => void,
): Promise<void> {
  let failure: { readonly reason: unknown } | undefined;
  const stop = (reason: unknown): void => {
    failure ??= { reason };
    for (const { rounds } of turns) stopRounds(rounds);
  };
  const allDone = (): boolean => turns.every(({ rounds }) => areDone(rounds));
  const helping = new Set<Promise<void>>();
  let isOver = false;
  async function help(lane: number): Promise<void> {
    try {
      const threads = pool ?? (await startPool());
      if (isOver) return;
      await threads.share(
        turns.map(({ heap, rounds, plans }) => ({ heap, series: seriesOf(rounds, plans[lane]) })),
      );
    } catch (reason) {
      stop(reason);
    }
  }
  // Others are woken first, and find their queries there when they are awake.
  for (let lane = 1; lane < layout.threads; lane++) {
    const helper: Promise<void> = help(lane).finally(() => helping.delete(helper));
    helping.add(helper);
  }
  const taken = turns.map(() => 0);
  const takeAnswers = (): void => {
    turns.forEach(({ stage, first, size, rounds, count }, i) => {
      for (; taken[i] < count && isDone(rounds, taken[i]); taken[i]++) {
        for (let q = 0; q < size; q++) take(stage, first + taken[i] * size + q);
      }
    });
  };
  try {
    open();
    const parts = turns.map(({ heap, rounds, plans }) => {
      const series = runnableOf(seriesOf(rounds, plans[0]));
      return (isEnough: () => boolean) => takeRounds((job) => heap.run(job), series, isEnough);
    });
    while (takeSlice(parts)) {
      takeAnswers();
      await setImmediate();
      if (signal?.aborted) stop(signal.reason);
    }
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
function takeSlice(parts: readonly ((isEnough: () => boolean) => boolean)[]): boolean {
  const end = performance.now() + SLICE_MS;
  const isEnough = (): boolean => performance.now() >= end;
  return parts.some((takeSome) => takeSome(isEnough));
}

/** Tells what the rounds of a stage have looked at. */
function noteStage(
  { note }: ManySearch,
  stage: Stage,
  matches: number,
  turns: readonly Turn[],
  queryCount: number,
): void {
  const its = turns.filter((turn) => turn.stage === stage);
  const result = its.reduce((sum, { rounds }) => sum + resultOf(rounds), 0);
  stage.lanes.forEach(({ graphScratch }, lane) => {
    // What walks have read is told by the scratch of each thread, all else by the first.
    const share = lane === 0 ? 1 : 0;
    const asked = {
      ...stage,
      firstSlot: 0,
      endSlot: stage.end,
      graphScratch,
      queryCount: share * queryCount,
    };
    note(workOf(asked, share * result, matches));
  });
}
