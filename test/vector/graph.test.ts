import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VectorIndex, type Hits, type Metric } from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { BruteForce } from "../support/brute-force.ts";
import { describeIndex } from "../support/conformance.ts";
import { testFolder } from "../support/folder.ts";
import { randomVectors, seededRandom } from "../support/random.ts";

describeIndex({ kind: "graph", recall: 0.98 });
describeIndex({ kind: "graph", recall: 0.98, precision: "int8" });

const METRICS: readonly Metric[] = ["cosine", "l2sq", "dot"];

test("links are passed over where they tell nothing that lists have not, about centers, and followed where they do", async () => {
  const [count, dim] = [6000, 128];
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
    const truth = await exactly(vectors, dim, "l2sq", queries);
    const { work: before } = index.stats();
    const answers = Array.from({ length: 100 }, (_, i) =>
      index.search(queries.subarray(i * dim, (i + 1) * dim), { efSearch: 48 }),
    );
    const { work } = index.stats();
    if (work === undefined || before === undefined) throw new Error("no counts");
    const [hops, codes] = [work.hops - before.hops, work.codes - before.codes];
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
      const count = 6000;
      const vectors = clusteredVectors(count, dim, 1, { clusters: 100 });
      const queries = clusteredVectors(200, dim, 2, { clusters: 100 });
      const truth = await exactly(vectors, dim, metric, queries);
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
    const vectors = randomVectors(3000, dim, 1);
    await index.add(range(0, 3000), vectors);
    await index.optimize();
    const far = new Float32Array(dim).fill(3);
    await index.add([7, 5000], Float32Array.from([...far, ...far.map((value) => value + 1)]));
    expect([...index.search(far, { k: 2 }).keys].toSorted()).toEqual([5000, 7]);
    expect(await index.remove([5000, 8, 9])).toBe(3);
    expect(index.search(far, { k: 1 }).keys[0]).toBe(7);
    for (const gone of [8, 9, 5000]) {
      const { keys } = index.search(vectors.subarray(8 * dim, 9 * dim), { k: 2999 });
      expect(keys.length).toBe(2998);
      expect(keys).not.toContain(gone);
    }
    await index.optimize();
    expect(index.stats()).toMatchObject({ rows: 2998, linkedRows: 2998 });
    expect(await index.verify()).toEqual({ ok: true, rows: 2998, problems: [] });
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
    const truth = await exactly(all, dim, metric, queries, keys);
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
  const [count, dim] = [4000, 768];
  const options = { clusters: 20, unit: true };
  const vectors = clusteredVectors(count, dim, 1, options);
  const queries = clusteredVectors(100, dim, 2, options);
  const truth = await exactly(vectors, dim, "cosine", queries);
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

describe("data that graphs are bad at", () => {
  const cases: Record<string, { dim: number; rows: Float32Array }> = {
    "all rows the same": { dim: 64, rows: new Float32Array(3000 * 64).fill(0.5) },
    "clusters of equal rows, larger than the degree": {
      dim: 96,
      rows: repeated(randomVectors(30, 96, 1), 96, 3000),
    },
    "a line": {
      dim: 65,
      rows: Float32Array.from({ length: 3000 * 65 }, (_, i) => Math.floor(i / 65) / 100 + 1),
    },
    "one value": { dim: 1, rows: randomVectors(2000, 1, 2) },
    "two values": { dim: 2, rows: randomVectors(2000, 2, 3) },
    "63 values": { dim: 63, rows: randomVectors(2000, 63, 4) },
    "1,536 values": { dim: 1536, rows: randomVectors(1200, 1536, 5) },
    "lengths from 1e-6 to 1e12": {
      dim: 64,
      rows: randomVectors(2000, 64, 6).map((value, i) => value * 10 ** ((i >> 6) % 19) * 1e-6),
    },
    "two clusters far apart": {
      dim: 64,
      rows: randomVectors(3000, 64, 7).map((value, i) => value + (i < 64 * 1500 ? 1000 : -1000)),
    },
  };
  test.each(Object.entries(cases))(
    "%s: every row is reached, and the nearest found",
    async (_, data) => {
      const { dim, rows } = data;
      const count = rows.length / dim;
      await using index = await VectorIndex.create({
        dim,
        kind: "graph",
        metric: "l2sq",
        threads: 2,
      });
      await index.add(range(0, count), rows);
      await index.optimize();
      expect(index.stats().linkedRows).toBe(count);
      expect(await index.verify()).toEqual({ ok: true, rows: count, problems: [] });
      const truth = await exactly(rows, dim, "l2sq", rows.subarray(0, 40 * dim));
      for (const k of [1, 10, 100, count]) {
        const answers = await index.searchMany(rows.subarray(0, 40 * dim), { k });
        for (const { keys, distances } of answers) {
          expect(new Set(keys).size).toBe(Math.min(k, count));
          expect([...distances]).toEqual([...distances].toSorted((a, b) => a - b));
        }
        if (k !== 10) continue;
        // By distance, because of equal rows any may be answered.
        const found = answers.map(({ distances }, i) => {
          const worst = truth[i].distances[9];
          return distances.filter((distance) => distance <= worst * 1.001 + 1e-5).length / 10;
        });
        expect(found.reduce((sum, each) => sum + each, 0) / 40).toBeGreaterThan(0.97);
      }
    },
  );

  test("graphs of few rows, and of none, answer all there is", async () => {
    for (const count of [0, 1, 9, 32, 33, 64, 65, 100]) {
      await using index = await VectorIndex.create({ dim: 20, kind: "graph", metric: "l2sq" });
      await index.add(range(0, count), randomVectors(count, 20, count));
      await index.optimize();
      const { keys } = index.search(new Float32Array(20), { k: 10 });
      expect(keys.length).toBe(Math.min(10, count));
      expect(await index.verify()).toMatchObject({ ok: true, rows: count });
    }
  });
});

test("of 30 % and of 90 % removed rows none is answered, and the others are still found", async () => {
  const dim = 128;
  const vectors = clusteredVectors(5000, dim, 1, { clusters: 50 });
  const queries = clusteredVectors(100, dim, 2, { clusters: 50 });
  for (const share of [0.3, 0.9]) {
    await using index = await VectorIndex.create({
      dim,
      kind: "graph",
      metric: "l2sq",
      threads: 2,
    });
    await index.add(range(0, 5000), vectors);
    await index.optimize();
    const random = seededRandom(4);
    const gone = range(0, 5000).filter(() => random() < share);
    const left = range(0, 5000).filter((key) => !new Set(gone).has(key));
    const truth = await exactly(rowsOf(vectors, dim, left), dim, "l2sq", queries, left);
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

test("adds, removes, searches and saves go on while a graph is built behind them", async () => {
  const dim = 96;
  await using index = await VectorIndex.create({ dim, kind: "graph", metric: "l2sq", threads: 3 });
  const random = seededRandom(8);
  const model = new Map<number, Float32Array>();
  const folder = testFolder();
  const saves: Promise<void>[] = [];
  let wasBuilding = 0;
  for (let round = 0; round < 60; round++) {
    const keys = Array.from({ length: 150 }, () => Math.floor(random() * 6000));
    const vectors = randomVectors(150, dim, 1000 + round);
    await index.add(keys, vectors);
    keys.forEach((key, i) => model.set(key, vectors.subarray(i * dim, (i + 1) * dim)));
    const removed = [...model.keys()].slice(round, round + 15);
    expect(await index.remove(removed)).toBe(15);
    removed.forEach((key) => model.delete(key));
    const [key, vector] = [...model][Math.floor(random() * model.size)];
    expect(index.search(vector, { k: 1 }).keys[0]).toBe(key);
    const [hits] = await index.searchMany(vector, { k: 5, filter: [key, ...removed] });
    expect([...hits.keys]).toEqual([key]);
    if (index.stats().isBuilding) wasBuilding++;
    if (round % 20 === 10) saves.push(index.save(folder));
  }
  expect(wasBuilding).toBeGreaterThan(0);
  await Promise.all(saves);
  await index.optimize();
  expect(await index.verify()).toEqual({ ok: true, rows: model.size, problems: [] });
  expect(index.stats().linkedRows).toBe(model.size);
  for (const [key, vector] of [...model].slice(0, 200)) {
    expect(index.search(vector, { k: 1 }).keys[0]).toBe(key);
  }
  await using opened = await VectorIndex.open(folder);
  expect(await opened.verify()).toMatchObject({ ok: true });
});

test("any sequence of changes, builds, saves and opens leaves what a Map would hold", async () => {
  const dim = 24;
  const operation = fc.oneof(
    fc.record({ add: fc.integer({ min: 1, max: 150 }), from: fc.nat(700), seed: fc.nat(1000) }),
    fc.record({ remove: fc.integer({ min: 1, max: 200 }), from: fc.nat(700) }),
    fc.record({ optimize: fc.constant(true) }),
    fc.record({ reopen: fc.constant(true) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 3, maxLength: 10 }), async (operations) => {
      const folder = testFolder();
      let index = await VectorIndex.create({ dim, kind: "graph", metric: "l2sq", threads: 2 });
      const model = new BruteForce(dim, "l2sq");
      const add = async (keys: number[], seed: number): Promise<void> => {
        const vectors = randomVectors(keys.length, dim, seed);
        await index.add(keys, vectors);
        model.add(keys, vectors);
      };
      await add(range(0, 300), 1);
      await index.optimize();
      for (const each of operations) {
        if ("add" in each) await add(range(each.from, each.add), each.seed);
        else if ("remove" in each) {
          const keys = range(each.from, each.remove);
          expect(await index.remove(keys)).toBe(model.remove(keys));
        } else if ("optimize" in each) await index.optimize();
        else {
          await index.save(folder);
          await index.close();
          index = await VectorIndex.open(folder, { threads: 2 });
        }
        expect(index.stats().rows).toBe(model.size);
      }
      let [found, wanted] = [0, 0];
      for (let i = 0; i < 10; i++) {
        const query = randomVectors(1, dim, 5000 + i);
        const truth = model.distances(query).slice(0, 10);
        const { keys, distances } = index.search(query, { k: 10 });
        expect(keys.length).toBe(truth.length);
        expect(new Set(keys).size).toBe(truth.length);
        wanted += truth.length;
        const worst = (truth.at(-1)?.distance ?? 0) + 1e-4;
        found += distances.filter((distance) => distance <= worst).length;
      }
      expect(found / Math.max(1, wanted)).toBeGreaterThan(wanted === 0 ? -1 : 0.9);
      const all = index.search(randomVectors(1, dim, 1), { k: 2000 });
      const held = model.distances(randomVectors(1, dim, 1)).map(({ key }) => key);
      expect([...all.keys].toSorted()).toEqual(held.toSorted());
      expect(await index.verify()).toEqual({ ok: true, rows: model.size, problems: [] });
      await index.close();
    }),
    { seed: 1, numRuns: 25 },
  );
});

test("a build that is aborted leaves every row where it was, and can be asked for again", async () => {
  const dim = 256;
  await using index = await VectorIndex.create({ dim, kind: "graph", metric: "l2sq", threads: 2 });
  const vectors = randomVectors(900, dim, 1);
  await index.add(range(0, 900), vectors);
  const controller = new AbortController();
  const reason = new Error("changed my mind");
  const progress: number[] = [];
  const building = index.optimize({
    signal: controller.signal,
    onProgress: ({ done, total }) => {
      expect(total).toBe(900);
      progress.push(done);
      controller.abort(reason);
    },
  });
  await expect(building).rejects.toBe(reason);
  expect(progress.length).toBe(1);
  expect(index.stats()).toMatchObject({ rows: 900, linkedRows: 0, isBuilding: false });
  expect(index.search(vectors.subarray(0, dim), { k: 1 }).keys[0]).toBe(0);
  await index.add([900], randomVectors(1, dim, 2));
  await index.optimize();
  expect(index.stats()).toMatchObject({ rows: 901, linkedRows: 901 });
  expect(await index.verify()).toMatchObject({ ok: true });
});

test("close ends a build that is under way", async () => {
  const index = await VectorIndex.create({ dim: 256, kind: "graph", threads: 2 });
  await index.add(range(0, 5000), randomVectors(5000, 256, 1));
  expect(index.stats().isBuilding).toBe(true);
  await index.close();
});

test("a saved graph opens with its links: the same answers by the same hops", async () => {
  const dim = 100;
  for (const metric of METRICS) {
    const folder = testFolder();
    await using index = await VectorIndex.create({ dim, metric, kind: "graph", threads: 2 });
    await index.add(range(0, 2000), clusteredVectors(2000, dim, 1, { clusters: 20 }));
    await index.optimize();
    await index.add(range(3000, 10), randomVectors(10, dim, 3));
    await index.remove(range(0, 50));
    await index.save(folder);
    await using opened = await VectorIndex.open(folder);
    expect(opened.stats()).toMatchObject({ rows: 1960, linkedRows: 1950 });
    expect(await opened.verify()).toEqual({ ok: true, rows: 1960, problems: [] });
    const queries = clusteredVectors(50, dim, 2, { clusters: 20 });
    const before = index.stats().work;
    for (let i = 0; i < 50; i++) {
      const query = queries.subarray(i * dim, (i + 1) * dim);
      const [a, b] = [index.search(query), opened.search(query)];
      expect([...b.keys]).toEqual([...a.keys]);
      expect([...b.distances]).toEqual([...a.distances]);
    }
    const after = index.stats().work;
    const { hops } = opened.stats().work ?? {};
    expect(hops).toBe((after?.hops ?? 0) - (before?.hops ?? 0));
    expect(hops).toBeGreaterThan(0);
  }
});

test("few rows that match are all answered, whether or not links lead to them", async () => {
  const dim = 64;
  await using index = await VectorIndex.create({ dim, kind: "graph", metric: "l2sq", threads: 2 });
  const vectors = randomVectors(4000, dim, 1);
  await index.add(range(0, 4000), vectors);
  await index.optimize();
  const query = randomVectors(1, dim, 2);
  const truth = await exactly(vectors, dim, "l2sq", query, range(0, 4000), 4000);
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

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

function rowsOf(vectors: Float32Array, dim: number, order: readonly number[]): Float32Array {
  const rows = new Float32Array(order.length * dim);
  order.forEach((key, i) => rows.set(vectors.subarray(key * dim, (key + 1) * dim), i * dim));
  return rows;
}

function repeated(vectors: Float32Array, dim: number, count: number): Float32Array {
  const distinct = vectors.length / dim;
  return Float32Array.from(
    { length: count * dim },
    (_, i) => vectors[(Math.floor(i / dim) % distinct) * dim + (i % dim)],
  );
}

async function exactly(
  vectors: Float32Array,
  dim: number,
  metric: Metric,
  queries: Float32Array,
  keys = range(0, vectors.length / dim),
  k = 10,
): Promise<Hits[]> {
  await using index = await VectorIndex.create({ dim, metric, kind: "exact" });
  await index.add(keys, vectors);
  return index.searchMany(queries, { k });
}

function recall(answers: readonly Hits[], truth: readonly Hits[]): number {
  let [found, wanted] = [0, 0];
  answers.forEach(({ keys }, i) => {
    const right = new Set(truth[i].keys);
    wanted += right.size;
    found += keys.filter((key) => right.has(key)).length;
  });
  return found / wanted;
}
