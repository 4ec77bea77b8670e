import { afterAll, describe, expect, test } from "vitest";
import { VectorIndex, type Hits, type Metric, type SearchOptions } from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { testFolder } from "../support/folder.ts";

// Searches of a graph for more than the ten nearest, by default: as sure as for ten, by links or by codes.

const DIM = 64;
const ROWS = 6000;
const QUERIES = 60;
const SHAPE = { clusters: 120, unit: true };

interface Case {
  readonly metric?: Metric;
  readonly precision?: "f32" | "int8";
  readonly decay: number;
}

const CASES: Record<string, Case> = {
  "about fifty rows to a cluster": { decay: 0 },
  "noise that falls from direction to direction": { decay: 1 },
  "rows in 8 bits": { decay: 0, precision: "int8" },
  "inner products": { decay: 1, metric: "dot" },
};

describe("where clusters have fewer rows than are asked for, 99 % of the nearest are found", () => {
  test.each(Object.entries(CASES))("%s", async (_, { decay, ...options }) => {
    const index = await made("graph", decay, options);
    const exact = await made("exact", decay, options);
    const queries = clusteredVectors(QUERIES, DIM, 2, { ...SHAPE, decay });
    for (const k of [10, 20, 33, 50, 100, 300, 1000]) {
      const truth = await exact.searchMany(queries, { k });
      const hits = await index.searchMany(queries, { k });
      expect([k, recallOf(hits, truth) > (k < 50 ? 0.98 : 0.985)]).toEqual([k, true]);
      // Alone each is answered as among others.
      expect(index.search(queries.subarray(0, DIM), { k }).keys).toEqual(hits[0].keys);
    }
  });
});

test("a search by the codes of lists looks at hardly more rows than it answers, and at part of most codes", async () => {
  const index = await made("graph", 0);
  const queries = clusteredVectors(QUERIES, DIM, 2, SHAPE);
  const work = await workOf(index, queries, { k: 100 });
  expect(work.hops).toBe(0);
  expect(work.rows).toBeLessThan(3 * 100);
  // Each code once by its upper bit, and some whole.
  expect(work.codes).toBeLessThan(2 * ROWS);
  // Who asks for a beam gets it, though it finds less.
  const beam = await workOf(index, queries, { k: 100, efSearch: 100 });
  expect(beam.hops).toBeGreaterThan(0);
  expect(beam.codes).toBeLessThan(ROWS);
});

test("what more answers take is kept in a snapshot", async () => {
  const folder = testFolder();
  const index = await made("graph", 0);
  await index.save(folder);
  await using opened = await VectorIndex.open(folder);
  const queries = clusteredVectors(QUERIES, DIM, 2, SHAPE);
  for (const k of [10, 30, 100]) {
    expect(await workOf(opened, queries, { k })).toEqual(await workOf(index, queries, { k }));
  }
});

test("whatever a filter lets through, however few and wherever, as many as there are and the nearest of them are found", async () => {
  const index = await made("graph", 0);
  const exact = await made("exact", 0);
  const queries = clusteredVectors(QUERIES, DIM, 2, SHAPE);
  const far = new Set(exact.search(queries.subarray(0, DIM), { k: 300 }).keys);
  const filters: Record<string, (key: number) => boolean> = {
    "one row": (key) => key === 4321,
    "one in a thousand": (key) => key % 1000 === 7,
    "one in a hundred": (key) => key % 100 === 7,
    "one in ten": (key) => key % 10 === 7,
    half: (key) => key % 2 === 1,
    "nine in ten": (key) => key % 10 !== 7,
    "all but what is near to the first query": (key) => !far.has(key),
  };
  for (const [name, filter] of Object.entries(filters)) {
    const of = name.startsWith("all but") ? queries.subarray(0, DIM) : queries;
    for (const k of [1, 10, 100]) {
      const truth = await exact.searchMany(of, { k, filter });
      const hits = await index.searchMany(of, { k, filter });
      hits.forEach(({ keys }, i) => {
        expect(keys.length).toBe(truth[i].keys.length);
        expect(keys.every(filter)).toBe(true);
      });
      expect([name, k, recallOf(hits, truth) > 0.975]).toEqual([name, k, true]);
    }
  }
});

