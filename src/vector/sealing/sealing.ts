import { setImmediate } from "node:timers/promises";
import { augment, axisFor, axisOf, radiusFor, squareOf } from "../segment/augmentation.ts";
import { calibrate } from "./calibration.ts";
import { slotsOf, liveBits } from "../search/filter.ts";
import { listAll } from "./cell-builder.ts";
import { clearLinks, linkRows, reconnect } from "./graph-builder.ts";
import { sampleSlots } from "./graph-sample.ts";
import { jobRunner, type LinkOptions } from "./link-jobs.ts";
import { noteTwins } from "../../wasm/vectors/graph.ts";
import type { RowStore } from "../segment/row-store.ts";
import type { Segment } from "../segment/segment.ts";
import { linkedCapacity, mostRows } from "../segment/segment-size.ts";
import { spread } from "../segment/spread.ts";

const COPIED_AT_ONCE = 512; // rows, so that nobody waits long for the thread that copies
const MOVED_AT_ONCE = 2048;
// Under inner products rows get links that are up to so many times as long as one of middle length, of some of a segment.
const MOST_TIMES_MIDDLE = 1000;
const MEASURED_ROWS = 1024;

/** What sealing needs beside what linking needs. */
export interface SealRowsOptions extends Omit<LinkOptions, "onProgress"> {
  readonly onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
  /** Asked once the first rows have links: whether they are worth it. If not, rows stay where they stand. */
  readonly isWorthwhile?: ((linked: Segment) => Promise<boolean>) | undefined;
}

/** Rows of one segment that have copies in another. */
interface Copies {
  readonly from: Segment;
  readonly slots: Uint32Array;
  /** Where the copy of the first stands; the others follow. */
  readonly place: number;
}

/**
 * Moves the live rows of some segments into linked ones, and lets go of the segments. Their rows
 * answer until the copies have their links; what dies meanwhile is dead in the copy too.
 *
 * @throws what `linkRows` throws, OUT_OF_HEAP; then the rows stand where they stood
 */
export async function sealRows(
  store: RowStore,
  sources: readonly Segment[],
  options: SealRowsOptions,
): Promise<void> {
  const longest = options.layout.metric === "dot" ? longestSquare(store, sources) : 0;
  sources = [...sources, ...shorterThan(store, sources, longest)];
  let rest = sources.map((from) => ({ from, slots: slotsToLink(store, from, longest) }));
  const total = rest.reduce((sum, { slots }) => sum + slots.length, 0);
  const dropEmpty = (): void =>
    store.dropSegments([...sources, ...store.linked].filter(({ liveCount }) => liveCount === 0));
  store.retire(sources);
  let done = 0;
  try {
    while (rest.some(({ slots }) => slots.length > 0)) {
      const { target, copies } = await copyRows(store, rest, longest, options);
      const asked = sampleSlots(target);
      await linkRows(target, {
        ...options,
        onProgress: (rows) => options.onProgress?.({ done: done + rows, total }),
        last: asked,
        beforeLast: () => calibrate(target, asked, options),
      });
      if (done === 0 && (await options.isWorthwhile?.(target)) === false) {
        store.dropSegments([target]);
        return;
      }
      for (const copied of copies) done += await moveRows(store, copied, target, options);
      rest = rest.map(({ from, slots }) => ({
        from,
        slots: slots.filter((slot) => from.isLive(slot)),
      }));
      dropEmpty();
      options.onProgress?.({ done, total });
    }
    dropEmpty();
    store.unlinked = sources.reduce((sum, { liveCount }) => sum + liveCount, 0);
  } finally {
    store.retain(sources);
    // What a failure has left without links has no keys either, and only takes room: in a new graph
    // nothing else stands, and in an old one it counts as dead.
    store.dropSegments(store.linked.filter(({ linkedEnd }) => linkedEnd === 0));
    for (const segment of store.linked) {
      if (segment.linkedEnd === segment.end) continue;
      reconnect(segment, options.layout);
      segment.linkedEnd = segment.end;
    }
  }
}

/** The other linked segments, whose rows can't be made as long as the longest of the sources. */
function shorterThan(store: RowStore, sources: readonly Segment[], longest: number): Segment[] {
  return store.linked.filter(
    (segment) => segment.radius ** 2 < longest && !sources.includes(segment),
  );
}

/** Live rows of a segment that are to have links. */
function slotsToLink({ layout }: RowStore, from: Segment, longest: number): Uint32Array {
  const slots = slotsOf(liveBits(from));
  if (layout.metric !== "dot" || from.graph !== undefined) return slots;
  const axis = axisOf(layout, from);
  return slots.filter((slot) => squareAt(from, slot, axis) <= longest);
}

