import fc from "fast-check";
import { expect, test } from "vitest";
import { wordsOf } from "#dist/text/tokenizer.js";

test("words are lower case runs of letters and digits, in order", () => {
  expect(wordsOf("The quick, brown FOX — jumps!")).toEqual([
    "the",
    "quick",
    "brown",
    "fox",
    "jumps",
  ]);
  expect(wordsOf("")).toEqual([]);
  expect(wordsOf("!!! -- …")).toEqual([]);
});

test("an identifier gives its parts and itself, however it is written", () => {
  const expected = ["get", "user", "by", "id", "getuserbyid"];
  for (const name of ["getUserById", "get_user_by_id", "get-user-by-id", "GetUserByID"]) {
    expect(wordsOf(name), name).toEqual(expected);
  }
  expect(wordsOf("HTTPServer")).toEqual(["http", "server", "httpserver"]);
  expect(wordsOf("sha256")).toEqual(["sha", "256", "sha256"]);
  expect(wordsOf("v1.2.3")).toEqual(["v", "1", "2", "3", "v123"]);
  expect(wordsOf("step2Done")).toEqual(["step", "2", "done", "step2done"]);
  expect(wordsOf("src/memory/store.ts")).toEqual(["src", "memory", "store", "ts", "storets"]);
});

test("a code of many letters and digits stays whole", () => {
  const checksum = "9f86d081884c7d659a2feaa0c55ad015";
  expect(wordsOf(checksum)).toEqual([checksum]);
});

test("scripts without spaces give pairs of neighbors, and mix with words", () => {
  expect(wordsOf("全文検索")).toEqual(["全文", "文検", "検索"]);
  expect(wordsOf("Node服务器start")).toEqual(["node", "服务", "务器", "start"]);
  expect(wordsOf("猫")).toEqual(["猫"]);
});

test("words of other scripts are kept whole, with their accents", () => {
  expect(wordsOf("Ёлка naïve Straße ΑΒΓ")).toEqual(["ёлка", "naïve", "straße", "αβγ"]);
  expect(wordsOf("ﬁle ＡＢＣ")).toEqual(["file", "abc"]);
});

test("a run too long to be a word is data, and is left out", () => {
  expect(wordsOf(`${"a".repeat(65)} ok`)).toEqual(["ok"]);
});

test("a text of ASCII gives the same words as the same text beside others", () => {
  const character = fc.constantFrom(...'aabcBCDZ019__--.. \n"{}:/$'.split(""));
  const text = fc.string({ unit: character, maxLength: 80 });
  fc.assert(
    fc.property(text, (ascii) => {
      expect(wordsOf(`${ascii} é`)).toEqual([...wordsOf(ascii), "é"]);
    }),
    { seed: 3, numRuns: 3000 },
  );
});
