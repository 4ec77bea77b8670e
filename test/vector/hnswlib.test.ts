import { expect, test } from "vitest";
import { VectorIndex } from "#dist/index.js";
import { describeIndex } from "../support/conformance.ts";
import { randomVectors } from "../support/random.ts";
import { runModule } from "../support/process.ts";

const isBuilt = await import("hnswlib-node").then(
  () => true,
  () => false,
);
if (isBuilt) describeIndex({ kind: "hnswlib", recall: 0.98 });
else console.warn("hnswlib-node was not built here: kind hnswlib is not tested");

test.runIf(isBuilt)("rows that its graph no longer reaches are found all the same", async () => {
  await using index = await VectorIndex.create({
    dim: 8,
    kind: "hnswlib",
    m: 2,
    efConstruction: 1,
  });
  const keys = Array.from({ length: 2000 }, (_, i) => i);
  await index.add(keys, randomVectors(2000, 8, 1));
  await index.remove(keys.filter((key) => key % 10 !== 0));
  const { keys: found } = index.search(randomVectors(1, 8, 2), { k: 500 });
  expect([...found].toSorted((a, b) => a - b)).toEqual(keys.filter((key) => key % 10 === 0));
});

test.runIf(isBuilt)("a filter that throws or writes can't reach native code", async () => {
  await using index = await VectorIndex.create({ dim: 4, kind: "hnswlib" });
  const keys = Array.from({ length: 100 }, (_, i) => i);
  await index.add(keys, randomVectors(100, 4, 1));
  const query = randomVectors(1, 4, 2);
  let asked = 0;
  const throwing = (): boolean => {
    if (++asked > 20) throw new Error("mine");
    return true;
  };
  expect(() => index.search(query, { filter: throwing })).toThrow("mine");
  const writing = (key: number): boolean => {
    if (key === 5) {
      void index.add(
        Array.from({ length: 3000 }, (_, i) => 1000 + i),
        randomVectors(3000, 4, 3),
      );
    }
    return key < 50;
  };
  expect(index.search(query, { k: 100, filter: writing }).keys.length).toBe(50);
});

test("without the native module the error names what to install", async () => {
  const { stdout } = await runModule(
    `import { register } from "node:module";
     register("data:text/javascript," + encodeURIComponent(
       "export function resolve(name, context, next) {" +
       " if (name === 'hnswlib-node') throw new Error('not built'); return next(name, context); }"));
     const { VectorIndex } = await import("#dist/index.js");
     await VectorIndex.create({ dim: 2, kind: "hnswlib" }).catch(({ code, message }) =>
       console.log(code, message));`,
  );
  expect(stdout).toMatch(/^DEPENDENCY_MISSING .*npm install hnswlib-node/);
});
