import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { MemoryStore, type Ranking } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

test("a part of the ranking that is undefined counts as by default", async () => {
  const usual = await testStore();
  const asked = await testStore({ ranking: { saturation: undefined, meaning: undefined } });
  for (const store of [usual, asked]) await store.store({ key: "k", value: "the walrus herd" });
  const [expected] = (await usual.search({ query: "walrus" })).hits;
  const [hit] = (await asked.search({ query: "walrus" })).hits;
  expect(hit?.score).toBe(expected.score);
});

test.each([
  ["a part that there is not", { stems: 1 }],
  ["a part that is not a number", { meaning: "much" }],
  ["a part that is NaN", { saturation: NaN }],
  ["a part below 0", { dates: -0.1 }],
  ["a length norm above 1", { lengthNorm: 1.5 }],
  ["a list", [1, 2]],
  ["a word", "lexical"],
  ["null", null],
])("a ranking with %s opens no store, and makes none", async (_, ranking) => {
  const path = `${testFolder()}/store`;
  await expect(
    MemoryStore.open({ path, ranking: ranking as Partial<Ranking> }),
  ).rejects.toMatchObject({ code: "INVALID_INPUT", message: expect.stringMatching(/^ranking/) });
  expect(existsSync(path)).toBe(false);
});
