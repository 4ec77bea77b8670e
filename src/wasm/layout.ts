import { arrayBytes, type Heap } from "./heap.ts";

/** What arrays are laid out on: a heap, or something that only adds up how large one has to be. */
export type Layout = Pick<Heap, "f32" | "f64" | "u32" | "i8">;

const EMPTY = {
  f32: new Float32Array(0),
  f64: new Float64Array(0),
  u32: new Uint32Array(0),
  i8: new Int8Array(0),
};

/**
 * Bytes that a function lays out. So a layout is written once, and how large a heap it needs follows from it. The
 * function gets empty arrays instead of those it asks for: it must not write into them.
 */
export function layoutBytes(place: (layout: Layout) => void): number {
  let bytes = 0;
  place({
    f32: (length) => {
      bytes += arrayBytes(length);
      return EMPTY.f32;
    },
    f64: (length) => {
      bytes += arrayBytes(2 * length);
      return EMPTY.f64;
    },
    u32: (length) => {
      bytes += arrayBytes(length);
      return EMPTY.u32;
    },
    i8: (length) => {
      bytes += arrayBytes(length / 4);
      return EMPTY.i8;
    },
  });
  return bytes;
}
