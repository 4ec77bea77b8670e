import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { VectorIndex, type VectorIndexOptions } from "#dist/index.js";
import { limitAfter } from "#dist/vector/search/limits.js";
import { exactHits, range, recall } from "../support/hits.ts";
import { randomVectors } from "../support/random.ts";

const DIM = 64;
/** Rows that the first segment has room for. */
const FIRST = 32_768;
const ROWS = FIRST + 3000;
/** Every row from here on is the same as one of the first. */
const COPIES = ROWS - 600;

for (const options of [
  { metric: "cosine" },
  { metric: "l2sq" },
  { metric: "dot", precision: "int8" },
] as const) {
  test(`what stands in two segments is answered as if it stood in one, equal rows in the same order: ${Object.values(options).join(", ")}`, async () => {
    const { one, two, queries, vectors } = await twoOf(options);
    await using _ = one;
    await using __ = two;
    const some = (key: number): boolean => key % 5 !== 0;
    const searches = [{ k: 10 }, { k: 100 }, { k: 300 }, { k: 100, filter: some }];
    const askBoth = (): void => {
      for (const search of searches) {
        for (let at = 0; at < queries.length; at += DIM) {
          const query = queries.subarray(at, at + DIM);
          expect(two.search(query, search)).toEqual(one.search(query, search));
        }
      }
    };
    askBoth();
    for (const search of searches) {
      expect(await two.searchMany(queries, search)).toEqual(await one.searchMany(queries, search));
    }
    if (options.metric === "cosine" && !("precision" in options)) {
      const found = await two.searchMany(queries, { k: 50 });
      const truth = await exactHits(vectors, DIM, "cosine", queries, undefined, 50);
      expect(recall(found, truth)).toBe(1);
    }
    // Now the second is the larger one, until all are gathered.
    for (const index of [one, two]) await index.remove(range(1000, 30_500));
    expect(two.stats()).toMatchObject({ deadRows: 30_500, isBuilding: true });
    askBoth();
    for (const index of [one, two]) await settled(index);
    expect(two.stats()).toMatchObject({ deadRows: 0, segments: 1 });
    askBoth();
  });
}

test.each(["cosine", "dot"] as const)(
  "a second segment has hardly more looked at than one segment has, metric %s",
  async (metric) => {
    const { one, two, queries } = await twoOf({ metric });
    await using _ = one;
    await using __ = two;
    const looked = [one, two].map((index) => {
      const before = index.stats().work?.rows ?? 0;
      for (let at = 0; at < queries.length; at += DIM) {
        index.search(queries.subarray(at, at + DIM), { k: 100 });
      }
      return (index.stats().work?.rows ?? 0) - before;
    });
    expect(looked[1]).toBeLessThan(1.25 * looked[0]);
  },
);

test("what a graph has found limits what is looked at of the rows that have no links yet", async () => {
  const linked = 4000;
  const growing = 3000;
  const dim = 64;
  const vectors = randomVectors(linked + growing, dim, 1);
  const queries = randomVectors(30, dim, 2);
  await using index = await VectorIndex.create({ dim, kind: "graph", threads: 1 });
  await using alone = await VectorIndex.create({ dim, kind: "flat", threads: 1 });
  await index.add(range(0, linked), vectors.subarray(0, linked * dim));
  await index.optimize();
  for (const each of [index, alone]) {
    await each.add(range(linked, growing), vectors.subarray(linked * dim));
  }
  expect(index.stats()).toMatchObject({ segments: 2, linkedRows: linked });
  const truth = await exactHits(vectors, dim, "cosine", queries, undefined, 100);
  const all = range(0, linked);
  let limited = 0;
  let whole = 0;
  const found = truth.map((_, q) => {
    const query = queries.subarray(q * dim, (q + 1) * dim);
    const [rows, its] = [index, alone].map((each) => each.stats().work?.rows ?? 0);
    alone.search(query, { k: 100 });
    whole += (alone.stats().work?.rows ?? 0) - its;
    const hits = index.search(query, { k: 100 });
    limited += (index.stats().work?.rows ?? 0) - rows;
    // What the graph itself looks at.
    const before = index.stats().work?.rows ?? 0;
    index.search(query, { k: 100, filter: all });
    limited -= (index.stats().work?.rows ?? 0) - before;
    return hits;
  });
  expect(recall(found, truth)).toBeGreaterThan(0.98);
  expect(limited).toBeLessThan(0.7 * whole);
});

test("the limit of a search is the next number above its k-th distance, as kernels tell it", () => {
  const layout = (metric: "cosine" | "l2sq" | "dot") => ({ metric }) as never;
  const hits = (...distances: number[]) => ({
    keys: new Float64Array(distances.length),
    distances: Float32Array.from(distances),
  });
  expect(limitAfter(layout("l2sq"), hits(1, 2), 3)).toBe(Infinity);
  expect(limitAfter(layout("l2sq"), hits(1, Infinity), 2)).toBe(Infinity);
  expect(limitAfter(layout("l2sq"), hits(1, 2, 4), 2)).toBe(2 + 2 ** -22);
  expect(limitAfter(layout("cosine"), hits(0.25), 1)).toBe(0.5 + 2 ** -24);
  expect(limitAfter(layout("dot"), hits(-4, -2), 2)).toBe(-2 + 2 ** -23);
  for (const zero of [0, -0]) expect(limitAfter(layout("dot"), hits(zero), 1)).toBe(2 ** -149);
});

async function settled(index: VectorIndex): Promise<void> {
  while (index.stats().isBuilding) await setImmediate();
}

/** The same rows, some of them several times, in one segment and in two. */
async function twoOf(options: Omit<VectorIndexOptions, "dim">) {
  const vectors = randomVectors(ROWS, DIM, 1);
  for (let row = COPIES; row < ROWS; row++) {
    const from = (row % 40) * 20;
    vectors.copyWithin(row * DIM, from * DIM, (from + 1) * DIM);
  }
  const queries = randomVectors(14, DIM, 2);
  // Nearest to these are rows that are all the same.
  for (let q = 0; q < 6; q++)
    queries.set(vectors.subarray(q * 20 * DIM, (q * 20 + 1) * DIM), q * DIM);
  const make = async (first: number): Promise<VectorIndex> => {
    const index = await VectorIndex.create({ dim: DIM, kind: "flat", threads: 2, ...options });
    await index.add(range(0, first), vectors.subarray(0, first * DIM));
    await index.add(range(first, ROWS - first), vectors.subarray(first * DIM));
    return index;
  };
  const [one, two] = [await make(ROWS), await make(FIRST)];
  expect([one.stats().segments, two.stats().segments]).toEqual([1, 2]);
  return { one, two, vectors, queries };
}
