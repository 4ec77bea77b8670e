import { StigmergyError } from "../../errors.ts";
import type { Filter } from "../engine/engine.ts";
import type { RowStore } from "../segment/row-store.ts";
import { segmentAt } from "../segment/segment-at.ts";
import type { Segment } from "../segment/segment.ts";

/** One bit for each slot of a segment, laid out as `Segment.live`. */
export type SlotBits = Uint32Array;

/**
 * For each segment, the live rows that `filter` lets through. Copies: later writes do not change them.
 * A test is asked once for each live row, and may itself use the index; keys that are given are looked
 * up, or looked for, whichever is less work.
 * @throws {StigmergyError} INVALID_INPUT for keys that are no numbers, which would match nothing; whatever a test throws
 */
export function visibleBits(store: RowStore, filter: Filter): SlotBits[] {
  const { segments, keys } = store;
  if (typeof filter === "function") return bitsByTest(store, filter);
  const isSet = isReadonlySet(filter);
  if (isSet && filter.size > keys.size) return bitsByTest(store, (key) => filter.has(key));
  const bits = segments.map(({ end }) => new Uint32Array((end + 31) >>> 5));
  const markKey = (key: number): void => {
    if (typeof key !== "number") throw noKey(key);
    const slot = keys.slotOf(key);
    if (slot === undefined) return;
    const at = segmentAt(segments, slot);
    const local = slot - segments[at].firstSlot;
    bits[at][local >>> 5] |= 1 << (local & 31);
  };
  if (isSet) filter.forEach(markKey);
  else for (let i = 0; i < filter.length; i++) markKey(filter[i]);
  return bits;
}

function noKey(key: unknown): StigmergyError {
  const message = `filter: expected keys that are numbers, received a ${typeof key}`;
  return new StigmergyError("INVALID_INPUT", message);
}

/** Whether a filter is a set rather than a list of keys. */
export function isReadonlySet(
  filter: ReadonlySet<number> | ArrayLike<number>,
): filter is ReadonlySet<number> {
  return "has" in filter && typeof filter.has === "function";
}

/** The set slots of some bits, rising. */
export function slotsOf(bits: SlotBits): Uint32Array {
  const slots = new Uint32Array(countBits(bits));
  let at = 0;
  for (let word = 0; word < bits.length; word++) {
    for (let rest = bits[word]; rest !== 0; rest &= rest - 1) {
      slots[at++] = word * 32 + 31 - Math.clz32(rest & -rest);
    }
  }
  return slots;
}

/** How many bits are set. */
export function countBits(bits: SlotBits): number {
  let count = 0;
  for (const word of bits) {
    // Sums of pairs, of fours, of eights (Warren, Hacker's Delight, 2002).
    const pairs = word - ((word >>> 1) & 0x55555555);
    const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
    count += Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}

/** The keys of some slots of a segment. */
function keysOf({ keys }: Segment, slots: Uint32Array): Float64Array {
  return Float64Array.from(slots, (slot) => keys[slot]);
}

/** The live slots of a segment. */
export function liveBits({ live, end }: Segment): SlotBits {
  return live.slice(0, (end + 31) >>> 5);
}

/**
 * What a test answered. A promise would be true for every key.
 * @throws {StigmergyError} INVALID_INPUT
 */
export function isLetThrough(answer: unknown): boolean {
  if (answer instanceof Promise) {
    answer.catch(() => undefined); // its own error is not what was wrong
    throw new StigmergyError(
      "INVALID_INPUT",
      "filter: expected true or false, received a promise; find the keys first, and give them",
    );
  }
  return Boolean(answer);
}

function bitsByTest(store: RowStore, test: (key: number) => boolean): SlotBits[] {
  // Asked of the keys of this moment, whose slots nobody gets meanwhile: the test is somebody's
  // code, and may change the index.
  const asked = store.segments.map((segment) => {
    const slots = slotsOf(liveBits(segment));
    return { segment, slots, keys: keysOf(segment, slots) };
  });
  store.beginReading();
  try {
    const passed = asked.map(({ slots, keys }) =>
      slots.filter((_, i) => isLetThrough(test(keys[i]))),
    );
    return asked.map(({ segment }, at) => {
      const bits = new Uint32Array((segment.end + 31) >>> 5);
      for (const slot of passed[at]) bits[slot >>> 5] |= 1 << (slot & 31);
      // What the test has removed is gone.
      return bits.map((word, i) => word & segment.live[i]);
    });
  } finally {
    store.endReading();
  }
}
