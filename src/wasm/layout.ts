import { arrayBytes, type Heap } from "./heap.ts";

/** What arrays are laid out on: a heap, or what only adds up how large one has to be. */
export type Layout = Pick<Heap, "f32" | "u32">;

/** Bytes that a function lays out. */
export function layoutBytes(place: (layout: Layout) => void): number {
  let bytes = 0;
  place({
    f32: (length) => {
      bytes += arrayBytes(length);
      return new Float32Array(0);
    },
    u32: (length) => {
      bytes += arrayBytes(length);
      return new Uint32Array(0);
    },
  });
  return bytes;
}
