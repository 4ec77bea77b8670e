import { describe, expect, test } from "vitest";
import { VectorIndex, type Metric } from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { describeIndex } from "../support/conformance.ts";
import { exactHits, range, recall } from "../support/hits.ts";
import { randomVectors, seededRandom } from "../support/random.ts";

describeIndex({ kind: "graph", recall: 0.98 });
describeIndex({ kind: "graph", recall: 0.98, precision: "int8" });

const METRICS: readonly Metric[] = ["cosine", "l2sq", "dot"];

test("links are passed over where they tell nothing that lists have not, about centers, and followed where they do", async () => {
  const count = 6000;
  const dim = 128;
  for (const [clusters, decay, least] of [
    [30, 0, 0.985],
    [30, 1, 0.985],
    [1, 1, 0.85],
  ]) {
    const shape = { clusters, unit: true, decay };
    const vectors = clusteredVectors(count, dim, 1, shape);
    const queries = clusteredVectors(100, dim, 2, shape);
    await using index = await VectorIndex.create({ dim, metric: "l2sq", kind: "graph" });
    await index.add(range(0, count), vectors);
    await index.optimize();
    const truth = await exactHits(vectors, dim, "l2sq", queries);
    const { work: before } = index.stats();
    const answers = Array.from({ length: 100 }, (_, i) =>
      index.search(queries.subarray(i * dim, (i + 1) * dim), { efSearch: 48 }),
    );
    const { work } = index.stats();
    if (work === undefined || before === undefined) throw new Error("no counts");
    const hops = work.hops - before.hops;
    const codes = work.codes - before.codes;
    expect(recall(answers, truth)).toBeGreaterThan(least);
    // Each record has 32 links; the codes of centroids and of lists count as well, about eight for each key.
    const followed = codes - 100 * (96 + 8 * 48);
    if (clusters === 1) expect(followed).toBeGreaterThan(0.8 * 32 * hops);
    else expect(followed).toBeLessThan(0.3 * 32 * hops);
  }
});

describe.each(METRICS)("metric %s", (metric) => {
  test("it finds 98 % of the true nearest by default, in either order of insertion", async () => {
    for (const dim of [100, 384]) {
      const count = 3000;
      const vectors = clusteredVectors(count, dim, 1, { clusters: 100 });
      const queries = clusteredVectors(200, dim, 2, { clusters: 100 });
      const truth = await exactHits(vectors, dim, metric, queries);
      // Cluster after cluster is the order that a graph likes least.
      const inOrder = Array.from({ length: count }, (_, i) => i);
      const sorted = inOrder.toSorted((a, b) => vectors[a * dim] - vectors[b * dim]);
      for (const order of [inOrder, sorted]) {
        await using index = await VectorIndex.create({ dim, metric, kind: "graph", threads: 2 });
        await index.add(order, rowsOf(vectors, dim, order));
        await index.optimize();
        expect(index.stats()).toMatchObject({ kind: "graph", rows: count, linkedRows: count });
        const answers = await index.searchMany(queries);
        expect(recall(answers, truth)).toBeGreaterThan(0.98);
        expect([...index.search(queries.subarray(0, dim)).keys]).toEqual([...answers[0].keys]);
      }
    }
  });

  test("rows added, replaced and removed after the build are found, or not, at once", async () => {
    const dim = 64;
    await using index = await VectorIndex.create({ dim, metric, kind: "graph", threads: 2 });
    const vectors = randomVectors(1500, dim, 1);
    await index.add(range(0, 1500), vectors);
    await index.optimize();
    const far = new Float32Array(dim).fill(3);
    await index.add([7, 5000], Float32Array.from([...far, ...far.map((value) => value + 1)]));
    expect([...index.search(far, { k: 2 }).keys].toSorted()).toEqual([5000, 7]);
    expect(await index.remove([5000, 8, 9])).toBe(3);
    expect(index.search(far, { k: 1 }).keys[0]).toBe(7);
    for (const gone of [8, 9, 5000]) {
      const { keys } = index.search(vectors.subarray(8 * dim, 9 * dim), { k: 1499 });
      expect(keys.length).toBe(1498);
      expect(keys).not.toContain(gone);
    }
    await index.optimize();
    expect(index.stats()).toMatchObject({ rows: 1498, linkedRows: 1498 });
    expect(await index.verify()).toEqual({ ok: true, rows: 1498, problems: [] });
    expect(index.search(far, { k: 1 }).keys[0]).toBe(7);
  });

  test("longer rows than those that a graph was built of are found as well", async () => {
    const dim = 64;
    await using index = await VectorIndex.create({ dim, metric, kind: "graph", threads: 2 });
    await index.add(range(0, 1500), randomVectors(1500, dim, 1));
    await index.optimize();
    const longer = randomVectors(500, dim, 2).map((value) => value * 5);
    await index.add(range(2000, 500), longer);
    await index.optimize();
    expect(await index.verify()).toMatchObject({ ok: true, rows: 2000 });
    const all = new Float32Array(2000 * dim);
    all.set(randomVectors(1500, dim, 1));
    all.set(longer, 1500 * dim);
    const keys = [...range(0, 1500), ...range(2000, 500)];
    const queries = randomVectors(50, dim, 3);
    const truth = await exactHits(all, dim, metric, queries, keys);
    expect(recall(await index.searchMany(queries), truth)).toBeGreaterThan(0.97);
  });
});

