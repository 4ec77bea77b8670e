import type { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { VectorIndex } from "#dist/index.js";
import { RowStore } from "#dist/vector/row-store.js";
import { verifySegments } from "#dist/vector/verify.js";
import { describeIndex } from "../support/conformance.ts";
import { randomVectors } from "../support/random.ts";

describeIndex({ kind: "exact", recall: 1 });
describeIndex({ kind: "exact", recall: 1, precision: "int8" });

test("a vector's distance to itself is exactly zero, under cosine too", async () => {
  await using index = await VectorIndex.create({ kind: "exact", dim: 384 });
  const vectors = randomVectors(50, 384, 1);
  await index.add(
    Array.from({ length: 50 }, (_, i) => i),
    vectors,
  );
  for (let i = 0; i < 50; i++) {
    const { keys, distances } = index.search(vectors.subarray(i * 384, (i + 1) * 384), { k: 1 });
    expect([keys[0], distances[0]]).toEqual([i, 0]);
  }
});

test("it grows over several segments, and equal distances come in order of arrival", async () => {
  await using index = await VectorIndex.create({
    kind: "exact",
    dim: 64,
    metric: "l2sq",
    threads: 2,
  });
  const count = 60_000;
  const vectors = new Float32Array(count * 64).fill(1);
  const batch = 7000;
  for (let from = 0; from < count; from += batch) {
    const keys = Array.from({ length: Math.min(batch, count - from) }, (_, i) => from + i);
    await index.add(keys, vectors.subarray(from * 64, (from + keys.length) * 64));
  }
  expect(index.stats().segments).toBeGreaterThan(1);
  const query = vectors.subarray(0, 64);
  const first = Array.from({ length: 100 }, (_, i) => i);
  expect([...index.search(query, { k: 100 }).keys]).toEqual(first);
  expect([...(await index.searchMany(query, { k: 100 }))[0].keys]).toEqual(first);
  const all = (await index.searchMany(query, { k: count }))[0];
  expect(all.keys.length).toBe(count);
  expect(all.keys[count - 1]).toBe(count - 1);
});

test("space of removed rows is used again, and optimize moves what is left together", async () => {
  await using index = await VectorIndex.create({ kind: "exact", dim: 16 });
  const vectors = randomVectors(1000, 16, 1);
  const keys = Array.from({ length: 1000 }, (_, i) => i);
  await index.add(keys, vectors);
  const { bytes } = index.stats();
  for (let round = 0; round < 5; round++) {
    await index.remove(keys.slice(0, 900));
    await index.add(keys.slice(0, 900), vectors.subarray(0, 900 * 16));
  }
  expect(index.stats()).toMatchObject({ rows: 1000, bytes });
  await index.remove(keys.slice(0, 900));
  const before = index.search(vectors.subarray(0, 16), { k: 100 });
  const progress: unknown[] = [];
  await index.optimize({ onProgress: (each) => progress.push(each) });
  expect(index.stats()).toMatchObject({ rows: 100, deadRows: 0 });
  expect(progress).toEqual([{ done: 100, total: 100 }]);
  expect(index.search(vectors.subarray(0, 16), { k: 100 })).toEqual(before);
});

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

test("verify finds a row that was changed behind its back", async () => {
  const layout = {
    dim: 3,
    metric: "cosine",
    coded: false,
    graph: undefined,
    precision: "f32",
  } as const;
  const store = new RowStore({ ...layout, threads: 1, seed: 1 });
  store.add([1, 2], Float32Array.from([1, 0, 0, 1, 1, 0]));
  const [segment] = store.segments;
  expect(verifySegments(store.segments, store.keys, store.layout)).toEqual([]);
  segment.row(1)[3] = 5;
  expect(verifySegments(store.segments, store.keys, store.layout)).toEqual([
    "key 2: padding is not zero",
  ]);
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

test("after optimize, the memory of removed rows is no longer held by threads", async () => {
  await using index = await VectorIndex.create({ kind: "exact", dim: 64, threads: 2 });
  const workers: Worker[] = [];
  const note = (worker: Worker): void => void workers.push(worker);
  process.on("worker", note);
  onTestFinished(() => void process.off("worker", note));
  const keys = Array.from({ length: 1000 }, (_, i) => i);
  await index.add(keys, randomVectors(1000, 64, 1));
  const queries = randomVectors(500, 64, 1);
  await index.searchMany(queries);
  await index.remove(keys.slice(1));
  await index.optimize();
  expect(workers.map(({ threadId }) => threadId)).toEqual([-1, -1]);
  expect([...(await index.searchMany(queries))[0].keys]).toEqual([0]);
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

test("what is no array, filter or options object is refused with a code", async () => {
  await using index = await VectorIndex.create({ kind: "exact", dim: 2, threads: 1 });
  await index.add([-0], Float32Array.from([1, 2]));
  expect(Object.is(index.search(Float32Array.from([1, 2])).keys[0], 0)).toBe(true);
  const query = Float32Array.from([1, 2]);
  const wrong = (value: unknown): never => value as never;
  for (const work of [
    () => index.remove(wrong(5)),
    () => index.remove(wrong(new Set([5]))),
    () => index.add(wrong(undefined), query),
    () => index.add([1], wrong(undefined)),
    () => index.searchMany(wrong(undefined)),
    () => index.search(query, wrong(null)),
    () => VectorIndex.create(wrong(undefined)),
    () => index.searchMany(query, { signal: wrong(new AbortController()) }),
    () => index.optimize(wrong(null)),
    () => index.optimize({ onProgress: wrong(5) }),
    () => index.save(wrong(null)),
    () => index.save(""),
    () => VectorIndex.open(wrong(undefined)),
    // An asynchronous test would let every key through.
    ...[
      null,
      5,
      "abc",
      {},
      Promise.resolve(),
      new Map([[1, 2]]),
      new WeakSet(),
      async () => false,
      // These would be the keys of nothing.
      ["0"],
      new BigInt64Array(1),
      new Set(["0"]),
    ].map((filter) => () => index.search(query, { filter: wrong(filter) })),
  ]) {
    await expect(async () => work()).rejects.toMatchObject({ code: "INVALID_INPUT" });
  }
});

test("options out of range are refused with a reason", async () => {
  for (const options of [
    { dim: 0 },
    { dim: 4097 },
    { dim: 1.5 },
    { dim: 4, metric: "manhattan" },
    { dim: 4, kind: "magic" },
    { dim: 4, threads: 0 },
    { dim: 4, m: 1 },
    { dim: 4, seed: -1 },
  ]) {
    await expect(VectorIndex.create(options as { dim: number })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  }
  await using largest = await VectorIndex.create({ kind: "exact", dim: 4096 });
  await largest.add([0], new Float32Array(4096).fill(1));
  expect(largest.search(new Float32Array(4096).fill(2)).distances[0]).toBe(0);
});
