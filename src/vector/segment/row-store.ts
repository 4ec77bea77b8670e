import { normalize } from "../../wasm/vectors/normalize.ts";
import { augment, axisFor } from "./augmentation.ts";
import type { StructureChoice } from "../engine/engine.ts";
import { KeyTable } from "./key-table.ts";
import { rowWords, type RowLayout } from "./layout.ts";
import { segmentOf } from "./segment-at.ts";
import { Segment } from "./segment.ts";
import { growingCapacity, mostRows, type SegmentKind } from "./segment-size.ts";

// Of the rows from which on links are made: so that an index whose rows come and go is not linked again and again.
const FEW_OF_LINKED = 0.5;
const LARGEST_BYTES = 2 ** 30; // rows of growing segments: each doubles until here
/** Share of dead slots, or of rows outside the largest segment, above which it is worth it to move rows together. */
const COMPACT_ABOVE = 0.2;

/**
 * Rows in segments, and the slot of each key. A row is written once, before its live bit is set, and
 * the slot of a dead one is used again only when nobody on another thread can still be reading it.
 * Rows are added to growing segments; linked ones get theirs from there, by `move`.
 */
export class RowStore {
  readonly layout: RowLayout;
  readonly keys = new KeyTable();
  /** Rows added since the last choice of their structure. */
  addedSinceChoice = 0;
  /** Growing rows that got no links when the others did, as they are too long (`longestSquare`); none since one has died. */
  unlinked = 0;
  #segments: Segment[] = [];
  #freeSlots: number[] = [];
  #readers = 0;
  #nextSlot = 0;
  #version = 0;
  #choice: StructureChoice | undefined;

  constructor(layout: RowLayout) {
    this.layout = layout;
  }

  /** In the order in which they were made. Whoever holds on to an old list goes on reading it. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Segments that rows are added to. */
  get growing(): Segment[] {
    return this.#segments.filter(({ graph }) => graph === undefined);
  }

  /** Segments whose rows are linked. */
  get linked(): Segment[] {
    return this.#segments.filter(({ graph }) => graph !== undefined);
  }

  /** Changes with every change of what is where. */
  get version(): number {
    return this.#version;
  }

  /** Whether its rows are to have links, where that was asked. */
  get choice(): StructureChoice | undefined {
    return this.#choice;
  }

  set choice(choice: StructureChoice | undefined) {
    this.#choice = choice;
    this.addedSinceChoice = 0;
  }

  /** Slots handed out, of live rows and of dead ones. */
  get usedSlots(): number {
    return this.#segments.reduce((sum, { end }) => sum + end, 0);
  }