test("how long a query is changes neither which inner products are found to be largest nor, but for its length, their distances", async () => {
  const index = await made("graph", 1, { metric: "dot" });
  const exact = await made("exact", 1, { metric: "dot" });
  const queries = clusteredVectors(QUERIES, DIM, 2, { ...SHAPE, decay: 1 });
  const truth = await exact.searchMany(queries, { k: 10 });
  const whole = await index.searchMany(queries, { k: 10 });
  const { hops } = await workOf(index, queries, {});
  expect(recallOf(whole, truth)).toBeGreaterThan(0.98);
  for (const scale of [2 ** -40, 2 ** -3, 2 ** 5, 2 ** 60]) {
    const scaled = queries.map((value) => value * scale);
    const hits = await index.searchMany(scaled, { k: 10 });
    hits.forEach(({ keys, distances }, i) => {
      expect(keys).toEqual(whole[i].keys);
      expect(distances).toEqual(whole[i].distances.map((each) => each * scale));
    });
    expect((await workOf(index, scaled, {})).hops).toBe(hops);
  }
});

test("what a walk met is forgotten when walks are counted anew: the 256th finds and takes what it did as the first", async () => {
  const index = await made("graph", 1);
  const queries = clusteredVectors(QUERIES, DIM, 2, { ...SHAPE, decay: 1 });
  const ask = (i: number, efSearch: number): unknown[] => {
    const before = index.stats().work!;
    const hits = index.search(queries.subarray(i * DIM, (i + 1) * DIM), { efSearch });
    const { hops, codes } = index.stats().work!;
    return [hits, hops - before.hops, codes - before.codes];
  };
  const first = Array.from({ length: QUERIES }, (_, i) => ask(i, 400));
  for (let i = 1; i < QUERIES; i++) {
    ask(i - 1, 400);
    // Short beams use little of the tables, and leave the rest as the long one left it.
    for (let walks = 1; walks < 255; walks++) ask(i, 12);
    expect(ask(i, 400)).toEqual(first[i]);
  }
});

const indexes = new Map<string, Promise<VectorIndex>>();
afterAll(async () => {
  for (const index of indexes.values()) await (await index).close();
});

/** An index of the rows, made once for all tests: they only search. */
function made(
  kind: "graph" | "exact",
  decay: number,
  options: Omit<Case, "decay"> = {},
): Promise<VectorIndex> {
  const name = JSON.stringify([kind, decay, options]);
  const index = indexes.get(name) ?? build({ dim: DIM, kind, threads: 2, ...options }, decay);
  indexes.set(name, index);
  return index;
}

async function build(
  options: Parameters<typeof VectorIndex.create>[0],
  decay: number,
): Promise<VectorIndex> {
  const index = await VectorIndex.create(options);
  await index.add(
    Array.from({ length: ROWS }, (_, i) => i),
    clusteredVectors(ROWS, DIM, 1, { ...SHAPE, decay }),
  );
  await index.optimize();
  return index;
}

/** Share of the nearest that are found, by distance: of equally near rows any will do. */
function recallOf(hits: readonly Hits[], truth: readonly Hits[]): number {
  let found = 0;
  let wanted = 0;
  truth.forEach(({ distances }, i) => {
    const farthest = distances[distances.length - 1] + 1e-6;
    wanted += distances.length;
    found += hits[i].distances.filter((distance) => distance <= farthest).length;
  });
  return found / wanted;
}

/** What a query takes, on average. */
async function workOf(index: VectorIndex, queries: Float32Array, options: SearchOptions) {
  const before = index.stats().work!;
  await index.searchMany(queries, options);
  const { hops, codes, rows } = index.stats().work!;
  const of = (now: number, then: number): number => (now - then) / QUERIES;
  return {
    hops: of(hops, before.hops),
    codes: of(codes, before.codes),
    rows: of(rows, before.rows),
  };
}
