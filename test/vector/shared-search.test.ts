import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { VectorIndex, type Hits } from "#dist/index.js";
import { randomVectors } from "../support/random.ts";

const DIM = 40;
const QUERIES = 600;
// More than threads share at once: twice, and one more.
const MANY = 2049;

const snapshots = mkdtempSync(join(tmpdir(), "stigmergy-test-"));
afterAll(() => rmSync(snapshots, { recursive: true }));

for (const options of [
  { kind: "graph" },
  { kind: "graph", metric: "dot" },
  { kind: "graph", precision: "int8" },
  { kind: "flat" },
  { kind: "flat", metric: "l2sq", precision: "int8" },
  { kind: "exact" },
  { kind: "exact", precision: "int8" },
] as const) {
  test(`${Object.values(options).join(", ")}: threads that share queries answer as search does`, async () => {
    for (const threads of [1, 3]) {
      await using index = await filled({ ...options, threads });
      const queries = randomVectors(QUERIES, DIM, 2);
      const some = Array.from({ length: 500 }, (_, i) => 4 * i);
      for (const search of [{}, { k: 1 }, { k: 400 }, { filter: some }, { filter: [7, 9] }]) {
        expectSame(await index.searchMany(queries, search), each(index, queries, search));
      }
    }
  });
}

test("more queries than are laid out at once are answered in their order", async () => {
  await using index = await filled({ kind: "graph", threads: 3 });
  const queries = randomVectors(MANY, DIM, 3);
  expectSame(await index.searchMany(queries), each(index, queries));
});

test("rows with links and rows without are searched together", async () => {
  await using index = await filled({ kind: "graph", threads: 2 });
  await index.add(
    Array.from({ length: 500 }, (_, i) => 10_000 + i),
    randomVectors(500, DIM, 4),
  );
  expect(index.stats().segments).toBe(2);
  const queries = randomVectors(QUERIES, DIM, 5);
  const answers = await index.searchMany(queries);
  expectSame(answers, each(index, queries));
  expect(answers.some(({ keys }) => keys.some((key) => key >= 10_000))).toBe(true);
});

test("searches of all sizes, one after the other, answer as search does, while rows come and go", async () => {
  await using index = await filled({ kind: "graph", threads: 2 });
  const some = Array.from({ length: 500 }, (_, i) => 4 * i);
  for (let round = 0; round < 24; round++) {
    const queries = randomVectors(round % 3 === 0 ? QUERIES : 100 + round, DIM, 20 + round);
    const search = {
      k: [10, 10, 3, 50][round % 4],
      efSearch: [64, 64, 200, 100][(round >> 1) % 4],
      ...(round % 5 === 0 ? { filter: some } : {}),
    };
    for (let twice = 0; twice < 2; twice++) {
      expectSame(await index.searchMany(queries, search), each(index, queries, search));
    }
    await index.remove([8 * round]);
    if (round % 8 === 7) await index.add([50_000 + round], randomVectors(1, DIM, 200 + round));
  }
});

test("a query that is no vector ends the search with a code, wherever it stands, and the next one is right", async () => {
  await using index = await filled({ kind: "graph", threads: 3 });
  const queries = randomVectors(MANY, DIM, 9);
  const expected = each(index, queries);
  for (const row of [0, 63, 64, 1000, MANY - 1]) {
    for (const value of [NaN, Infinity, 0]) {
      const wrong = queries.slice();
      wrong.fill(value, row * DIM, (row + 1) * DIM);
      await expect(index.searchMany(wrong)).rejects.toMatchObject({
        code: "INVALID_INPUT",
        message: expect.stringContaining(`row ${row}`),
      });
    }
    expectSame(await index.searchMany(queries), expected);
  }
});

test("what was looked at is the same as one query after the other looks at", async () => {
  for (const kind of ["graph", "flat"] as const) {
    await using index = await filled({ kind, threads: 3 });
    const queries = randomVectors(QUERIES, DIM, 6);
    const before = index.stats().work!;
    each(index, queries);
    const alone = index.stats().work!;
    await index.searchMany(queries);
    const both = index.stats().work!;
    for (const what of ["queries", "hops", "codes", "rows", "bytes"] as const) {
      expect(both[what] - alone[what], what).toBe(alone[what] - before[what]);
      if (what !== "hops") expect(alone[what], what).toBeGreaterThan(before[what]);
    }
  }
});