test("the same rows get the same graph on one thread and on three, to the last hop", async () => {
  const dim = 128;
  const vectors = clusteredVectors(3000, dim, 1, { clusters: 50 });
  const queries = clusteredVectors(100, dim, 2, { clusters: 50 });
  const work: unknown[] = [];
  for (const threads of [1, 3]) {
    await using index = await VectorIndex.create({ dim, kind: "graph", threads, metric: "l2sq" });
    await index.add(range(0, 3000), vectors);
    await index.optimize();
    for (let i = 0; i < 100; i++) index.search(queries.subarray(i * dim, (i + 1) * dim));
    work.push(index.stats().work);
  }
  expect(work[1]).toEqual(work[0]);
  const { hops, codes, rows, queries: asked } = work[0] as Record<string, number>;
  expect(asked).toBe(100);
  // A gate: what a query costs may fall, and must not rise.
  expect(hops / 100).toBeLessThan(15.5);
  // Centroids, lists of about eight rows for each key of the beam, and links of some of the rows.
  expect(codes / 100).toBeLessThan(280);
  expect(codes / 100).toBeGreaterThan(64);
  expect(rows).toBe(hops);
});

test("noise of equal size in 768 directions is told apart by a beam of 32", async () => {
  // 200 rows of a cluster differ by 4 % in distance, where codes of links err by 5 %.
  const count = 4000;
  const dim = 768;
  const options = { clusters: 20, unit: true };
  const vectors = clusteredVectors(count, dim, 1, options);
  const queries = clusteredVectors(100, dim, 2, options);
  const truth = await exactHits(vectors, dim, "cosine", queries);
  await using index = await VectorIndex.create({ dim, kind: "graph", threads: 2 });
  await index.add(range(0, count), vectors);
  await index.optimize();
  const answers = await index.searchMany(queries, { efSearch: 32 });
  expect(recall(answers, truth)).toBeGreaterThan(0.97);
  // Gates: what it takes may fall, and must not rise.
  const { hops = NaN, codes = NaN } = index.stats().work ?? {};
  expect(hops / 100).toBeLessThan(33);
  expect((codes - 32 * hops) / 100).toBeLessThan(700);
  expect(index.stats().bytes / count).toBeLessThan(6963);
});

test("of 30 % and of 90 % removed rows none is answered, and the others are still found", async () => {
  const dim = 128;
  const vectors = clusteredVectors(3000, dim, 1, { clusters: 30 });
  const queries = clusteredVectors(100, dim, 2, { clusters: 30 });
  for (const share of [0.3, 0.9]) {
    await using index = await VectorIndex.create({
      dim,
      kind: "graph",
      metric: "l2sq",
      threads: 2,
    });
    await index.add(range(0, 3000), vectors);
    await index.optimize();
    const random = seededRandom(4);
    const gone = range(0, 3000).filter(() => random() < share);
    const left = range(0, 3000).filter((key) => !new Set(gone).has(key));
    const truth = await exactHits(rowsOf(vectors, dim, left), dim, "l2sq", queries, left);
    await index.remove(gone);
    const before = await index.searchMany(queries);
    expect(before.every(({ keys }) => keys.length === 10)).toBe(true);
    expect(recall(before, truth)).toBeGreaterThan(0.97);
    await index.optimize();
    expect(index.stats()).toMatchObject({
      rows: left.length,
      linkedRows: left.length,
      deadRows: 0,
    });
    expect(await index.verify()).toMatchObject({ ok: true, rows: left.length });
    expect(recall(await index.searchMany(queries), truth)).toBeGreaterThan(0.98);
  }
});

test("few rows that match are all answered, whether or not links lead to them", async () => {
  const dim = 64;
  await using index = await VectorIndex.create({ dim, kind: "graph", metric: "l2sq", threads: 2 });
  const vectors = randomVectors(4000, dim, 1);
  await index.add(range(0, 4000), vectors);
  await index.optimize();
  const query = randomVectors(1, dim, 2);
  const truth = await exactHits(vectors, dim, "l2sq", query, range(0, 4000), 4000);
  for (const every of [2, 3, 10, 100, 1000]) {
    const filter = (key: number): boolean => key % every === 1;
    const expected = [...truth[0].keys].filter(filter).slice(0, 10);
    const found = [...index.search(query, { filter }).keys];
    const [many] = await index.searchMany(query, { filter });
    expect([...many.keys]).toEqual(found);
    expect(found.length).toBe(expected.length);
    expect(found.filter((key) => expected.includes(key)).length).toBeGreaterThanOrEqual(
      expected.length - 1,
    );
  }
});

function rowsOf(vectors: Float32Array, dim: number, order: readonly number[]): Float32Array {
  const rows = new Float32Array(order.length * dim);
  order.forEach((key, i) => rows.set(vectors.subarray(key * dim, (key + 1) * dim), i * dim));
  return rows;
}
