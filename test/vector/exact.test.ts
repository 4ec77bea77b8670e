import { expect, test } from "vitest";
import { VectorIndex } from "#dist/index.js";
import { describeIndex } from "../support/conformance.ts";
import { randomVectors } from "../support/random.ts";

describeIndex({ kind: "exact", recall: 1 });

test("a vector's distance to itself is exactly zero, under cosine too", async () => {
  await using index = await VectorIndex.create({ dim: 384 });
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
  await using index = await VectorIndex.create({ dim: 64, metric: "l2sq", threads: 2 });
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
  await using index = await VectorIndex.create({ dim: 16 });
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
  await using index = await VectorIndex.create({ dim: 64, metric: "l2sq", threads: 2 });
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
  await using index = await VectorIndex.create({ dim: 64, threads: 2 });
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
  const index = await VectorIndex.create({ dim: 16, threads: 2 });
  await index.add([1], new Float32Array(16).fill(1));
  const running = index.searchMany(new Float32Array(160).fill(1));
  await index.close();
  expect((await running).length).toBe(10);
});

test("verify finds a row that was changed behind its back", async () => {
  const { ExactIndex } = await import("#dist/vector/exact-index.js");
  const { processKernels } = await import("#dist/wasm/kernels.js");
  expect(processKernels().build).toBeDefined();
  const engine = new ExactIndex({ dim: 3, metric: "cosine", threads: 1 }, () => {
    throw new Error("no threads here");
  });
  const given = Float64Array.from([1, 2]);
  await engine.load(given, async (rows) => {
    rows.fill(0);
    rows.set([1, 0, 0], 0);
    rows.set([1, 1, 0, 5], 16);
  });
  expect(engine.verify()).toEqual({ ok: false, rows: 2, problems: ["key 2: padding is not zero"] });
});

test("kinds that this version lacks, and options out of range, are refused with a reason", async () => {
  for (const kind of ["flat", "graph"] as const) {
    await expect(VectorIndex.create({ dim: 4, kind })).rejects.toMatchObject({
      code: "NOT_SUPPORTED",
    });
  }
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
  await using largest = await VectorIndex.create({ dim: 4096 });
  await largest.add([0], new Float32Array(4096).fill(1));
  expect(largest.search(new Float32Array(4096).fill(2)).distances[0]).toBe(0);
});
