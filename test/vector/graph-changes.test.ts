import fc from "fast-check";
import { expect, test } from "vitest";
import { VectorIndex } from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { BruteForce } from "../support/brute-force.ts";
import { testFolder } from "../support/folder.ts";
import { range } from "../support/hits.ts";
import { randomVectors, seededRandom } from "../support/random.ts";

test("adds, removes, searches and saves go on while a graph is built behind them", async () => {
  const dim = 96;
  await using index = await VectorIndex.create({ dim, kind: "graph", metric: "l2sq", threads: 3 });
  const random = seededRandom(8);
  const model = new Map<number, Float32Array>();
  const folder = testFolder();
  const saves: Promise<void>[] = [];
  let wasBuilding = 0;
  for (let round = 0; round < 40; round++) {
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
      let found = 0;
      let wanted = 0;
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
    { seed: 1, numRuns: 15 },
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
  // Nor is room left taken by copies without links.
  expect(index.stats()).toMatchObject({ rows: 900, linkedRows: 0, segments: 1, isBuilding: false });
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
  for (const metric of ["cosine", "l2sq", "dot"] as const) {
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
      const a = index.search(query);
      const b = opened.search(query);
      expect([...b.keys]).toEqual([...a.keys]);
      expect([...b.distances]).toEqual([...a.distances]);
    }
    const after = index.stats().work;
    const { hops } = opened.stats().work ?? {};
    expect(hops).toBe((after?.hops ?? 0) - (before?.hops ?? 0));
    expect(hops).toBeGreaterThan(0);
  }
});
