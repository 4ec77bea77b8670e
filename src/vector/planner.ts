import { listBits } from "../wasm/cells.ts";
import { MOST_EF } from "../wasm/graph.ts";
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

const LONGER = 4;
const EF_PER_ANSWER = 1.5; // beyond the ten that a segment's default is for

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
  const byCodes = isForced ? Infinity : costOfCodes(segment, k);
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
  for (let ef = plan.ef * LONGER; ef <= MOST_EF; ef *= LONGER) yield { by: "graph", ef };
  yield planScan(segment, matches, k);
}

/** About how many microseconds a plan takes for one query on one thread. */
export function microsecondsOf(segment: Segment, plan: Plan, matches: number, k: number): number {
  if (plan.by === "graph") return walkMicroseconds(segment.dim, plan.ef);
  return plan.by === "codes" ? costOfCodes(segment, k) : costOfRows(segment, matches);
}

/** The cheapest way that misses nothing that is there, as walking a graph may. */
function planScan(segment: Segment, matches: number, k: number): Plan {
  const isByCodes = costOfCodes(segment, k) < costOfRows(segment, matches) && segment.isCoded;
  return { by: isByCodes ? "codes" : "rows" };
}

function costOfRows({ dim, isI8 }: Segment, rows: number): number {
  return scanMicroseconds(dim, rows, isI8);
}

function costOfCodes({ dim, end, graph, isI8 }: Segment, k: number): number {
  const work = { codes: end, nibbles: 0, rows: FIRST_ROWS + ROWS_PER_ANSWER * k };
  if (graph === undefined) return flatMicroseconds(dim, work, isI8);
  return listsMicroseconds(dim, listBits(graph.cells), work, isI8);
}

function planGraph(segment: Segment, matches: number, k: number, efSearch: number | undefined) {
  if (segment.linkedEnd === 0 || matches === 0) return undefined;
  const byDefault = segment.defaultEf + EF_PER_ANSWER * Math.max(0, k - 10);
  const wanted = Math.max(k, efSearch ?? byDefault);
  // Of what is met only the matches count, so the beam is as much longer.
  const ef = Math.ceil((wanted * segment.linkedEnd) / matches);
  if (ef > MOST_EF) return undefined;
  return { by: "graph", ef, cost: walkMicroseconds(segment.dim, ef) } as const;
}
