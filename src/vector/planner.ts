import { listBits } from "../wasm/cells.ts";
import { MOST_EF } from "../wasm/graph.ts";
import type { Segment } from "./segment.ts";

// What searches cost, in rows of f32 looked at one after the other (measured at 384 to 1,536 values).
const ROWS_PER_ROW_I8 = 0.4; // a row of 8 bits
const CODES_PER_ROW = 14; // codes of one bit that take as long as one row
const FIRST_ROWS = 64;
const ROWS_PER_ANSWER = 24;
const ROWS_PER_HOP = 14; // a record stands anywhere in memory, and is twice as long as a row
const FIRST_HOPS = 12;
const HOPS_PER_EF = 0.75;

const VALUES_PER_US = 8000; // of rows of f32 in memory, on one thread
const VALUES_OF_VISIT = 64; // what looking at a row costs however short it is

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
  const rows =
    plan.by === "graph"
      ? costOfLinks(plan.ef)
      : plan.by === "codes"
        ? costOfCodes(segment, k)
        : costOfRows(segment, matches);
  return (rows * (segment.dim + VALUES_OF_VISIT)) / VALUES_PER_US;
}

/** The cheapest way that misses nothing that is there, as walking a graph may. */
function planScan(segment: Segment, matches: number, k: number): Plan {
  const isByCodes = costOfCodes(segment, k) < costOfRows(segment, matches) && segment.isCoded;
  return { by: isByCodes ? "codes" : "rows" };
}

function costOfRows({ isI8 }: Segment, rows: number): number {
  return isI8 ? ROWS_PER_ROW_I8 * rows : rows;
}

function costOfCodes(segment: Segment, k: number): number {
  const { end, graph } = segment;
  const perRow = CODES_PER_ROW / (graph === undefined ? 1 : listBits(graph.cells));
  return end / perRow + costOfRows(segment, FIRST_ROWS + ROWS_PER_ANSWER * k);
}

function costOfLinks(ef: number): number {
  return ROWS_PER_HOP * (FIRST_HOPS + HOPS_PER_EF * ef);
}

function planGraph(segment: Segment, matches: number, k: number, efSearch: number | undefined) {
  if (segment.linkedEnd === 0 || matches === 0) return undefined;
  const byDefault = segment.defaultEf + EF_PER_ANSWER * Math.max(0, k - 10);
  const wanted = Math.max(k, efSearch ?? byDefault);
  // Of what is met only the matches count, so the beam is as much longer.
  const ef = Math.ceil((wanted * segment.linkedEnd) / matches);
  if (ef > MOST_EF) return undefined;
  return { by: "graph", ef, cost: costOfLinks(ef) } as const;
}
