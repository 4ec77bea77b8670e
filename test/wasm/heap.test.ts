import { expect, test } from "vitest";
import { arrayBytes, Heap } from "#dist/wasm/heap.js";

test("arrays begin on 64 bytes, never overlap, and address 0 stays free", () => {
  const heap = new Heap(65_536);
  const floats = [heap.f32(1), heap.u32(17), heap.f32(0), heap.f32(16)];
  const others = [heap.f64(9), heap.i8(65), heap.f64(8), heap.i8(1), heap.f32(1)];
  let end = 64;
  for (const array of [...floats, ...others]) {
    expect(array.byteOffset).toBe(end);
    expect(heap.addressOf(array)).toBe(array.byteOffset);
    end += 64 * Math.ceil(array.byteLength / 64);
  }
  for (const array of floats) expect(arrayBytes(array.length) % 64).toBe(0);
  expect(heap.usedBytes).toBe(end);
});

test("a full heap refuses the next array and keeps the ones it has", () => {
  const heap = new Heap(65_536);
  const array = heap.f32((65_536 - 64) / 4).fill(1);
  const full = expect.objectContaining({ code: "OUT_OF_HEAP" });
  expect(() => heap.f32(1)).toThrow(full);
  expect(array.every((value) => value === 1)).toBe(true);
  expect(() => new Heap(2 ** 32 + 1)).toThrow(full);
});

test("released space is laid out again", () => {
  const heap = new Heap(65_536);
  const mark = heap.usedBytes;
  const first = heap.f32(100);
  heap.release(mark);
  expect(heap.f32(100).byteOffset).toBe(first.byteOffset);
});

test("no array ends at 4 GiB, whose address would be 0", () => {
  const heap = new Heap(2 ** 32);
  heap.f32(2 ** 29);
  expect(() => heap.f32(2 ** 29 - 16)).toThrow(expect.objectContaining({ code: "OUT_OF_HEAP" }));
  const last = heap.f32(heap.freeBytes / 4);
  expect(last.byteOffset + last.byteLength).toBeLessThan(2 ** 32);
});

test("a heap of 4 GiB costs only what is written", () => {
  const before = process.memoryUsage.rss();
  const heap = new Heap(2 ** 32);
  const array = heap.f32(2 ** 29);
  array[2 ** 29 - 1] = 1;
  expect(process.memoryUsage.rss() - before).toBeLessThan(50e6);
});
