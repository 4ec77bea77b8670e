import { describe, expect, test } from "vitest";
import { addToChecksum, Checksum } from "#dist/wasm/words/checksum.js";
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
      const state = heap.u32(16);
      const parts = heap.u32(16);
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

test("the checksum of a stream does not depend on its pieces, and fills up the last block with zeros", () => {
  const random = seededRandom(4);
  const bytes = Uint8Array.from({ length: 200_001 }, () => 256 * random());
  const whole = sumOf(bytes);
  expect(whole).toMatch(/^[0-9a-f]{128}$/);
  for (const most of [1, 63, 64, 65, 1000, 65_536, 65_600]) {
    const sum = new Checksum();
    for (let from = 0; from < bytes.length;) {
      const to = from + Math.floor(random() * (most + 1));
      sum.update(bytes.subarray(from, to));
      from = to;
    }
    expect(sum.digest(), `pieces of up to ${most}`).toBe(whole);
  }
  const padded = new Uint8Array(Math.ceil(bytes.length / 64) * 64);
  padded.set(bytes);
  expect(sumOf(padded)).toBe(whole);
  const seed = Uint32Array.from({ length: 16 }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
  const lanes = checksumReference(seed, new Uint32Array(padded.buffer));
  expect(whole).toBe(lanes.map((lane) => lane.toString(16).padStart(8, "0")).join(""));
  expect(sumOf(new Uint8Array(0))).not.toBe(sumOf(new Uint8Array(64)));
});

function sumOf(bytes: Uint8Array): string {
  const sum = new Checksum();
  sum.update(bytes);
  return sum.digest();
}

test("a checksum is of whole blocks on the heap", () => {
  const { heap } = testRuntime("simd");
  const refused = (code: string) => expect.objectContaining({ code });
  expect(() => addToChecksum(heap, heap.u32(15), heap.u32(16))).toThrow(refused("DIMENSION"));
  expect(() => addToChecksum(heap, heap.u32(16), heap.u32(17))).toThrow(refused("DIMENSION"));
  expect(() => addToChecksum(heap, heap.u32(16), new Uint32Array(16))).toThrow(refused("OFF_HEAP"));
});