test("the calling thread has other turns while threads share queries, and may search and add in them", async () => {
  await using index = await filled({ kind: "graph", threads: 2 });
  const queries = randomVectors(MANY, DIM, 7);
  const expected = each(index, queries);
  const search = { isDone: false };
  const running = index.searchMany(queries).finally(() => (search.isDone = true));
  let turns = 0;
  for (; !search.isDone; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    const one = turns % QUERIES;
    if (turns < QUERIES) {
      await index.add([20_000 + turns], randomVectors(1, DIM, 100 + turns));
      await index.remove([4 * turns]);
    }
    index.search(queries.subarray(one * DIM, (one + 1) * DIM));
  }
  expect(turns).toBeGreaterThan(3);
  expectSame(await running, expected);
  expect(await index.verify()).toMatchObject({ ok: true });
});

test("rows that are copied behind those that a search is of hide none of them", async () => {
  await using index = await filled({ kind: "graph", threads: 2 });
  const queries = randomVectors(MANY, DIM, 11);
  // A beam too long for a walk: the lists of cells are looked through.
  const search = { efSearch: 4096, filter: Array.from({ length: 1000 }, (_, i) => 2 * i) };
  const expected = each(index, queries, search);
  const running = index.searchMany(queries, search);
  await index.add(
    Array.from({ length: 6000 }, (_, i) => 30_000 + i),
    randomVectors(6000, DIM, 12),
  );
  expect(index.stats().isBuilding).toBe(true);
  expectSame(await running, expected);
});

test("an abort between two turns ends the search, and the next one is right", async () => {
  await using index = await filled({ kind: "graph", threads: 3 });
  const queries = randomVectors(MANY, DIM, 8);
  const controller = new AbortController();
  const running = index.searchMany(queries, { signal: controller.signal });
  const reason = new Error("enough");
  setImmediate(() => controller.abort(reason));
  await expect(running).rejects.toBe(reason);
  expectSame(await index.searchMany(queries), each(index, queries));
});

test("threads that end while they share queries are told with a code, and the next search is right", async () => {
  await using index = await filled({ kind: "graph", threads: 4 });
  const queries = randomVectors(QUERIES, DIM, 10);
  const expected = each(index, queries);
  let left = 6;
  const killer = (worker: Worker): void => {
    if (left-- > 0) void worker.terminate();
  };
  process.on("worker", killer);
  onTestFinished(() => void process.off("worker", killer));
  for (let attempt = 0; attempt < 12; attempt++) {
    const outcome = await index.searchMany(queries).catch((error: { code: string }) => error.code);
    if (typeof outcome === "string") expect(outcome).toBe("WORKER_DIED");
    else expectSame(outcome, expected);
  }
  expectSame(await index.searchMany(queries), expected);
});

/** 2,000 rows with the keys 0, 1, …, linked where the kind has links: made once, and opened for each test. */
async function filled({
  threads,
  ...options
}: Omit<Parameters<typeof VectorIndex.create>[0], "dim">): Promise<VectorIndex> {
  const folder = join(snapshots, Object.values(options).join());
  if (!existsSync(folder)) {
    await using index = await VectorIndex.create({ ...options, dim: DIM });
    const count = 2000;
    await index.add(
      Array.from({ length: count }, (_, i) => i),
      randomVectors(count, DIM, 1),
    );
    await index.optimize();
    await index.save(folder);
  }
  return VectorIndex.open(folder, { threads });
}

function each(index: VectorIndex, queries: Float32Array, options = {}): Hits[] {
  return Array.from({ length: queries.length / DIM }, (_, i) =>
    index.search(queries.subarray(i * DIM, (i + 1) * DIM), options),
  );
}

function expectSame(found: readonly Hits[], expected: readonly Hits[]): void {
  expect(found.length).toBe(expected.length);
  expect(found.map(({ keys }) => [...keys])).toEqual(expected.map(({ keys }) => [...keys]));
  expect(found.map(({ distances }) => [...distances])).toEqual(
    expected.map(({ distances }) => [...distances]),
  );
}
