import type { Filter } from "../engine/engine.ts";
import { visibleBits, type SlotBits } from "./filter.ts";
import type { RowStore } from "../segment/row-store.ts";

/** The bits of the last filter, for as long as it is the same object and no row has changed. */
export class FilterCache {
  #filter: Filter | undefined;
  #size = 0;
  #store: RowStore | undefined;
  #version = 0;
  #bits: readonly SlotBits[] = [];

  /** As `visibleBits`; not to be changed by whoever gets them. */
  bitsOf(store: RowStore, filter: Filter): readonly SlotBits[] {
    const size = sizeOf(filter);
    const isSame = this.#filter === filter && this.#size === size;
    if (isSame && this.#store === store && this.#version === store.version) return this.#bits;
    const { version } = store;
    const bits = visibleBits(store, filter);
    // A test that has changed the index itself is asked again.
    if (store.version === version) {
      this.#filter = filter;
      this.#size = size;
      this.#store = store;
      this.#version = version;
      this.#bits = bits;
    }
    return bits;
  }
}

/** A set or list that has got longer or shorter is another one, whoever holds it. */
function sizeOf(filter: Filter): number {
  if (typeof filter === "function") return 0;
  return "size" in filter ? filter.size : filter.length;
}
