import { readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { createEmbedder } from "#dist/index.js";
import { detectFeatures } from "#dist/wasm/build.js";
import { decodeStaticModel } from "#dist/text/static-model-file.js";
import { runModule } from "../support/process.ts";

const FILE = new URL("../../dist/text/model/builtin.bin", import.meta.url);

/** Texts that say the same in other words: hardly a piece of one stands in the other. */
const PAIRS = [
  ["delete a folder", "remove the directory"],
  ["how to fix an exception", "resolving this error"],
  ["login credentials", "authentication with a password"],
  ["wait for threads", "block until the workers finish"],
  ["faster execution", "performance optimization"],
  ["make a copy", "duplicate the object"],
  ["undo the commit", "git revert"],
  ["text in quotes", "a string literal"],
];

test("the model is small, of pieces without digits, and its README names where it comes from", () => {
  expect(statSync(FILE).size).toBeLessThanOrEqual(4_000_000);
  const { vocabulary, dim, scales } = decodeStaticModel(readFileSync(FILE));
  expect(dim).toBe(384);
  expect(new Set(vocabulary).size).toBe(vocabulary.length);
  for (const piece of vocabulary) expect(piece).toMatch(/^#?[a-z]+$/);
  for (const scale of scales) expect(scale).toBeGreaterThanOrEqual(0);
  const readme = readFileSync(new URL("README.md", FILE), "utf8");
  expect(readme).toContain("npm run train:embedder");
  expect(readme.match(/CC-BY-4\.0/g)?.length).toBeGreaterThan(5);
});

test("it ships what a text means: the same in other words is nearer than other texts", async () => {
  const embedder = await createEmbedder();
  expect(embedder).toMatchObject({ kind: "semantic", dim: 384 });
  const [one, other] = await Promise.all([0, 1].map((i) => embedder.embed(PAIRS.map((p) => p[i]))));
  const score = (i: number, j: number): number => {
    let sum = 0;
    for (let k = 0; k < 384; k++) sum += one[i * 384 + k] * other[j * 384 + k];
    return sum;
  };
  const right = PAIRS.filter((_, i) => {
    const scores = PAIRS.map((__, j) => score(i, j));
    return scores.indexOf(Math.max(...scores)) === i;
  });
  expect(right.length).toBeGreaterThanOrEqual(PAIRS.length - 1);
});

test("vectors are the same in every build, to a millionth", async () => {
  const texts = ["how do I parse a JSON file?", "日本語 привет getUserById", "a ".repeat(10_000)];
  const source = `import { createEmbedder } from "#dist/index.js";
    const vectors = await (await createEmbedder()).embed(${JSON.stringify(texts)});
    console.log(JSON.stringify([...vectors]));`;
  const builds = ["off", "simd", ...(detectFeatures().relaxedSimd ? ["relaxed"] : [])];
  const said = await Promise.all(
    builds.map(async (build) => {
      const { stdout } = await runModule(source, { env: { STIGMERGY_WASM: build } });
      return JSON.parse(stdout) as number[];
    }),
  );
  for (const vectors of said) {
    expect(vectors).toHaveLength(texts.length * 384);
    vectors.forEach((value, i) => expect(Math.abs(value - said[0][i])).toBeLessThan(1e-6));
  }
});
