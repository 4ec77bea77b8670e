import { expect, test } from "vitest";
import { jsonShape } from "#dist/util/json.js";

test("the depth of a JSON text is that of its lists and objects, not of brackets in strings", () => {
  const depthOf = (value: unknown): number => jsonShape(JSON.stringify(value)).depth;
  expect(depthOf(5)).toBe(0);
  expect(depthOf({ a: [1, { b: [] }], c: {} })).toBe(4);
  expect(depthOf(["[[[", '\\"[{', { "}": "]" }])).toBe(2);
});

test("a JSON text is exact when no number has more digits than f64 keeps", () => {
  for (const text of [
    "0.1",
    "0.000",
    "0e9",
    "-12.5e10",
    "123456789012345",
    "1e21",
    '"12345678901234567890"',
  ]) {
    expect(jsonShape(text).isExact, text).toBe(true);
  }
  for (const text of [
    "1e400",
    "-1e999",
    "1e-400",
    "12345678901234567890",
    '{"a":[0.1234567890123456789]}',
  ]) {
    expect(jsonShape(text).isExact, text).toBe(false);
  }
});
