import { describe, expect, test } from "vitest";
import { addToChecksum } from "#dist/wasm/checksum.js";
import { seededRandom } from "../support/random.ts";
import { checksumReference } from "../support/reference.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

describe.each(BUILDS)("build %s", (build) => {
  test("a checksum is that of its words, in blocks of 64 bytes, in one call or in many", () => {
    const random = seededRandom(9);
    for (const blocks of [0, 1, 2, 3, 127, 128, 129, 1000]) {
      const { heap, run } = testRuntime(build);
      const words = heap.u32(16 * blocks).map(() => random() * 2 ** 32);
      const onHeap = heap.u32(words.length);
      onHeap.set(words);
      const before = heap.u32(16).map((_, i) => i * 0x01010101);
      const [state, parts] = [heap.u32(16), heap.u32(16)];
      state.set(before);
      parts.set(before);
      run(addToChecksum(heap, state, onHeap));
      expect([...state], `${blocks} blocks`).toEqual(checksumReference(before, words));
      const middle = 16 * Math.floor(blocks / 3);
      run(addToChecksum(heap, parts, onHeap.subarray(0, middle)));
      run(addToChecksum(heap, parts, onHeap.subarray(middle)));
      expect(parts).toEqual(state);
    }
  });

  test("a bit that flips anywhere shows", () => {
    const { heap, run } = testRuntime(build);
    const words = heap.u32(64).fill(0x12345678);
    const state = heap.u32(16);
    const sums = new Set<string>();
    const add = () => {
      state.fill(0);
      run(addToChecksum(heap, state, words));
      sums.add(state.join());
    };
    add();
    for (let bit = 0; bit < 64 * 32; bit++) {
      words[bit >> 5] ^= 1 << (bit & 31);
      add();
      words[bit >> 5] ^= 1 << (bit & 31);
    }
    expect(sums.size).toBe(1 + 64 * 32);
  });
});

test("a checksum is of whole blocks on the heap", () => {
  const { heap } = testRuntime("simd");
  const refused = (code: string) => expect.objectContaining({ code });
  expect(() => addToChecksum(heap, heap.u32(15), heap.u32(16))).toThrow(refused("DIMENSION"));
  expect(() => addToChecksum(heap, heap.u32(16), heap.u32(17))).toThrow(refused("DIMENSION"));
  expect(() => addToChecksum(heap, heap.u32(16), new Uint32Array(16))).toThrow(refused("OFF_HEAP"));
});
