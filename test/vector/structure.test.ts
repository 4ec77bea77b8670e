import { expect, test } from "vitest";
import { VectorIndex } from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { layoutOf, checkOptions } from "#dist/vector/options.js";
import { SegmentIndex } from "#dist/vector/segment-index.js";
import { Threads } from "#dist/vector/sealing/threads.js";
import { testFolder } from "../support/folder.ts";
import { range } from "../support/hits.ts";
import { randomVectors } from "../support/random.ts";

// Whether rows get links: by what searches would look at, never by a clock.

const DIM = 64;
const ROWS = 30_000;

/** Rows of which many are hardly farther than the nearest: no code of a link tells them apart. */
const alike = (count: number, seed = 1): Float32Array => randomVectors(count, DIM, seed);
/** Rows whose nearest are far nearer than all others. */
const apart = (count: number, seed = 1): Float32Array =>
  clusteredVectors(count, DIM, seed, { clusters: 600, spread: 0.2 });

test("auto keeps rows that a graph would answer slower in a flat segment", async () => {
  await using index = await indexOf(alike(ROWS));
  const { kind, linkedRows, choice, bytes } = index.stats();
  expect({ kind, linkedRows, choice }).toMatchObject({
    kind: "flat",
    linkedRows: 0,
    choice: { kind: "flat", isTried: false },
  });
  expect(choice!.graphUs).toBeGreaterThan(choice!.flatUs);
  expect(choice!.until).toBeGreaterThan(ROWS);
  await using forced = await indexOf(alike(ROWS).slice(0, 2000 * DIM), { kind: "graph" });
  // Which rows get links where they are asked for, and what these take.
  expect(forced.stats()).toMatchObject({ kind: "graph", linkedRows: 2000, choice: undefined });
  expect(bytes / ROWS).toBeLessThan(forced.stats().bytes / 2000 / 2);
});

test("auto links rows whose nearest stand apart, and looks at a twentieth of the codes", async () => {
  await using index = await indexOf(apart(ROWS));
  const { kind, linkedRows, choice } = index.stats();
  expect({ kind, linkedRows, choice }).toMatchObject({
    kind: "graph",
    linkedRows: ROWS,
    choice: { kind: "graph", isTried: true, until: Infinity },
  });
  expect(choice!.graphUs).toBeLessThan(choice!.flatUs);
  const before = index.stats().work!;
  const queries = apart(50, 2);
  for (let i = 0; i < 50; i++) index.search(queries.subarray(i * DIM, (i + 1) * DIM));
  expect(index.stats().work!.codes - before.codes).toBeLessThan((50 * ROWS) / 20);
});

test("the same rows get the same structure on one thread and on four, however they are added", async () => {
  const rows = alike(ROWS);
  const choices = [];
  for (const threads of [1, 4]) {
    await using index = await indexOf(rows, { threads });
    choices.push(index.stats().choice);
  }
  expect(choices[1]).toEqual(choices[0]);
  await using index = await VectorIndex.create({ dim: DIM });
  for (let at = 0; at < ROWS; at += 500) {
    const some = rows.subarray(at * DIM, (at + 500) * DIM);
    await index.add(range(at, 500), some);
  }
  await index.optimize();
  // Their codes are relative to the mean of the first of them.
  const { choice, segments, rows: count } = index.stats();
  expect({ segments, count }).toEqual({ segments: 1, count: ROWS });
  expect(Math.abs(choice!.flatUs / choices[0]!.flatUs - 1)).toBeLessThan(0.05);
  expect(choice).toMatchObject({ kind: "flat", isTried: false, until: choices[0]!.until });
  expect(choice!.graphUs).toBe(choices[0]!.graphUs);
});

