import type { Segment } from "./segment.ts";

/** The segment that a slot of the index stands in; the segments' first slots rise. */
export function segmentOf(segments: readonly Segment[], slot: number): Segment {
  return segments[segmentAt(segments, slot)];
}

/** Which of the segments a slot of the index stands in. */
export function segmentAt(segments: readonly Segment[], slot: number): number {
  // There are a handful, the last the largest.
  let at = segments.length - 1;
  while (at > 0 && segments[at].firstSlot > slot) at--;
  return at;
}
