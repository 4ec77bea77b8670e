import type { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { VectorIndex } from "#dist/index.js";
import { RowStore } from "#dist/vector/segment/row-store.js";
import { verifySegments } from "#dist/vector/snapshot/verify.js";
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
