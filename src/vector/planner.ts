import { MOST_EF } from "../wasm/graph.ts";
import { beamFor } from "./beams.ts";
import {
  flatMicroseconds,
  listsMicroseconds,
  scanMicroseconds,
  walkMicroseconds,
} from "./costs.ts";
import type { Segment } from "./segment.ts";

// Rows that searches by codes look at, about: first ones, and so many for each answer.
const FIRST_ROWS = 16;
const ROWS_PER_ANSWER = 8;
// The same of lists, and the share of their codes that is looked up whole.
const ROWS_PER_LISTED = 4;
const WHOLE_CODES = 0.2;

const LONGER = 4;
// Where nothing was measured for more than ten answers: so much longer is the beam for each of them, up to where it would
// end in one cluster of rows.
const EF_PER_ANSWER = 1.5;
const MOST_UNMEASURED = 30;

/** How to search a segment: every row, their codes, or along its links with a beam of `ef`. */
export type Plan =
  { readonly by: "rows" | "codes" } | { readonly by: "graph"; readonly ef: number };

/**
 * The cheapest way to search a segment.
 * @param matches live rows that the filter lets through
 * @param k       most rows to answer
 * @param isForced whether links are followed also where codes would answer sooner
 */
export function planSearch(
  segment: Segment,
  matches: number,
  k: number,
  efSearch: number | undefined,
  isForced: boolean,
): Plan {
  const graph = planGraph(segment, matches, k, efSearch);
  const byCodes = isForced ? Infinity : costOfCodes(segment, matches, k);
  if (graph !== undefined && graph.cost < Math.min(costOfRows(segment, matches), byCodes)) {
    return graph;
  }
  return planScan(segment, matches, k);
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
  for (let ef = plan.ef * LONGER; ef <= MOST_EF; ef *= LONGER) {
    if (walkMicroseconds(segment.dim, ef) >= scanUs) break;
    yield { by: "graph", ef };
  }
  yield scan;
}

/** About how many microseconds a plan takes for one query on one thread. */
export function microsecondsOf(segment: Segment, plan: Plan, matches: number, k: number): number {
  if (plan.by === "graph") return walkMicroseconds(segment.dim, plan.ef);
  return plan.by === "codes" ? costOfCodes(segment, matches, k) : costOfRows(segment, matches);
}

/** The cheapest way that misses nothing that is there, as walking a graph may. */
function planScan(segment: Segment, matches: number, k: number): Plan {
  const isByCodes =
    costOfCodes(segment, matches, k) < costOfRows(segment, matches) && segment.isCoded;
  return { by: isByCodes ? "codes" : "rows" };
}

function costOfRows({ dim, isI8 }: Segment, rows: number): number {
  return scanMicroseconds(dim, rows, isI8);
}

function costOfCodes(segment: Segment, matches: number, k: number): number {
  const { dim, end, graph, isI8, beams } = segment;
  if (graph === undefined) {
    const work = { codes: end, nibbles: 0, rows: FIRST_ROWS + ROWS_PER_ANSWER * k };
    return flatMicroseconds(dim, work, isI8);
  }
  const measured = beamFor(beams, rankOf(segment, matches, k));
  if (measured !== undefined) return measured.codesUs;
  const work = { uppers: end, wholes: WHOLE_CODES * end, rows: FIRST_ROWS + ROWS_PER_LISTED * k };
  return listsMicroseconds(dim, graph.cells, work, isI8);
}

function planGraph(segment: Segment, matches: number, k: number, efSearch: number | undefined) {
  const { linkedEnd, defaultEf, beams, dim } = segment;
  if (linkedEnd === 0 || matches === 0) return undefined;
  if (efSearch !== undefined) {
    // Of what is met only the matches count, so the beam is as much longer.
    const ef = Math.ceil((Math.max(k, efSearch) * linkedEnd) / matches);
    return ef > MOST_EF
      ? undefined
      : ({ by: "graph", ef, cost: walkMicroseconds(dim, ef) } as const);
  }
  const rank = rankOf(segment, matches, k);
  const measured = beamFor(beams, rank);
  if (measured === undefined && rank > MOST_UNMEASURED) return undefined;
  const ef = Math.max(k, measured?.ef ?? defaultEf + EF_PER_ANSWER * Math.max(0, rank - 10));
  if (ef > MOST_EF) return undefined;
  return {
    by: "graph",
    ef: Math.ceil(ef),
    cost: measured?.walkUs ?? walkMicroseconds(dim, ef),
  } as const;
}

/** Among so many of all rows the `k` nearest of those that match are, where these are as far as others. */
function rankOf({ linkedEnd }: Segment, matches: number, k: number): number {
  return (k * linkedEnd) / Math.max(1, matches);
}
