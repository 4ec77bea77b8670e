import { normalize } from "../wasm/normalize.ts";
import { KeyTable } from "./key-table.ts";
import type { RowLayout } from "./layout.ts";
import { segmentOf, nextCapacity, Segment } from "./segment.ts";

/**
 * Rows in segments, and the key of each. Segments never move; a row is written once, before its
 * live bit is set, and the slot of a dead one is used again only when nobody on another thread can
 * still be reading it.
 */
export class RowStore {
  readonly layout: RowLayout;
  readonly segments: Segment[] = [];
  readonly keys = new KeyTable();
  readonly #freeSlots: number[] = [];
  #readers = 0;

  constructor(layout: RowLayout) {
    this.layout = layout;
  }

  /** Slots handed out, of live rows and of dead ones. */
  get usedSlots(): number {
    return this.segments.reduce((sum, { end }) => sum + end, 0);
  }

  /** Bytes that rows, bits and keys take. */
  get usedBytes(): number {
    const bytes = this.segments.reduce((sum, segment) => sum + segment.usedBytes, 0);
    return bytes + this.usedSlots * Float64Array.BYTES_PER_ELEMENT;
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
   * Takes rows as they stand in a snapshot: padded, and of unit length under cosine.
   * @param read fills the next rows, f32[… × stride], from the file
   */
  async load(keys: Float64Array, read: (rows: Float32Array) => Promise<void>): Promise<void> {
    let done = 0;
    for (const segment of this.#reserve(keys.length)) {
      const from = segment.end;
      const count = Math.min(keys.length - done, segment.capacity - from);
      const { rows, stride, firstSlot } = segment;
      await read(rows.subarray(from * stride, (from + count) * stride));
      segment.end += count;
      segment.encode(from, count);
      for (let i = 0; i < count; i++) this.#bear(keys[done + i], firstSlot + from + i);
      done += count;
    }
  }

  /** The live rows in segments of their own, without gaps. Whoever reads these may go on. */
  compacted(): RowStore {
    const fresh = new RowStore(this.layout);
    const slots = fresh.#takeSlots(this.keys.size);
    let i = 0;
    for (const [key, from] of this.keys.entries()) {
      const source = segmentOf(this.segments, from);
      const target = segmentOf(fresh.segments, slots[i]);
      const at = (from - source.firstSlot) * source.stride;
      const row = source.rows.subarray(at, at + source.stride);
      target.rows.set(row, (slots[i] - target.firstSlot) * target.stride);
      fresh.#bear(key, slots[i++]);
    }
    for (const segment of fresh.segments) segment.encode(0, segment.end);
    return fresh;
  }

  #bear(key: number, slot: number): void {
    this.keys.put(key, slot);
    const segment = segmentOf(this.segments, slot);
    segment.setLive(slot - segment.firstSlot, true);
  }

  #kill(slot: number): void {
    const segment = segmentOf(this.segments, slot);
    segment.setLive(slot - segment.firstSlot, false);
    this.#freeSlots.push(slot);
  }

  /** Makes room for `count` more rows behind the last, in as many segments as that takes. */
  #reserve(count: number): Segment[] {
    const open = this.segments.filter(({ end, capacity }) => end < capacity);
    let room = open.reduce((sum, { end, capacity }) => sum + capacity - end, 0);
    while (room < count) {
      const last = this.segments.at(-1);
      const firstSlot = last === undefined ? 0 : last.firstSlot + last.capacity;
      const capacity = nextCapacity(this.layout, firstSlot, count - room);
      const segment = new Segment(this.layout, capacity, firstSlot);
      this.segments.push(segment);
      open.push(segment);
      room += segment.capacity;
    }
    return open;
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
      const segment = segmentOf(this.segments, slots[i]);
      const { stride, rows, heap, firstSlot, capacity, scratch } = segment;
      const first = slots[i] - firstSlot;
      // Slots that follow one another are scaled, rotated and encoded by one call each.
      let count = 1;
      while (i + count < slots.length && slots[i + count] === slots[i] + count) count++;
      count = Math.min(count, capacity - first);
      if (stride === dim) rows.set(vectors.subarray(i * dim, (i + count) * dim), first * stride);
      else {
        for (let row = 0; row < count; row++) {
          const at = (first + row) * stride;
          rows.set(vectors.subarray((i + row) * dim, (i + row + 1) * dim), at);
          // A slot that was used before may hold what a rotation has spread over it.
          rows.fill(0, at + dim, at + stride);
        }
      }
      const run = rows.subarray(first * stride, (first + count) * stride);
      if (metric === "cosine") {
        heap.run(normalize(heap, run, stride, scratch.distances.subarray(0, count)));
      }
      segment.rotate(run);
      segment.encode(first, count);
      i += count;
    }
  }
}