test("what was chosen is kept in a snapshot, and asked anew of a quarter more rows or of others", async () => {
  const folder = testFolder();
  await using index = await indexOf(alike(ROWS));
  await index.save(folder);
  await using opened = await VectorIndex.open(folder);
  const { choice } = opened.stats();
  expect(choice).toEqual({
    ...index.stats().choice,
    flatUs: Math.fround(index.stats().choice!.flatUs),
    graphUs: Math.fround(index.stats().choice!.graphUs),
  });
  await opened.add(range(ROWS, 1000), alike(1000, 2));
  expect(opened.stats().isBuilding).toBe(false);
  await opened.optimize();
  expect(opened.stats().choice).toEqual(choice);
  await opened.add(range(ROWS + 1000, 6500), alike(6500, 3));
  expect(opened.stats().isBuilding).toBe(true);
  await opened.optimize();
  expect(opened.stats().choice!.until).toBe(Math.ceil(1.25 * 37_500));
  // The same keys, other rows.
  await opened.remove(range(ROWS, 7500));
  await opened.add(range(0, ROWS), apart(ROWS));
  const cut = new AbortController();
  const linking = opened.optimize({ signal: cut.signal, onProgress: () => cut.abort() });
  await expect(linking).rejects.toThrow(/abort/);
  expect(await opened.verify()).toEqual({ ok: true, rows: ROWS, problems: [] });
});

test("links that gain nothing are let go of, and rows stay where they stood", async () => {
  // As few rows as this are never linked by themselves.
  const settings = checkOptions({ dim: 12, metric: "dot", threads: 2 });
  const layout = layoutOf(settings);
  const threads = new Threads(2);
  const graph = { ...layout.graph!, from: 3000, least: 3000 };
  const index = new SegmentIndex({ ...layout, graph }, threads);
  const rows = clusteredVectors(3000, 12, 1, { clusters: 1 });
  index.add(range(0, 3000), rows);
  await index.optimize({});
  const { choice, linkedRows, segments } = index.stats();
  expect({ choice, linkedRows, segments }).toMatchObject({
    choice: { kind: "flat", isTried: true },
    linkedRows: 0,
    segments: 1,
  });
  expect(choice!.graphUs).toBeGreaterThan(0.9 * choice!.flatUs);
  // Dead rows of what was about to leave are used again.
  index.remove(range(0, 100));
  index.add(range(0, 100), rows.subarray(0, 100 * 12));
  expect(index.stats()).toMatchObject({ rows: 3000, deadRows: 0, segments: 1, choice });
  expect(await index.verify()).toEqual({ ok: true, rows: 3000, problems: [] });
  await index.close();
  await threads.close();
});

test.each(["cosine", "dot"] as const)(
  "a graph of which few rows have stayed becomes flat again, %s, and answers what it did",
  async (metric) => {
    // As few rows as this are never linked by themselves.
    const layout = layoutOf(checkOptions({ dim: DIM, metric, threads: 2 }));
    const threads = new Threads(2);
    const graph = { ...layout.graph!, from: 2000, least: 2000 };
    const index = new SegmentIndex({ ...layout, graph }, threads);
    const shape = { clusters: 50, spread: 0.2 };
    const rows = clusteredVectors(6000, DIM, 1, shape);
    index.add(range(0, 6000), rows);
    await index.optimize({});
    expect(index.stats()).toMatchObject({ kind: "graph", linkedRows: 6000 });
    index.remove(range(0, 4500));
    await index.optimize({});
    expect(index.stats()).toMatchObject({ kind: "graph", linkedRows: 1500, deadRows: 0 });
    index.remove(range(4500, 1000));
    const query = clusteredVectors(1, DIM, 2, shape);
    const before = index.search(query, { k: 500, efSearch: undefined, filter: undefined });
    const { bytes } = index.stats();
    await index.optimize({});
    const after = index.search(query, { k: 500, efSearch: undefined, filter: undefined });
    expect(index.stats()).toMatchObject({
      kind: "flat",
      linkedRows: 0,
      deadRows: 0,
      choice: undefined,
    });
    expect(index.stats().bytes).toBeLessThan(bytes / 2);
    expect(await index.verify()).toEqual({ ok: true, rows: 500, problems: [] });
    expect([...after.keys].toSorted()).toEqual([...before.keys].toSorted());
    after.distances.forEach((each, i) => {
      expect(Math.abs(each - before.distances[i])).toBeLessThan(1e-5 * (1 + Math.abs(each)));
    });
    await index.close();
    await threads.close();
  },
);

async function indexOf(
  rows: Float32Array,
  options: { kind?: "graph"; threads?: number } = {},
): Promise<VectorIndex> {
  const index = await VectorIndex.create({ dim: DIM, threads: 2, ...options });
  await index.add(range(0, rows.length / DIM), rows);
  await index.optimize();
  return index;
}
