import { setImmediate } from "node:timers/promises";
import { slotsOf, liveBits } from "../search/filter.ts";
import type { RowStore } from "../segment/row-store.ts";
import type { Segment } from "../segment/segment.ts";
import { growingCapacity, mostRows } from "../segment/segment-size.ts";

const LEAST_SLOTS = 16_384; // fewer are searched soon wherever their rows stand
const MOVED_AT_ONCE = 128; // rows, with their codes: nobody waits longer than a millisecond or two for the thread
const ROOM = 2; // times as many rows: they are gathered again when half as many more have come

/** How rows are gathered. */
export interface GatherOptions {
  readonly signal: AbortSignal;
  /** Waits while nothing may change. */
  pause(): Promise<void>;
}

/**
 * Whether coded rows without links stand between many dead ones, or in segments that each take a search of their own, and will go
 * on to have none.
 */
export function isGatherDue(store: RowStore): boolean {
  const { layout, choice, keys } = store;
  if (!layout.coded || store.usedSlots < LEAST_SLOTS) return false;
  if (layout.graph !== undefined && choice?.kind !== "flat") return false;
  if (store.linked.length > 0) return false;
  return keys.size > 0 && ROOM * keys.size <= mostRows(layout, "growing") && store.isScattered;
}

/**
 * Moves all rows without links into one segment, some at a time: between them others have the thread, and every row is
 * where searches look, with its codes. Rows that are added meanwhile come to the same segment.
 *
 * @throws the reason of the signal, OUT_OF_HEAP; then rows are where they have come to
 */
export async function gatherRows(store: RowStore, { signal, pause }: GatherOptions): Promise<void> {
  const { layout } = store;
  const sources = store.growing;
  const target = store.makeSegment("growing", growingCapacity(layout, ROOM * store.keys.size));
  const [largest] = sources.toSorted((a, b) => b.liveCount - a.liveCount);
  const { rowCodes } = target;
  if (rowCodes !== undefined) largest.placeMean(rowCodes.adopt().centroid);
  store.retire(sources);
  try {
    for (const from of sources) {
      const slots = slotsOf(liveBits(from));
      for (let at = 0; at < slots.length; at += MOVED_AT_ONCE) {
        await setImmediate();
        await pause();
        signal.throwIfAborted();
        if (!moveSome(store, from, slots.subarray(at, at + MOVED_AT_ONCE), target)) return;
      }
    }
  } finally {
    store.dropSegments([...sources, target].filter(({ liveCount }) => liveCount === 0));
    store.retain(sources);
  }
}

/** Moves some rows, those of them that are live still, behind those of a segment; returns whether it had room for them. */
function moveSome(store: RowStore, from: Segment, slots: Uint32Array, to: Segment): boolean {
  const live = slots.filter((slot) => from.isLive(slot));
  const first = to.end;
  if (first + live.length > to.capacity) return false;
  live.forEach((slot, i) => to.copyRow(first + i, from, slot));
  to.end += live.length;
  to.rowCodes?.encode(to, first, live.length);
  live.forEach((slot, i) => store.move(from, slot, to, first + i));
  return true;
}
