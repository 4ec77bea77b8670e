import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Pieces } from "#dist/text/pieces.js";
import { VOCABULARY } from "../support/static-model.ts";

const pieces = new Pieces(VOCABULARY);

/** The pieces of a text, spelled; buckets of other scripts as `?`. */
function spelled(text: string): string {
  return [...pieces.of(text)].map((piece) => VOCABULARY[piece] ?? "?").join(" ");
}

test("a word is cut into the longest pieces that there are, from its start", () => {
  expect(spelled("cat")).toBe("cat");
  expect(spelled("Authentication")).toBe("auth #entic #ation");
  expect(spelled("cats")).toBe("cat #s");
  expect(spelled("ab")).toBe("a #b");
});

test("identifiers are cut at marks, digits and where camelCase has its borders", () => {
  expect(spelled("userName")).toBe("user name");
  expect(spelled("user_name-of")).toBe("user name of");
  expect(spelled("HTTPServer")).toBe("http server");
  expect(spelled("user2name")).toBe("user name");
  expect(spelled("USER")).toBe("user");
});

test("digits and marks are nothing", () => {
  expect(spelled("12 345.67, (2020-01-01) -- !?")).toBe("");
  expect(spelled("")).toBe("");
  // Nor would they be if they were pieces.
  const marked = new Pieces(["a", "1", "#1", "-", "#-"]);
  expect([...marked.of("1 11 a1 - --")]).toEqual([0]);
});

test("accents of Latin letters are left out, and letters that have no plain form are spelled out", () => {
  expect(spelled("Çàt")).toBe(spelled("cat"));
  expect(spelled("ＣＡＴ")).toBe("cat");
  expect(spelled("ß")).toBe(spelled("ss"));
  expect(spelled("cat — the “user”")).toBe("cat the user");
});

describe.each([
  "日本語",
  "привет",
  "مرحبا",
  "नमस्ते",
  "שלום",
  "γειά",
  "สวัสดี",
  "안녕하세요",
  "🎉",
  "ꙮ",
])("%s", (word) => {
  test("has pieces, alone and beside words of the vocabulary", () => {
    const alone = [...pieces.of(word)];
    expect(alone.length).toBeGreaterThan(0);
    expect(Math.min(...alone)).toBeGreaterThanOrEqual(VOCABULARY.length);
    expect(Math.max(...alone)).toBeLessThan(pieces.count);
    expect([...pieces.of(`cat ${word} user`)]).toEqual([
      VOCABULARY.indexOf("cat"),
      ...alone,
      VOCABULARY.indexOf("user"),
    ]);
  });
});

test("words of other scripts share pieces with words spelled alike", () => {
  const one = new Set(pieces.of("программа"));
  const other = new Set(pieces.of("программы"));
  expect([...one].filter((piece) => other.has(piece)).length).toBeGreaterThan(4);
  const whole = new Set(pieces.of("全文検索"));
  const part = new Set(pieces.of("検索"));
  expect([...part].every((piece) => whole.has(piece))).toBe(true);
});

test("any text has pieces of the vocabulary or a bucket, the same each time", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
      const found = [...pieces.of(text)];
      expect([...pieces.of(text)]).toEqual(found);
      for (const piece of found) {
        expect(Number.isInteger(piece) && piece >= 0 && piece < pieces.count).toBe(true);
      }
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("the pieces of letters are the letters, whatever they are", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{1,64}$/), (word) => {
      expect(spelled(word).replaceAll(/[ #]/g, "")).toBe(word);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("words seldom met push others out of what is remembered, and stay right", () => {
  const word = (i: number): string => i.toString(26).replaceAll(/\d/g, (d) => "qrstuvwxyz"[+d]);
  const before = spelled("userName cat");
  for (let i = 0; i < 40_000; i++) pieces.of(word(i));
  expect(spelled("userName cat")).toBe(before);
});

test("a run of letters longer than any word, such as encoded bytes, is left out", () => {
  expect(spelled("q".repeat(65))).toBe("");
  expect(spelled("q".repeat(64))).not.toBe("");
});
