import type { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { VectorIndex } from "#dist/index.js";
import { randomVectors } from "../support/random.ts";

test("a search on threads answers from the rows as they were when it began", async () => {
  await using index = await VectorIndex.create({
    kind: "exact",
    dim: 64,
    metric: "l2sq",
    threads: 2,
  });
  const count = 40_000;
  const keys = Array.from({ length: count }, (_, i) => i);
  const vectors = randomVectors(count, 64, 1);
  await index.add(keys, vectors);
  const queries = randomVectors(64, 64, 2);
  const expected = await index.searchMany(queries);

  const running = index.searchMany(queries);
  // Let it begin; then replace every row and remove half, while threads read.
  await new Promise((resolve) => setImmediate(resolve));
  await index.add(keys, randomVectors(count, 64, 3));
  await index.remove(keys.slice(0, count / 2));
  await index.optimize();
  expect(await running).toEqual(expected);
  expect(index.stats().rows).toBe(count / 2);
  expect(await index.verify()).toMatchObject({ ok: true });
});

test("an aborted searchMany rejects with the signal's reason, and the next one works", async () => {
  await using index = await VectorIndex.create({ kind: "exact", dim: 64, threads: 2 });
  await index.add(
    Array.from({ length: 20_000 }, (_, i) => i),
    randomVectors(20_000, 64, 1),
  );
  const queries = randomVectors(2000, 64, 2);
  const reason = new Error("enough");
  const controller = new AbortController();
  const running = index.searchMany(queries, { signal: controller.signal });
  setImmediate(() => controller.abort(reason));
  await expect(running).rejects.toBe(reason);
  await expect(index.searchMany(queries, { signal: AbortSignal.abort(reason) })).rejects.toBe(
    reason,
  );
  expect((await index.searchMany(queries.subarray(0, 640))).length).toBe(10);
});

test("close waits for a search that is under way", async () => {
  const index = await VectorIndex.create({ kind: "exact", dim: 16, threads: 2 });
  await index.add(
    Array.from({ length: 1000 }, (_, i) => i),
    randomVectors(1000, 16, 1),
  );
  const running = index.searchMany(new Float32Array(16_000).fill(1));
  await index.close();
  expect((await running).length).toBe(1000);
});

test("searchMany answers from the rows of the moment of the call, also when it has to wait", async () => {
  await using index = await VectorIndex.create({
    kind: "exact",
    dim: 16,
    metric: "l2sq",
    threads: 2,
  });
  const keys = Array.from({ length: 100 }, (_, i) => i);
  await index.add(keys, randomVectors(100, 16, 1));
  const queries = randomVectors(4000, 16, 2);
  const first = index.searchMany(queries, { k: 200 });
  const second = index.searchMany(queries, { k: 200, filter: (key) => key < 50 });
  await index.add(
    Array.from({ length: 500 }, (_, i) => 1000 + i),
    randomVectors(500, 16, 3),
  );
  const third = index.searchMany(queries, { k: 1000 });
  await index.remove(keys);
  expect(new Set((await first).map((hits) => hits.keys.length))).toEqual(new Set([100]));
  expect(new Set((await second).map((hits) => hits.keys.length))).toEqual(new Set([50]));
  expect(new Set((await third).map((hits) => hits.keys.length))).toEqual(new Set([600]));
});

test("a filter may itself use the index: search, remove and add within it", async () => {
  await using index = await VectorIndex.create({
    kind: "exact",
    dim: 4,
    metric: "l2sq",
    threads: 1,
  });
  const keys = Array.from({ length: 40 }, (_, i) => i);
  await index.add(keys, randomVectors(40, 4, 1));
  const query = randomVectors(1, 4, 2);
  const outer = index.search(query, {
    k: 40,
    filter: (key) => {
      index.search(query, { k: 3, filter: [1, 2, 3] });
      return key >= 12;
    },
  });
  expect(outer.keys.length).toBe(28);
  const changed = index.search(query, {
    k: 100,
    filter: (key) => {
      if (key === 20) {
        void index.remove([0, 1, 2]);
        void index.add([500, 501, 502], randomVectors(3, 4, 3));
      }
      return true;
    },
  });
  expect([...changed.keys].toSorted((a, b) => a - b)).toEqual(keys.slice(3));
  expect(index.stats().rows).toBe(40);
});

test("a filter that adds rows until a new segment is needed is not asked of those", async () => {
  await using index = await VectorIndex.create({ kind: "exact", dim: 8, metric: "l2sq" });
  await index.add([1, 2], new Float32Array(16).fill(1));
  const keys = Array.from({ length: 33_000 }, (_, i) => 100 + i);
  const adding = (key: number): boolean => {
    if (key === 1) void index.add(keys, new Float32Array(33_000 * 8));
    return true;
  };
  const { keys: found } = index.search(new Float32Array(8), { filter: adding });
  expect([...found]).toEqual([1, 2]);
  expect(index.stats().segments).toBe(2);
});

test("when the system ends every thread, the next search starts new ones", async () => {
  await using index = await VectorIndex.create({ kind: "exact", dim: 4, threads: 2 });
  // More rows than the calling thread would look at itself.
  const count = 100_000;
  const rows = randomVectors(count, 4, 1);
  await index.add(
    Array.from({ length: count }, (_, i) => i),
    rows,
  );
  const queries = rows.subarray(4, 40);
  let left = 6;
  const killer = (worker: Worker): void => {
    if (left-- > 0) void worker.terminate();
  };
  process.on("worker", killer);
  onTestFinished(() => void process.off("worker", killer));
  for (let attempt = 0; ; attempt++) {
    const outcome = await index.searchMany(queries).then(
      ([hits]) => hits.keys[0],
      (error: { code: string }) => error.code,
    );
    if (outcome === 1) break;
    expect(outcome).toBe("WORKER_DIED");
    expect(attempt).toBeLessThan(6);
  }
});
