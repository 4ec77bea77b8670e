import type { Filter } from "./engine.ts";
import type { KeyTable } from "./key-table.ts";
import type { Segment } from "./segment.ts";

/**
 * Marks in every segment's `masked` bits the live rows that `filter` lets through. A test is asked
 * once for each live row; keys that are given are looked up, or looked for, whichever is less work.
 */
export function maskSegments(segments: readonly Segment[], keys: KeyTable, filter: Filter): void {
  if (typeof filter === "function") {
    for (const segment of segments) maskByTest(segment, keys, filter);
    return;
  }
  const isSet = isReadonlySet(filter);
  if (isSet && filter.size > keys.size) {
    for (const segment of segments) maskByTest(segment, keys, (key) => filter.has(key));
    return;
  }
  for (const segment of segments) segment.masked.fill(0, 0, (segment.end + 31) >>> 5);
  const markKey = (key: number): void => {
    const slot = keys.slotOf(key);
    if (slot === undefined) return;
    const segment = segmentOf(segments, slot);
    const local = slot - segment.firstSlot;
    segment.masked[local >>> 5] |= 1 << (local & 31);
  };
  if (isSet) filter.forEach(markKey);
  else for (let i = 0; i < filter.length; i++) markKey(filter[i]);
}

/** The segment that a slot of the index stands in. */
export function segmentOf(segments: readonly Segment[], slot: number): Segment {
  // There are a handful, the last the largest.
  for (let i = segments.length - 1; i > 0; i--) {
    if (segments[i].firstSlot <= slot) return segments[i];
  }
  return segments[0];
}

/** Whether a filter is a set rather than a list of keys. */
export function isReadonlySet(
  filter: ReadonlySet<number> | ArrayLike<number>,
): filter is ReadonlySet<number> {
  return "has" in filter && typeof filter.has === "function";
}

function maskByTest(segment: Segment, keys: KeyTable, test: (key: number) => boolean): void {
  const words = (segment.end + 31) >>> 5;
  for (let word = 0; word < words; word++) {
    let mask = 0;
    for (let rest = segment.live[word]; rest !== 0; rest &= rest - 1) {
      const bit = 31 - Math.clz32(rest & -rest);
      if (test(keys.keyOf(segment.firstSlot + word * 32 + bit))) mask |= 1 << bit;
    }
    segment.masked[word] = mask;
  }
}
