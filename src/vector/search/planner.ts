import { MOST_CHOSEN } from "../../wasm/vectors/codes.ts";
import { MOST_EF } from "../../wasm/vectors/graph.ts";
import { BEAM_COUNTS, beamFor } from "../segment/beams.ts";
import {
  candidatesMicroseconds,
  flatMicroseconds,
  listsMicroseconds,
  matchesMicroseconds,
  rowsMicroseconds,
  scanMicroseconds,
  walkMicroseconds,
} from "./costs.ts";
import type { SearchWay } from "../engine/engine.ts";
import type { Segment } from "../segment/segment.ts";

// Rows that searches by codes look at, about: first ones, and so many for each answer; fewer where codes of four bits
// are asked before them, of so many times √(rows · answers).
const FIRST_ROWS = 16;
const ROWS_PER_ANSWER = 8;
const ROWS_BY_NIBBLES = 2;
const NIBBLES = 1.5;
// The same of lists, and the share of their codes that is looked up whole.
const ROWS_PER_LISTED = 4;
const WHOLE_CODES = 0.2;

// Where cells were not measured for so many answers: of what they take for all that have to be near, at least.
const UNKNOWN = 0.5;

const LONGER = 4;
const WORTH_A_WALK = 0.5; // of what looking everywhere takes: the longer walk may be in vain too
// So many standard deviations more matches than are asked for are to be among the nearest rows that are looked for.
const SURE = 2;
// Where nothing was measured for more than ten answers: so much longer is the beam for each of them, up to where it would
// end in one cluster of rows.
const EF_PER_ANSWER = 1.5;
const MOST_UNMEASURED = 30;

/** A search along the links of a segment. */
export interface WalkPlan {
  readonly by: "graph";
  /** Its beam. */
  readonly ef: number;
  /** Whether only answers count that the beam has reached, as where not every row that it meets may be answered. */
  readonly isWithin: boolean;
}

/** A search of a segment by the codes of its rows. */
export interface CodesPlan {
  readonly by: "codes";
  /** So many times as far, in squares, as the k-th nearest, are cells that are passed over; Infinity where none is. */
  readonly margin: number;
}

/** How to search a segment: every row, their codes, or along its links. */
export type Plan = { readonly by: "rows" } | CodesPlan | WalkPlan;

/**
 * The cheapest way to search a segment.
 * @param matches live rows that the filter lets through
 * @param k       most rows to answer
 * @param isForced whether links are followed also where codes of all lists would answer sooner
 * @param expected answers that a limit leaves to a segment without links, about
 */
export function planSearch(
  segment: Segment,
  matches: number,
  k: number,
  efSearch: number | undefined,
  isForced: boolean,
  expected = k,
): Plan {
  if (segment.graph === undefined) return planScan(segment, matches, expected);
  const byCodes = isForced ? Infinity : costOfCodes(segment, matches, k);
  let least = Math.min(costOfRows(segment, matches, k), byCodes);
  let plan: Plan | undefined;
  for (const its of [
    planGraph(segment, matches, k, efSearch),
    efSearch === undefined ? planPart(segment, matches, k) : undefined,
  ]) {
    if (its === undefined || its.cost >= least) continue;
    least = its.cost;
    plan = its;
  }
  return plan ?? planScan(segment, matches, k);
}

/** How searches of a segment go that ask for the nearest of all its rows. */
export function waysOf(segment: Segment, isForced: boolean): SearchWay[] {
  const { liveCount } = segment;
  return [1, ...BEAM_COUNTS]
    .filter((k) => k <= liveCount)
    .map((k) => {
      const plan = planSearch(segment, liveCount, k, undefined, isForced);
      if (plan.by !== "codes") return { k, by: plan.by === "graph" ? "links" : "rows" };
      return { k, by: plan.margin === Infinity ? "codes" : "cells" };
    });
}

/**
 * What to do next, one after the other, where a plan has found too few of the rows that match: links
 * may lead to more on a longer walk, and looking everywhere finds what is there.
 */
export function* widerPlans(
  plan: Plan,
  segment: Segment,
  matches: number,
  k: number,
): Generator<Plan> {
  if (plan.by !== "graph") return;
  const scan = planScan(segment, matches, k);
  const scanUs = microsecondsOf(segment, scan, matches, k);
  const ef = plan.ef * LONGER;
  const isCheap = walkMicroseconds(segment.dim, ef) < scanUs * WORTH_A_WALK;
  if (ef <= MOST_EF && isCheap) yield { by: "graph", ef, isWithin: plan.isWithin };
  yield scan;
}

