import { expect, test } from "vitest";
import { VectorIndex } from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { runModule } from "../support/process.ts";
import { describeIndex } from "../support/conformance.ts";
import { testFolder } from "../support/folder.ts";
import { randomVectors } from "../support/random.ts";

describeIndex({ kind: "flat", recall: 0.99 });
describeIndex({ kind: "flat", recall: 0.99, precision: "int8" });
describeIndex({ kind: "auto", recall: 0.99 });

test.each(["cosine", "l2sq", "dot"] as const)(
  "by codes it finds 99.5 %% of the true nearest, in either order of insertion, metric %s",
  async (metric) => {
    const count = 8000;
    const dim = 384;
    const vectors = clusteredVectors(count, dim, 1, { clusters: 100 });
    const queries = clusteredVectors(200, dim, 2, { clusters: 100 });
    const keys = Array.from({ length: count }, (_, i) => i);
    await using exact = await VectorIndex.create({ dim, metric, kind: "exact" });
    await exact.add(keys, vectors);
    const truth = await exact.searchMany(queries);
    // Cluster after cluster is the order that a graph or a centroid likes least.
    const sorted = keys.toSorted((a, b) => vectors[a * dim] - vectors[b * dim]);
    for (const order of [keys, sorted]) {
      await using index = await VectorIndex.create({ dim, metric, kind: "flat", threads: 2 });
      for (let from = 0; from < count; from += 1000) {
        const some = order.slice(from, from + 1000);
        const rows = new Float32Array(1000 * dim);
        some.forEach((key, i) => rows.set(vectors.subarray(key * dim, (key + 1) * dim), i * dim));
        await index.add(some, rows);
      }
      const answers = await index.searchMany(queries);
      let found = 0;
      answers.forEach(({ keys: nearest }, i) => {
        const right = new Set(truth[i].keys);
        found += nearest.filter((key) => right.has(key)).length;
      });
      expect(found / 2000).toBeGreaterThan(0.995);
      const one = index.search(queries.subarray(0, dim));
      expect([...one.keys]).toEqual([...answers[0].keys]);
      expect(index.stats()).toMatchObject({ kind: "flat", rows: count });
    }
  },
);

test("hardly more rows are looked at than might be near, wherever they stand; k, filters and parts of it all answer alike", async () => {
  const count = 12_000;
  const dim = 128;
  const shape = { clusters: 60, unit: true };
  const vectors = clusteredVectors(count, dim, 1, shape);
  const queries = clusteredVectors(30, dim, 2, shape);
  const keys = Array.from({ length: count }, (_, i) => i);
  await using exact = await VectorIndex.create({ dim, metric: "l2sq", kind: "exact" });
  await using index = await VectorIndex.create({ dim, metric: "l2sq", kind: "flat" });
  await exact.add(keys, vectors);
  await index.add(keys, vectors);
  // Rows of the first thousands and of those behind them; ten, and more than are looked for first.
  for (const filter of [() => true, (key: number) => key > 8200, (key: number) => key % 3 === 0]) {
    for (const k of [1, 10, 200, 256, 257]) {
      let found = 0;
      for (let q = 0; q < 30; q++) {
        const query = queries.subarray(q * dim, (q + 1) * dim);
        const right = new Set(exact.search(query, { k, filter }).keys);
        const { keys: nearest } = index.search(query, { k, filter });
        expect(new Set(nearest).size).toBe(k);
        found += nearest.filter((key) => right.has(key)).length;
      }
      expect(found / (30 * k)).toBeGreaterThan(0.99);
    }
  }
  const before = index.stats().work?.rows ?? 0;
  for (let q = 0; q < 30; q++) index.search(queries.subarray(q * dim, (q + 1) * dim));
  // 200 rows share a query's cluster.
  expect(((index.stats().work?.rows ?? 0) - before) / 30).toBeLessThan(250);
});

