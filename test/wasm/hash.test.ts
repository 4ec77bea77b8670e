import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asciiWordsOf } from "#dist/text/ascii-words.js";
import type { Ngrams } from "#dist/text/plain-ngrams.js";
import { NgramRoom, ngramRoomBytes, type NgramKinds } from "#dist/wasm/words/ngrams.js";
import { ngramsReference } from "../support/reference.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

const ALL: NgramKinds = { words: true, bigrams: true, shortest: 3, longest: 5 };
const MOST = 512;
const GUARD = 0xdeadbeef;
const SLACK = 16; // hashes that a kernel may write behind those that it found

/** Characters of which borders are made, more often than others. */
const ascii = fc.oneof(
  fc.string({ unit: "binary-ascii", maxLength: 200 }),
  fc.string({ unit: fc.constantFrom(..."abYZ09_-. "), maxLength: 200 }),
  fc.string({ unit: fc.constantFrom(..."aaaaaaaaaaaaaaaaaaaaaaaaB.1 "), maxLength: 300 }),
);

/** Every build but `off`, which has no kernels of strings. */
describe.each(BUILDS.filter((build) => build !== "off"))("build %s", (build) => {
  const { heap, run } = testRuntime(build, ngramRoomBytes(MOST) + 1024);
  const room = new NgramRoom(heap, MOST);

  test("ngrams_u8 gives the hashes of the words of any ASCII text", () => {
    fc.assert(
      fc.property(ascii, (text) => {
        expect(ofText(text), text).toEqual(ngramsReference(asciiWordsOf(text), ALL));
      }),
      { numRuns: 2000, seed: 7 },
    );
  });

  test("ngrams_u8 finds runs that end anywhere in a block, and longer than one", () => {
    for (const lead of [0, 1, 8, 15, 63]) {
      for (let length = 0; length <= 130; length++) {
        for (const tail of ["", " ", ".", "_ ", "B", "9", ".x"]) {
          const text = `${" ".repeat(lead)}${"a".repeat(length)}${tail}`;
          expect(ofText(text), text).toEqual(ngramsReference(asciiWordsOf(text), ALL));
        }
      }
    }
  });

  test("ngrams_u8 takes apart what is written as names and codes are", () => {
    for (const text of [
      ..."getUserById get_user-by.id HTTPServer sha256 H3K4me3 step2Done _private trailing_ x".split(
        " ",
      ),
      ..."A AB aB ABc 1 12 1a a1 A1b2 a1b2c3d4 a1b2c3d4e a1b2c3d4e5 v1.2.3 ... --- __init__ a-".split(
        " ",
      ),
      "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      `${"aB".repeat(100)} ${"x1".repeat(4)} ${"_".repeat(100)} ${"a.".repeat(70)}`,
      `${"a".repeat(64)}-${"b".repeat(65)} ${"A".repeat(64)} ${"A".repeat(65)}`,
    ]) {
      expect(ofText(text), text).toEqual(ngramsReference(asciiWordsOf(text), ALL));
    }
  });

  test("each kind and each range of lengths can be had alone", () => {
    const text = "The getUserById of a b abc, 2 to 10 of them";
    for (const [ofWord, bigrams] of [
      [true, true],
      [true, false],
      [false, true],
      [false, false],
    ]) {
      for (let shortest = 2; shortest <= 8; shortest++) {
        for (let longest = shortest - 1; longest <= 8; longest++) {
          const kinds = { words: ofWord, bigrams, shortest, longest };
          const expected = ngramsReference(asciiWordsOf(text), kinds);
          expect(ofText(text, kinds), JSON.stringify(kinds)).toEqual(expected);
        }
      }
    }
  });

  test("texts of the most words and hashes fit, and longer ones are refused", () => {
    const kinds = { words: true, bigrams: true, shortest: 2, longest: 8 };
    for (const unit of ["a ", "aB", "a1", "a.", "a", "1", "a1b2c3d4."]) {
      const text = unit.repeat(MOST).slice(0, MOST);
      expect(ofText(text, kinds), unit).toEqual(ngramsReference(asciiWordsOf(text), kinds));
    }
    expect(() => room.ofText(MOST + 1, ALL)).toThrow(
      expect.objectContaining({ code: "DIMENSION" }),
    );
  });

  /** Behind a text stands what the text before left: it must not be read as part of it. */
  function ofText(text: string, kinds = ALL): Ngrams {
    room.text.fill(0x61);
    room.hashes.fill(GUARD);
    new TextEncoder().encodeInto(text, room.text);
    const count = run(room.ofText(text.length, kinds));
    const [ofWord, bigrams, runs] = room.counts;
    expect(ofWord + bigrams + runs).toBe(count);
    expect(room.hashes.subarray(count + SLACK).every((hash) => hash === GUARD)).toBe(true);
    return { hashes: Uint32Array.from(room.hashes.subarray(0, count)), words: ofWord, bigrams };
  }
});
