import { expect, test } from "vitest";
import {
  placeCodes,
  readCodes,
  writeCodes,
  type CodeBits,
} from "#dist/neural/network/table-codes.js";
import { table } from "#dist/neural/network/shape.js";
import { Heap } from "#dist/wasm/heap.js";
import { fillRandom, seededRandom } from "../support/random.ts";

const SHAPE = table("table", 3, 45);

function tableOf(bits: CodeBits) {
  return placeCodes(new Heap(1 << 16), SHAPE, bits);
}

test.each([
  { bits: 8, most: 127 },
  { bits: 4, most: 7 },
] as const)("rows of $bits bits are off by half a step at most", ({ bits, most }) => {
  const table = tableOf(bits);
  const row = fillRandom(new Float32Array(SHAPE.stride), seededRandom(bits));
  writeCodes(table, 1, row);
  const found = new Float32Array(SHAPE.stride);
  readCodes(table, 1, found);
  const step = Math.max(...row.map(Math.abs)) / most;
  row.forEach((value, i) => {
    expect(Math.abs(value - found[i])).toBeLessThanOrEqual(step * 0.500001);
  });
  // Rows beside it are as they were, and what was rounded once stays as it is.
  for (const other of [0, 2]) {
    readCodes(table, other, found);
    expect(found.every((value) => value === 0)).toBe(true);
  }
  readCodes(table, 1, found);
  const again = found.slice();
  writeCodes(table, 1, found);
  readCodes(table, 1, found);
  expect(found).toEqual(again);
});

test.each([8, 4] as const)("rows of zeros, and of values next to nothing, of %i bits", (bits) => {
  const table = tableOf(bits);
  const found = new Float32Array(SHAPE.stride).fill(1);
  for (const value of [0, 1e-45]) {
    writeCodes(table, 0, new Float32Array(SHAPE.stride).fill(value));
    readCodes(table, 0, found);
    expect(found.every((each) => Math.abs(each) <= 2e-45)).toBe(true);
  }
});
