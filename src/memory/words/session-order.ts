import type { WordTable } from "./word-table.ts";

/** How far a neighbor lends its score. */
export const REACH = 2;

/** The texts of each session of a namespace, in the order in which they were said. */
export class SessionOrder {
  readonly #table: WordTable;
  readonly #slots = new Map<number, number[]>();
  readonly #unsorted = new Set<number>();
  #known = 0;

  constructor(table: WordTable) {
    this.#table = table;
  }

  /** Texts of the slot's session, itself among them; undefined when it is of none. */
  of(slot: number): readonly number[] | undefined {
    if (this.#table.sessionOf[slot] === 0) return undefined;
    this.#catchUp();
    const name = this.#nameOf(slot);
    const slots = this.#slots.get(name);
    if (slots === undefined || !this.#unsorted.has(name)) return slots;
    const { at, ids, isLive } = this.#table;
    const live = slots.filter((each) => isLive[each] === 1);
    live.sort((a, b) => at[a] - at[b] || ids[a] - ids[b]);
    this.#slots.set(name, live);
    this.#unsorted.delete(name);
    return live;
  }

  /** The texts around one in its session that are there: by distance, −`reach` to `reach`. */
  around(slot: number, reach: number, visit: (neighbor: number, distance: number) => void): void {
    const slots = this.of(slot);
    if (slots === undefined) return;
    const { isLive } = this.#table;
    const place = this.#placeOf(slots, slot);
    for (const step of [-1, 1]) {
      for (let i = place + step, distance = 1; distance <= reach; i += step) {
        if (i < 0 || i >= slots.length) break;
        // One that has gone since the session was sorted is not between the others.
        if (isLive[slots[i]] === 1) visit(slots[i], step * distance++);
      }
    }
  }

  #placeOf(slots: readonly number[], slot: number): number {
    const { at, ids } = this.#table;
    let low = 0;
    let high = slots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = slots[middle];
      if (at[other] < at[slot] || (at[other] === at[slot] && ids[other] < ids[slot])) {
        low = middle + 1;
      } else high = middle;
    }
    return low;
  }

  #catchUp(): void {
    const { sessionOf, slots } = this.#table;
    for (; this.#known < slots; this.#known++) {
      if (sessionOf[this.#known] === 0) continue;
      const name = this.#nameOf(this.#known);
      const known = this.#slots.get(name);
      if (known === undefined) this.#slots.set(name, [this.#known]);
      else known.push(this.#known);
      this.#unsorted.add(name);
    }
  }

  #nameOf(slot: number): number {
    const { sessionOf, namespaceOf } = this.#table;
    return sessionOf[slot] * 2 ** 24 + namespaceOf[slot];
  }
}
