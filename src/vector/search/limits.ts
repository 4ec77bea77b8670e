import type { Hits } from "../engine/engine.ts";
import type { RowLayout } from "../segment/layout.ts";
import type { SearchPlace } from "./many-search.ts";
import { scaleOf } from "./segment-search.ts";

type Asked = Pick<SearchPlace, "segment" | "plan" | "matches">;

const value = new Float32Array(1);
const bits = new Int32Array(value.buffer);

/** Whether a place is searched faster when it is known how far the k-th nearest is elsewhere. */
export function isLimited({ segment, plan }: Asked): boolean {
  return plan.by === "codes" && segment.graph === undefined;
}

/**
 * The order in which some places are asked, each by its number: first those that a limit does not help, then the largest,
 * so that what it finds limits what the others look at.
 */
export function askingOrder(places: readonly Asked[]): number[] {
  const order = Array.from(places, (_, i) => i);
  if (places.length < 2) return order;
  return order.sort((a, b) => {
    const isLater = Number(isLimited(places[a])) - Number(isLimited(places[b]));
    return isLater === 0 ? places[b].matches - places[a].matches : isLater;
  });
}

/**
 * The least distance, as kernels tell it, at which nothing is wanted any more once some answers are there: the next above
 * that of the k-th, as of equal ones those of the earlier segment are answered. Infinity while there are fewer.
 */
export function limitAfter(layout: RowLayout, { distances }: Hits, k: number): number {
  if (distances.length < k) return Infinity;
  const last = distances[k - 1] / scaleOf(layout);
  if (!Number.isFinite(last)) return Infinity;
  // −0 is 0 too.
  value[0] = last + 0;
  if (last === 0) bits[0] = 1;
  else bits[0] += last > 0 ? 1 : -1;
  return value[0];
}