test("what grows by some rows at a time is one segment for 32,768 rows, also once it was saved, and then two", async () => {
  const dim = 16;
  const most = 32_768;
  const vectors = randomVectors(most + 1000, dim, 1);
  const queries = randomVectors(20, dim, 2);
  const folder = testFolder();
  await using exact = await VectorIndex.create({ dim, kind: "exact" });
  const add = async (index: VectorIndex, from: number, count: number): Promise<void> => {
    const keys = Array.from({ length: count }, (_, i) => from + i);
    await index.add(keys, vectors.subarray(from * dim, (from + count) * dim));
  };
  await using index = await VectorIndex.create({ dim, kind: "flat" });
  for (let from = 0; from < 5000; from += 100) await add(index, from, 100);
  await index.save(folder);
  await using opened = await VectorIndex.open(folder);
  for (let from = 5000; from < most; from += 1000) {
    await add(opened, from, Math.min(1000, most - from));
  }
  expect(opened.stats().segments).toBe(1);
  await add(opened, most, 1000);
  expect(opened.stats()).toMatchObject({ rows: most + 1000, segments: 2 });
  await add(exact, 0, most + 1000);
  const found = { one: 0, many: 0 };
  const answers = await opened.searchMany(queries, { k: 100 });
  for (let q = 0; q < 20; q++) {
    const query = queries.subarray(q * dim, (q + 1) * dim);
    const right = new Set(exact.search(query, { k: 100 }).keys);
    found.one += opened.search(query, { k: 100 }).keys.filter((key) => right.has(key)).length;
    found.many += answers[q].keys.filter((key) => right.has(key)).length;
  }
  expect(found.one / 2000).toBeGreaterThan(0.995);
  expect(found.many / 2000).toBeGreaterThan(0.995);
});

test.each(["l2sq", "dot"] as const)(
  "rows that share a large offset are told apart by what differs, metric %s",
  async (metric) => {
    for (const offset of [10, 100, 1000]) {
      const shifted = (count: number, seed: number): Float32Array =>
        randomVectors(count, 256, seed).map((value) => value + offset);
      const keys = Array.from({ length: 3000 }, (_, i) => i);
      const vectors = shifted(3000, 1);
      const queries = shifted(50, 2);
      await using exact = await VectorIndex.create({ dim: 256, metric, kind: "exact" });
      await using index = await VectorIndex.create({ dim: 256, metric, kind: "flat" });
      await exact.add(keys, vectors);
      await index.add(keys, vectors);
      let found = 0;
      for (let i = 0; i < 50; i++) {
        const query = queries.subarray(i * 256, (i + 1) * 256);
        const right = new Set(exact.search(query).keys);
        found += index.search(query).keys.filter((key) => right.has(key)).length;
      }
      expect(found / 500, `offset ${offset}`).toBeGreaterThan(0.98);
    }
  },
);

test("rows replaced after they were encoded are found where they are", async () => {
  await using index = await VectorIndex.create({ dim: 256, kind: "flat", metric: "l2sq" });
  const keys = Array.from({ length: 3000 }, (_, i) => i);
  await index.add(keys, randomVectors(3000, 256, 1));
  const moved = randomVectors(3000, 256, 2);
  await index.remove(keys.slice(0, 1500));
  await index.add(keys, moved);
  for (const key of [0, 31, 32, 1499, 1500, 2999]) {
    const { keys: found, distances } = index.search(moved.subarray(key * 256, (key + 1) * 256), {
      k: 1,
    });
    expect([found[0], distances[0]]).toEqual([key, 0]);
  }
  expect(await index.verify()).toMatchObject({ ok: true, rows: 3000 });
});

test("a filter that lets few through is answered by looking at them", async () => {
  await using index = await VectorIndex.create({ dim: 256, kind: "flat", metric: "l2sq" });
  const keys = Array.from({ length: 5000 }, (_, i) => i);
  const vectors = randomVectors(5000, 256, 1);
  await index.add(keys, vectors);
  await using exact = await VectorIndex.create({ dim: 256, kind: "exact", metric: "l2sq" });
  await exact.add(keys, vectors);
  const query = randomVectors(1, 256, 2);
  for (const every of [7, 50, 1000]) {
    const filter = (key: number): boolean => key % every === 0;
    const found = index.search(query, { filter });
    const truth = exact.search(query, { filter });
    expect([...found.keys]).toEqual([...truth.keys]);
  }
});

test.each(["flat", "graph"])(
  "without WebAssembly kind %s is refused with a reason",
  async (kind) => {
    const { stdout } = await runModule(
      `import { VectorIndex } from "#dist/index.js";
     await VectorIndex.create({ dim: 4, kind: "${kind}" }).catch(({ code }) => console.log(code));`,
      { env: { STIGMERGY_WASM: "off" } },
    );
    expect(stdout).toBe("NOT_SUPPORTED\n");
  },
);