  /** Bytes that rows, links, bits and keys take. */
  get usedBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.usedBytes, 0);
  }

  /** Whether rows stand between many dead ones, or in segments that each take a search of their own. */
  get isScattered(): boolean {
    const { usedSlots, segments } = this;
    const rows = this.keys.size;
    if (usedSlots - rows > COMPACT_ABOVE * usedSlots) return true;
    const largest = Math.max(...segments.map(({ liveCount }) => liveCount));
    const fewest = Math.ceil(rows / mostRows(this.layout, "growing"));
    return segments.length > fewest && rows - largest > COMPACT_ABOVE * rows;
  }

  /** Whether rows have links that would get none if they were added now: so few have stayed. */
  get isOverlinked(): boolean {
    const { graph } = this.layout;
    if (graph === undefined || graph.isForced || this.linked.length === 0) return false;
    return this.keys.size < FEW_OF_LINKED * graph.least;
  }

  /** From now until `endReading`, what is live at this moment keeps its bytes and its slots. */
  beginReading(): void {
    this.#readers++;
  }

  /** Ends what one `beginReading` began. */
  endReading(): void {
    this.#readers--;
  }

  /** @throws {StigmergyError} OUT_OF_HEAP or TOO_LARGE, and nothing is changed */
  add(keys: ArrayLike<number>, vectors: Float32Array): void {
    this.keys.checkRoom(keys);
    const slots = this.#takeSlots(keys.length);
    this.#writeRows(slots, vectors);
    this.addedSinceChoice += slots.length;
    for (let i = 0; i < slots.length; i++) {
      const replaced = this.keys.slotOf(keys[i]);
      if (replaced !== undefined) this.#kill(replaced);
      this.#bear(keys[i], slots[i]);
    }
  }

  /** Returns how many of the keys were there. */
  remove(keys: ArrayLike<number>): number {
    const before = this.keys.size;
    for (let i = 0; i < keys.length; i++) {
      const slot = this.keys.slotOf(keys[i]);
      if (slot === undefined) continue;
      this.keys.delete(keys[i]);
      this.#kill(slot);
    }
    return before - this.keys.size;
  }

  /**
   * Gives the key of a live row to a copy of it. Nothing is done for a row that has died meanwhile.
   * @param slot  of `from`
   * @param place of `to`, where the copy stands
   */
  move(from: Segment, slot: number, to: Segment, place: number): void {
    if (!from.isLive(slot)) return;
    from.setLive(slot, false);
    this.#bear(from.keys[slot], to.firstSlot + place);
  }

  /** A new segment for `capacity` rows, behind the others. @throws {StigmergyError} OUT_OF_HEAP */
  makeSegment(kind: SegmentKind, capacity: number): Segment {
    const segment = new Segment(this.layout, kind, capacity, this.#nextSlot);
    this.#nextSlot += segment.capacity;
    this.#segments = [...this.#segments, segment];
    this.#version++;
    return segment;
  }

  /** Lets go of segments that hold no live rows any more. */
  dropSegments(empty: readonly Segment[]): void {
    this.#version++;
    this.#segments = this.#segments.filter((segment) => !empty.includes(segment));
    this.#freeSlots = this.#freeSlots.filter((slot) =>
      empty.every(({ firstSlot, capacity }) => slot < firstSlot || slot >= firstSlot + capacity),
    );
  }

  /** Takes the live rows, of these slots, that stand in a segment already with their keys. */
  adopt(segment: Segment, slots: Iterable<number>): void {
    for (const slot of slots) this.#bear(segment.keys[slot], segment.firstSlot + slot);
    if (segment.graph === undefined) this.#freeDead(segment);
  }

  /** Marks segments whose rows are about to be moved: they take no more rows. */
  retire(segments: readonly Segment[]): void {
    for (const segment of segments) segment.isLeaving = true;
    const kept = this.#segments.filter(({ isLeaving }) => !isLeaving);
    this.#freeSlots = this.#freeSlots.filter((slot) =>
      kept.some(({ firstSlot, end }) => slot >= firstSlot && slot < firstSlot + end),
    );
  }

  /** Takes back that rows are about to be moved: the segments take rows again, where dead ones stood first. */
  retain(segments: readonly Segment[]): void {
    for (const segment of segments) {
      segment.isLeaving = false;
      if (segment.graph === undefined && this.#segments.includes(segment)) this.#freeDead(segment);
    }
  }

  /** The live rows in segments of their own, without gaps and without links. Whoever reads these may go on. */
  compacted(): RowStore {
    const fresh = new RowStore(this.layout);
    if (this.choice?.kind === "flat") fresh.choice = this.choice;
    const axes = new Map(this.linked.map((segment) => [segment, axisFor(this.layout, segment)]));
    const slots = fresh.#takeSlots(this.keys.size);
    let i = 0;
    for (const [key, from] of this.keys.entries()) {
      const source = segmentOf(this.#segments, from);
      const target = segmentOf(fresh.#segments, slots[i]);
      const place = slots[i] - target.firstSlot;
      target.copyRow(place, source, from - source.firstSlot);
      const axis = source.graph === undefined || source.isI8 ? undefined : axes.get(source);
      // What makes rows of a graph equally long is no part of a row that has no links.
      if (axis !== undefined) augment(target.row(place), axis, 0);
      fresh.#bear(key, slots[i++]);
    }
    for (const segment of fresh.#segments) segment.rowCodes?.encode(segment, 0, segment.end);
    return fresh;
  }

  #freeDead(segment: Segment): void {
    for (let slot = 0; slot < segment.end; slot++) {
      if (!segment.isLive(slot)) this.#freeSlots.push(segment.firstSlot + slot);
    }
  }

  #bear(key: number, slot: number): void {
    this.#version++;
    this.keys.put(key, slot);
    const segment = segmentOf(this.#segments, slot);
    // −0 is the key 0.
    segment.keys[slot - segment.firstSlot] = key + 0;
    segment.setLive(slot - segment.firstSlot, true);
  }

  #kill(slot: number): void {
    this.#version++;
    const segment = segmentOf(this.#segments, slot);
    segment.setLive(slot - segment.firstSlot, false);
    this.unlinked = 0;
    // What is in a graph stays there; what is leaving has its copy somewhere.
    if (segment.graph === undefined && !segment.isLeaving) this.#freeSlots.push(slot);
  }

  /** Makes room for `count` more rows behind the last, in as many segments as that takes. */
  #reserve(count: number): Segment[] {
    const open = this.growing.filter(
      ({ end, capacity, isLeaving }) => end < capacity && !isLeaving,
    );
    let room = open.reduce((sum, { end, capacity }) => sum + capacity - end, 0);
    while (room < count) {
      const segment = this.makeSegment("growing", this.#nextCapacity(count - room));
      open.push(segment);
      room += segment.capacity;
    }
    return open;
  }

  /** Rows that the next growing segment should have, when `rows` wait for it. */
  #nextCapacity(rows: number): number {
    const rowBytes = rowWords(this.layout) * 4;
    const slots = this.growing.reduce((sum, { capacity }) => sum + capacity, 0);
    const wanted = Math.max(rows, Math.min(slots, Math.ceil(LARGEST_BYTES / rowBytes)));
    const most = mostRows(this.layout, "growing");
    return Math.min(growingCapacity(this.layout, wanted), most);
  }

  /** Hands out slots: used ones again when no thread is reading, then new ones in order. */
  #takeSlots(count: number): Float64Array {
    const slots = new Float64Array(count);
    const reused = this.#readers > 0 ? 0 : Math.min(count, this.#freeSlots.length);
    const open = this.#reserve(count - reused);
    if (reused > 0) slots.set(this.#freeSlots.splice(-reused));
    let i = reused;
    for (const segment of open) {
      while (i < count && segment.end < segment.capacity) {
        slots[i++] = segment.firstSlot + segment.end++;
      }
    }
    return slots;
  }

  #writeRows(slots: Float64Array, vectors: Float32Array): void {
    const { dim, metric } = this.layout;
    for (let i = 0; i < slots.length;) {
      const segment = segmentOf(this.#segments, slots[i]);
      const { dim: stored, isI8, staging, heap, firstSlot, capacity, scratch } = segment;
      const first = slots[i] - firstSlot;
      // Slots that follow one another are scaled, rotated and encoded by one call each.
      let count = 1;
      while (i + count < slots.length && slots[i + count] === slots[i] + count) count++;
      count = Math.min(count, capacity - first, isI8 ? staging.length / stored : count);
      const [into, at] = isI8 ? [staging, 0] : [segment.rows, first * stored];
      const run = into.subarray(at, at + count * stored);
      if (stored === dim) run.set(vectors.subarray(i * dim, (i + count) * dim));
      else {
        for (let row = 0; row < count; row++) {
          run.set(vectors.subarray((i + row) * dim, (i + row + 1) * dim), row * stored);
          // A slot that was used before may hold what a rotation has spread over it.
          run.fill(0, row * stored + dim, (row + 1) * stored);
        }
      }
      if (metric === "cosine") {
        heap.run(normalize(heap, run, stored, scratch.distances.subarray(0, count)));
      }
      segment.rotate(run);
      if (isI8) segment.quantize(first, count);
      segment.rowCodes?.encode(segment, first, count);
      i += count;
    }
  }
}
