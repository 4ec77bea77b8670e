import { expect, test } from "vitest";
import { edits, nearest } from "#dist/util/nearest.js";

const NAMES = ["coder", "backend-dev", "code-analyzer", "tester", "reviewer", "api-docs"];

test("a misspelled name finds the one that was meant first", () => {
  for (const [word, meant] of [
    ["codr", "coder"],
    ["Backend_Dev", "backend-dev"],
    ["tesetr", "tester"],
    ["reviewr", "reviewer"],
    ["backend", "backend-dev"],
    ["docs", "api-docs"],
  ]) {
    expect(nearest(word, NAMES)[0], word).toBe(meant);
  }
});

test("a word that is like no name finds none, and a very long one costs nothing", () => {
  expect(nearest("xylophone", NAMES)).toEqual([]);
  expect(nearest("", NAMES)).toEqual([]);
  expect(nearest("x".repeat(10_000_000), NAMES)).toEqual([]);
});

test("edits counts letters put in, left out, changed and swapped", () => {
  expect(edits("", "abc")).toBe(3);
  expect(edits("abc", "abc")).toBe(0);
  expect(edits("abcd", "abdc")).toBe(1);
  expect(edits("kitten", "sitting")).toBe(3);
  expect(edits("ca", "abc")).toBe(3);
});
