import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { execPath } from "node:process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { NgramHasher, type NgramOptions } from "#dist/text/ngrams.js";
import { hashWords, type Ngrams } from "#dist/text/plain-ngrams.js";
import { wordsOf } from "#dist/text/tokenizer.js";
import { ngramsReference } from "../support/reference.ts";

const ALL = { words: true, bigrams: true, shortest: 3, longest: 5 };
const hasher = new NgramHasher();

test("a text gives its words, each two neighbors, and runs of letters with borders", () => {
  const { hashes, words, bigrams } = hash("Go, getUser");
  expect([words, bigrams]).toEqual([4, 3]); // go get user getuser
  const [go, get, user, getuser] = hashes;
  expect([...hash("go").hashes][0]).toBe(go);
  expect([...hash("user").hashes][0]).toBe(user);
  expect([...hash("GETUSER").hashes][0]).toBe(getuser);
  expect(get).not.toBe(user);
  // " go ": " go", "go " and " go "
  expect(hash("go").hashes.length).toBe(1 + 2 + 1);
});

test("the order of neighbors matters", () => {
  expect(hash("red fox").hashes[2]).not.toBe(hash("fox red").hashes[2]);
});

// Held to the bit: what was learned from hashes must stay of use.
test("hashes never change", () => {
  expect([...hash("hello world").hashes.subarray(0, 4)]).toMatchInlineSnapshot(`
    [
      2290972270,
      105664825,
      795616125,
      4118850996,
    ]
  `);
  expect(digestOf(hash("The getUserById of naïve 検索, v1.2.3"))).toMatchInlineSnapshot(
    `"f2b099b6fa44d1f1"`,
  );
});

test("the kernel and its twin in JavaScript give the same for any text", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 100 }),
    fc.string({
      unit: fc.constantFrom(..."abZ09_-. é\u0301İ検ー\ud83d\ude00\ud800ﬁ"),
      maxLength: 100,
    }),
    fc.string({ unit: fc.constantFrom(..."aB1_ "), maxLength: 300 }),
  );
  fc.assert(
    fc.property(text, (each) => {
      const words = wordsOf(each).filter((word) => word !== "");
      const expected = ngramsReference(words, ALL);
      expect(hash(each), each).toEqual(expected);
      expect(copyOf(hashWords(words, ALL)), each).toEqual(expected);
    }),
    { numRuns: 3000, seed: 3 },
  );
});

test("nothing is made of nothing", () => {
  for (const text of ["", " ", "…!", "-_.", "\ud800", "\0", "🙂"]) {
    expect(hash(text), text).toEqual({ hashes: new Uint32Array(0), words: 0, bigrams: 0 });
  }
});

test("texts of every length give what their words give, however they are hashed", () => {
  for (const length of [65_535, 65_536, 65_537]) {
    for (const unit of ["ab cDe9 ", "é ab cde", "ﷺ abcde"]) {
      const text = unit.repeat(length / 8 + 1).slice(0, length);
      const expected = ngramsReference(wordsOf(text), ALL);
      const { hashes, words, bigrams } = hasher.hash(text);
      expect([words, bigrams, hashes.length]).toEqual([
        expected.words,
        expected.bigrams,
        expected.hashes.length,
      ]);
      expect(hashes.every((each, i) => each === expected.hashes[i])).toBe(true);
    }
  }
});

test("kinds can be left out, and lengths that are none are refused", () => {
  const text = "some words of a text";
  const runs = new NgramHasher({ words: false, bigrams: false, shortest: 2, longest: 8 });
  expect(copyOf(runs.hash(text))).toMatchObject({ words: 0, bigrams: 0 });
  const words = new NgramHasher({ longest: 0 });
  expect(words.hash(text).hashes.length).toBe(5 + 4);
  for (const options of [
    { shortest: 1 },
    { shortest: 6 },
    { longest: 2 },
    { longest: 9 },
    { shortest: 2.5 },
    { longest: Number.NaN },
  ] satisfies NgramOptions[]) {
    expect(() => new NgramHasher(options), JSON.stringify(options)).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  }
});

test("words, neighbors and runs of each length are hashed apart and evenly", () => {
  const letters = [..."abcdefghijklmnopqrstuvwxyz"];
  const hashes = new Set<number>();
  let different = 0;
  for (const a of letters) {
    for (const b of letters) {
      for (const c of letters) {
        // The word, and runs of which `abc` is one: 3 of 3 units, 2 of 4, 1 of 5.
        const found = hash(a + b + c).hashes;
        for (const at of [0, 2, 4, 5, 6]) hashes.add(found[at]);
        different += 5;
      }
    }
  }
  // `abc`, then `abc` as a run, ` abc`, `abc ` and ` abc `: of 87,880 hashes of 32 bits one pair or so is equal.
  expect(different - hashes.size).toBeLessThan(6);
  const buckets = new Uint32Array(256);
  for (const each of hashes) buckets[each & 255]++;
  const expected = hashes.size / 256;
  const spread = buckets.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  expect(spread).toBeLessThan(340); // χ² of 255: 1 of 5,000 is above
});

test("hashes are the same with WebAssembly off", () => {
  const texts = ["", "The getUserById of naïve 検索, v1.2.3", "ab cDe9 ".repeat(1000)];
  const program = `
    const { NgramHasher } = await import(${JSON.stringify(import.meta.resolve("#dist/text/ngrams.js"))});
    const hasher = new NgramHasher();
    for (const text of ${JSON.stringify(texts)}) console.log(hasher.hash(text).hashes.join());`;
  const printed = execFileSync(execPath, ["--input-type=module", "-e", program], {
    env: { ...process.env, STIGMERGY_WASM: "off" },
    encoding: "utf8",
  });
  expect(printed.trimEnd().split("\n")).toEqual(texts.map((text) => hash(text).hashes.join()));
});

function hash(text: string): Ngrams {
  return copyOf(hasher.hash(text));
}

function copyOf({ hashes, ...counts }: Ngrams): Ngrams {
  return { hashes: Uint32Array.from(hashes), ...counts };
}

function digestOf({ hashes }: Ngrams): string {
  return createHash("sha256").update(hashes).digest("hex").slice(0, 16);
}
