import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { VectorIndex } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { exactHits, range, recall } from "../support/hits.ts";
import { randomVectors } from "../support/random.ts";

const DIM = 64;
const ROWS = 44_000;
const vectors = randomVectors(ROWS, DIM, 1);
const queries = randomVectors(20, DIM, 2);

for (const options of [{ metric: "cosine" }, { metric: "dot", precision: "int8" }] as const) {
  test(`rows that came by a few at a time are gathered in one segment in the background, ${Object.values(options).join(", ")}; meanwhile searches answer and rows come and go`, async () => {
    await using index = await VectorIndex.create({
      dim: DIM,
      kind: "flat",
      threads: 1,
      ...options,
    });
    await using one = await VectorIndex.create({ dim: DIM, kind: "flat", threads: 1, ...options });
    for (let from = 0; from < ROWS - 2000; from += 3000) {
      await index.add(range(from, 3000), vectors.subarray(from * DIM, (from + 3000) * DIM));
    }
    expect(index.stats().isBuilding).toBe(true);
    await one.add(range(0, ROWS), vectors);
    const asked = queries.subarray(0, DIM);
    let turns = 0;
    for (let key = ROWS - 2000; key < ROWS; key++) {
      await index.add([key], vectors.subarray(key * DIM, (key + 1) * DIM));
      if (key % 4 !== 0) continue;
      await index.remove([key - 30_000]);
      await setImmediate();
      if (!index.stats().isBuilding) continue;
      turns++;
      expect(index.search(asked, { k: 5 }).keys.length).toBe(5);
      if (turns === 20) expect(await index.verify()).toMatchObject({ ok: true });
    }
    expect(turns).toBeGreaterThan(50);
    await gathered(index);
    expect(index.stats().segments).toBe(1);
    await one.remove(range(ROWS - 2000, 500).map((i) => 4 * i - 3 * (ROWS - 2000) - 30_000));
    expect(index.stats().rows).toBe(one.stats().rows);
    expect(await index.verify()).toMatchObject({ ok: true });
    for (let at = 0; at < queries.length; at += DIM) {
      const query = queries.subarray(at, at + DIM);
      const found = index.search(query, { k: 50 });
      const right = one.search(query, { k: 50 });
      expect([...found.keys]).toEqual([...right.keys]);
      expect([...found.distances]).toEqual([...right.distances]);
    }
  });
}

test("what is left of an index that has lost most of its rows is gathered, and takes as much less to search", async () => {
  await using index = await VectorIndex.create({ dim: DIM, kind: "flat", threads: 1 });
  await index.add(range(0, 20_000), vectors.subarray(0, 20_000 * DIM));
  await index.remove(range(0, 15_000));
  expect(index.stats()).toMatchObject({ rows: 5000, deadRows: 15_000, isBuilding: true });
  await gathered(index);
  expect(index.stats()).toMatchObject({ rows: 5000, deadRows: 0, segments: 1 });
  const before = index.stats().work?.codes ?? 0;
  const answers = await index.searchMany(queries);
  expect((index.stats().work?.codes ?? 0) - before).toBe(20 * 5000);
  const left = vectors.subarray(15_000 * DIM, 20_000 * DIM);
  const truth = await exactHits(left, DIM, "cosine", queries, range(15_000, 5000));
  expect(recall(answers, truth)).toBeGreaterThan(0.99);
});

test("a snapshot, searches on threads and a close that come while rows are gathered have every row", async () => {
  const index = await VectorIndex.create({ dim: DIM, kind: "flat", threads: 2 });
  await index.add(range(0, 33_000), vectors.subarray(0, 33_000 * DIM));
  await index.remove(range(0, 13_000));
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  expect(index.stats().isBuilding).toBe(true);
  const folder = testFolder();
  const searching = index.searchMany(vectors.subarray(13_000 * DIM, 14_000 * DIM), { k: 1 });
  await index.save(folder);
  expect((await searching).map(({ keys }) => keys[0])).toEqual(range(13_000, 1000));
  await index.close();
  await using opened = await VectorIndex.open(folder);
  expect(await opened.verify()).toEqual({ ok: true, rows: 20_000, problems: [] });
  const hits = await opened.searchMany(vectors.subarray(13_000 * DIM, 14_000 * DIM), { k: 1 });
  expect(hits.map(({ keys }) => keys[0])).toEqual(range(13_000, 1000));
});

async function gathered(index: VectorIndex): Promise<void> {
  while (index.stats().isBuilding) await setImmediate();
}