/** About how many microseconds a plan takes for one query on one thread. */
export function microsecondsOf(segment: Segment, plan: Plan, matches: number, k: number): number {
  if (plan.by === "graph") return walkMicroseconds(segment.dim, plan.ef);
  if (plan.by === "rows") return costOfRows(segment, matches, k);
  if (plan.margin === Infinity) return costOfCodes(segment, matches, k);
  return planPart(segment, matches, k)?.cost ?? Infinity;
}

/** The cheapest way that misses nothing that is there, as walking a graph may. */
function planScan(segment: Segment, matches: number, k: number): Plan {
  const isByCodes =
    costOfCodes(segment, matches, k) < costOfRows(segment, matches, k) && segment.isCoded;
  return isByCodes ? { by: "codes", margin: Infinity } : { by: "rows" };
}

function costOfRows(segment: Segment, rows: number, k: number): number {
  const { dim, isI8, graph, liveCount } = segment;
  if (graph === undefined) return scanMicroseconds(dim, rows, isI8);
  if (rows === liveCount) return rowsMicroseconds(dim, rows, isI8);
  return matchesMicroseconds(dim, rows, k, isI8);
}

function costOfCodes(segment: Segment, matches: number, k: number): number {
  const { dim, end, graph, isI8, beams } = segment;
  if (graph === undefined) {
    const isByNibbles = segment.rowCodes?.nibbles !== undefined && k <= MOST_CHOSEN;
    const nibbles = isByNibbles ? Math.min(end, NIBBLES * Math.sqrt(end * k)) : 0;
    const rows = FIRST_ROWS + (isByNibbles ? ROWS_BY_NIBBLES : ROWS_PER_ANSWER) * k;
    return flatMicroseconds(dim, { codes: end, nibbles, rows }, isI8);
  }
  const rows = FIRST_ROWS + ROWS_PER_LISTED * k;
  const costOf = (wholes: number): number =>
    listsMicroseconds(dim, graph.cells, { uppers: end, wholes, rows }, isI8);
  const measured = beamFor(beams, rankOf(segment, matches, k));
  // However far the k-th that matches is: more than all codes are never looked up.
  return measured === undefined
    ? costOf(WHOLE_CODES * end)
    : Math.min(measured.codesUs, costOf(end));
}

/**
 * Ten and fewer are left to links, whose beam is measured by more rows. By chance the last of those that match is nearer than
 * may be expected, or farther: margins are for both.
 */
function planPart(segment: Segment, matches: number, k: number) {
  const { beams, dim, isI8 } = segment;
  const [least] = BEAM_COUNTS;
  const most = rankOf(segment, matches, k);
  if (most <= least) return undefined;
  const farthest = beamFor(beams, most);
  const nearest = beamFor(beams, Math.max(least, rankOf(segment, matches, k, -SURE)));
  if (farthest === undefined || nearest === undefined) return undefined;
  const margin = Math.max(farthest.margin, nearest.margin);
  if (margin === Infinity) return undefined;
  // Of rows that do not match only codes are looked up; more of these than for k of all rows, where that is known.
  const unread = candidatesMicroseconds(dim, most - k, isI8);
  const own = beamFor(beams, k)?.partUs ?? Infinity;
  const cost = Math.max(farthest.partUs - unread, own < Infinity ? own : UNKNOWN * farthest.partUs);
  return { by: "codes", margin, cost } as const;
}

function planGraph(segment: Segment, matches: number, k: number, efSearch: number | undefined) {
  const { linkedEnd, defaultEf, beams, dim } = segment;
  if (linkedEnd === 0 || matches === 0) return undefined;
  if (efSearch !== undefined) {
    // Of what is met only the matches count, so the beam is as much longer.
    const ef = Math.ceil((Math.max(k, efSearch) * linkedEnd) / matches);
    if (ef > MOST_EF) return undefined;
    return { by: "graph", ef, isWithin: false, cost: walkMicroseconds(dim, ef) } as const;
  }
  const rank = rankOf(segment, matches, k);
  const measured = beamFor(beams, rank);
  if (measured === undefined && rank > MOST_UNMEASURED) return undefined;
  const ef = Math.max(k, measured?.ef ?? defaultEf + EF_PER_ANSWER * Math.max(0, rank - 10));
  if (ef > MOST_EF) return undefined;
  const cost = measured?.walkUs ?? walkMicroseconds(dim, ef);
  return { by: "graph", ef: Math.ceil(ef), isWithin: matches < linkedEnd, cost } as const;
}

/**
 * Among so many of all rows are the `k` nearest of those that match, where these are as far as others.
 * @param sure standard deviations by which chance may have it otherwise
 */
function rankOf({ linkedEnd }: Segment, matches: number, k: number, sure = SURE): number {
  const share = Math.min(1, matches / Math.max(1, linkedEnd));
  return share === 1 ? k : (k + sure * Math.sqrt(k * (1 - share))) / Math.max(share, 1e-9);
}