/** Copies as many of some rows as one segment has room for behind the rows that it has. */
async function copyRows(
  store: RowStore,
  wanted: readonly Omit<Copies, "place">[],
  longest: number,
  options: SealRowsOptions,
): Promise<{ target: Segment; copies: Copies[] }> {
  const { layout, pause } = options;
  const rows = wanted.reduce((sum, { slots }) => sum + slots.length, 0);
  const last = store.linked.at(-1);
  const isUsable = last !== undefined && wanted.every(({ from }) => from !== last);
  const target = isUsable
    ? await withRoom(store, last, rows, options)
    : store.makeSegment("linked", linkedCapacity(layout, rows));
  const axis = axisFor(layout, target);
  if (target.end === 0) target.setRadius(radiusFor(longest), axis);
  const copies: Copies[] = [];
  for (const { from, slots } of wanted) {
    const some = slots.subarray(0, Math.min(slots.length, target.capacity - target.end));
    const place = target.end;
    for (let i = 0; i < some.length; i++) {
      target.copyRow(target.end, from, some[i]);
      if (axis !== undefined && !target.isI8) {
        augment(target.row(target.end), axis, target.radius);
      }
      clearLinks(target, target.end);
      target.keys[target.end++] = from.keys[some[i]];
      if (i % COPIED_AT_ONCE === 0) await breathe(options);
    }
    copies.push({ from, slots: some, place });
  }
  await pause?.();
  return { target, copies };
}

/**
 * The square of the longest live row, as it was given, that can have links beside the others: f32 has seven digits, and
 * what is made as long as a row of a million times its length is rounded to nothing.
 */
export function longestSquare(store: RowStore, sources: readonly Segment[]): number {
  const most = MOST_TIMES_MIDDLE ** 2 * middleSquare(store);
  let longest = 0;
  for (const from of sources) {
    const axis = axisOf(store.layout, from);
    for (const slot of slotsOf(liveBits(from))) {
      const square = squareAt(from, slot, axis);
      if (square <= most || from.graph !== undefined) longest = Math.max(longest, square);
    }
  }
  return longest;
}

/** The square of a row of middle length that is not zero, of some from all over; Infinity if there is none. */
function middleSquare({ layout, segments }: RowStore): number {
  const squares = segments.flatMap((from) => {
    const axis = axisOf(layout, from);
    const slots = Array.from(spread(from.end, Math.min(from.end, MEASURED_ROWS)));
    return slots.map((slot) => squareAt(from, slot, axis)).filter((square) => square > 0);
  });
  return squares.toSorted((a, b) => a - b)[squares.length >> 1] ?? Infinity;
}

function squareAt(from: Segment, slot: number, axis: Float32Array): number {
  return from.isI8 ? from.squareOf(slot) : squareOf(from.row(slot), axis);
}

/** A linked segment itself, or if it has no room for so many rows its copy in a larger one. */
async function withRoom(
  store: RowStore,
  segment: Segment,
  rows: number,
  options: SealRowsOptions,
): Promise<Segment> {
  const { layout } = store;
  const most = mostRows(layout, "linked");
  if (segment.capacity - segment.end >= rows) return segment;
  if (segment.capacity >= most) return store.makeSegment("linked", linkedCapacity(layout, rows));
  const larger = store.makeSegment("linked", linkedCapacity(layout, segment.end + rows));
  await copyGraph(segment, larger, segment.end + rows, options);
  const slots = slotsOf(liveBits(segment));
  for (let i = 0; i < slots.length; i++) {
    store.move(segment, slots[i], larger, slots[i]);
    if (i % MOVED_AT_ONCE === 0) await breathe(options);
  }
  store.dropSegments([segment]);
  return larger;
}

/** Copies rows and links as they stand: all that leads from one to another are slots. */
async function copyGraph(
  from: Segment,
  to: Segment,
  total: number,
  options: SealRowsOptions,
): Promise<void> {
  const { stride, end } = from;
  for (let slot = 0; slot < end; slot += COPIED_AT_ONCE) {
    const some = from.rows.subarray(slot * stride, Math.min(end, slot + COPIED_AT_ONCE) * stride);
    new Uint8Array(to.rows.buffer, to.rows.byteOffset + slot * stride * 4).set(bytesOf(some));
    await breathe(options);
  }
  to.keys.set(from.keys.subarray(0, end));
  if (from.graph !== undefined) to.graph?.root.set(from.graph.root);
  if (to.graph !== undefined) noteTwins(to.graph, end);
  to.setRadius(from.radius, axisFor(options.layout, to));
  to.defaultEf = from.defaultEf;
  to.recall = from.recall;
  to.beams = from.beams;
  to.end = end;
  // More rows are to come: cells for so many.
  if (to.graph !== undefined) {
    const run = jobRunner(to, options);
    await listAll(to, to.graph, from.linkedEnd, run, options.layout, Math.min(total, to.capacity));
  }
  to.linkedEnd = from.linkedEnd;
}

async function moveRows(
  store: RowStore,
  { from, slots, place }: Copies,
  to: Segment,
  options: SealRowsOptions,
): Promise<number> {
  for (let i = 0; i < slots.length; i++) {
    store.move(from, slots[i], to, place + i);
    // No abort from here on: half of the rows have moved.
    if (i % MOVED_AT_ONCE === 0) {
      await setImmediate();
      await options.pause?.();
    }
  }
  return slots.length;
}

function bytesOf(array: Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Lets others have the thread. */
async function breathe({ signal }: SealRowsOptions): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}
