import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { VectorIndex } from "#dist/index.js";
import { cellsFor, centroidCodeWords, listBlockWords } from "#dist/wasm/vectors/cells.js";
import { recordWords, rootWords } from "#dist/wasm/vectors/graph.js";
import { testFolder } from "../support/folder.ts";
import { range, recall } from "../support/hits.ts";
import { randomVectors } from "../support/random.ts";

// What goes on while rows move into a graph that is there already, or is cut short while they do.

const DIM = 32;

test("searchMany answers the rows of its moment while others are linked behind them", async () => {
  for (const metric of ["l2sq", "cosine", "dot"] as const) {
    await using index = await linkedIndex(1200, metric);
    const added = randomVectors(2000, DIM, 2);
    await index.add(range(1200, 2000), added);
    const queries = new Float32Array(added.length * 2);
    queries.set(added);
    queries.set(added, added.length);
    await index.remove(range(0, 500));
    const building = index.optimize();
    const filter = (key: number): boolean => key % 2 === 0;
    const answers = await index.searchMany(queries, { efSearch: 16, filter });
    for (const { keys } of answers) {
      expect(keys.length).toBe(10);
      expect(new Set(keys).size).toBe(10);
      expect(keys.every((key) => filter(key) && key >= 500)).toBe(true);
    }
    await building;
  }
});

test("what is saved at any moment of a build opens, with every row", async () => {
  const linked = await linkedFolder(1200);
  let savesWhileBuilding = 0;
  for (const ticks of [0, 1, 2, 3, 5, 8, 20, 60]) {
    await using index = await VectorIndex.open(linked, { threads: 2 });
    await index.add(range(1200, 1200), randomVectors(1200, DIM, 2));
    const building = index.optimize();
    await turns(ticks);
    const folder = testFolder();
    if (index.stats().isBuilding) savesWhileBuilding++;
    await index.save(folder);
    expect(await index.verify()).toMatchObject({ ok: true, rows: 2400 });
    await building;
    await using opened = await VectorIndex.open(folder);
    expect(await opened.verify()).toEqual({ ok: true, rows: 2400, problems: [] });
  }
  expect(savesWhileBuilding).toBeGreaterThan(4);
});

test("a build that is cut short at any moment leaves sound links, and the next one ends it", async () => {
  const linked = await linkedFolder(1200);
  // Before any row has its links, and after some have.
  for (const moment of [{ ticks: 0 }, { ticks: 3 }, { ticks: 20 }, { rows: 1 }, { rows: 600 }]) {
    await using index = await VectorIndex.open(linked, { threads: 2 });
    const added = randomVectors(1200, DIM, 2);
    await index.add(range(1200, 1200), added);
    const controller = new AbortController();
    const building = index.optimize({
      signal: controller.signal,
      onProgress: ({ done }) =>
        done >= (moment.rows ?? Infinity) ? controller.abort() : undefined,
    });
    if (moment.ticks !== undefined) {
      await turns(moment.ticks);
      controller.abort();
    }
    await expect(building).rejects.toThrow(/abort/);
    expect(await index.verify()).toEqual({ ok: true, rows: 2400, problems: [] });
    expect(index.search(added.subarray(0, DIM), { k: 1 }).keys[0]).toBe(1200);
    await index.optimize();
    expect(index.stats()).toMatchObject({ rows: 2400, linkedRows: 2400 });
    expect(await index.verify()).toEqual({ ok: true, rows: 2400, problems: [] });
  }
});

test("rows so small that their squares are zero are not taken for equal", async () => {
  const vectors = randomVectors(1500, DIM, 1);
  vectors.fill(0, 0, 2 * DIM);
  vectors[0] = 1e-24;
  vectors[DIM + 1] = 1e-24;
  await using index = await VectorIndex.create({ dim: DIM, kind: "graph", metric: "l2sq" });
  await index.add(range(0, 1500), vectors);
  await index.optimize();
  expect(await index.verify()).toEqual({ ok: true, rows: 1500, problems: [] });
});

test("inner products of ever longer rows stay in one graph", async () => {
  await using index = await linkedIndex(500, "dot");
  for (let round = 1; round < 8; round++) {
    await index.add([1000 + round], new Float32Array(DIM).fill(1.5 ** round));
    await index.optimize();
  }
  expect(index.stats()).toMatchObject({ rows: 507, linkedRows: 507, segments: 1 });
  expect(index.search(new Float32Array(DIM).fill(1), { k: 1 }).keys[0]).toBe(1007);
});

test.each(["f32", "int8"] as const)(
  "a row a million times as long takes nothing from what is told of the others by inner products, kept in %s",
  async (precision) => {
    const rows = randomVectors(3000, DIM, 5);
    const queries = randomVectors(50, DIM, 6);
    const longer = (row: number): void =>
      rows.subarray(row * DIM, (row + 1) * DIM).forEach((value, i, its) => (its[i] = value * 1e6));
    longer(7);
    longer(2990);
    const options = { dim: DIM, metric: "dot", precision, threads: 2 } as const;
    await using exact = await VectorIndex.create({ ...options, kind: "exact" });
    await using index = await VectorIndex.create({ ...options, kind: "graph" });
    await exact.add(range(0, 3000), rows);
    // One comes with the others, one when these have their links.
    for (const [first, count] of [
      [0, 2980],
      [2980, 20],
    ]) {
      await index.add(range(first, count), rows.subarray(first * DIM, (first + count) * DIM));
      await index.optimize();
    }
    expect(index.stats()).toMatchObject({
      kind: "graph",
      rows: 3000,
      linkedRows: 2998,
      segments: 2,
    });
    const truth = await exact.searchMany(queries);
    const found = await index.searchMany(queries);
    expect(recall(found, truth)).toBeGreaterThan(0.98);
    found.forEach(({ keys, distances }, i) => {
      const told = new Map([...truth[i].keys].map((key, at) => [key, truth[i].distances[at]]));
      keys.forEach((key, at) => {
        const right = told.get(key) ?? distances[at];
        expect(Math.abs(distances[at] - right)).toBeLessThan(1e-4 * Math.abs(right));
      });
    });
    // What has no links is not asked for them again, until a row has come or gone.
    const { work } = index.stats();
    await index.optimize();
    expect(index.stats()).toMatchObject({ linkedRows: 2998, work });
    await index.remove([7, 2990]);
    await index.optimize();
    expect(index.stats()).toMatchObject({ rows: 2998, linkedRows: 2998, segments: 1 });
    expect(await index.verify()).toEqual({ ok: true, rows: 2998, problems: [] });
  },
);

test("optimize called twice and then close leaves no thread behind", async () => {
  const before = readdirSync("/proc/self/task").length;
  for (let i = 0; i < 4; i++) {
    const index = await VectorIndex.create({ dim: DIM, kind: "graph", threads: 4 });
    await index.add(range(0, 1500), randomVectors(1500, DIM, 1));
    const builds = Promise.allSettled([index.optimize(), index.optimize()]);
    await turns(1);
    await index.close();
    await builds;
  }
  // One index's worth may still be ending.
  expect(readdirSync("/proc/self/task").length).toBeLessThan(before + 8);
});

test("a compaction does not end a build that has just begun", async () => {
  await using index = await VectorIndex.create({ dim: DIM, kind: "graph", threads: 2 });
  await index.add(range(0, 1000), randomVectors(1000, DIM, 1));
  await index.remove(range(50, 950));
  const reading = index.searchMany(randomVectors(2000, DIM, 2));
  const compaction = index.optimize();
  await index.add(range(2000, 1100), randomVectors(1100, DIM, 3));
  await Promise.all([compaction, reading]);
  await index.optimize();
  expect(index.stats()).toMatchObject({ rows: 1150, linkedRows: 1150 });
  expect(await index.verify()).toMatchObject({ ok: true });
});

test("a graph that grows has cells for all rows that it grows to, and opens also when that was cut short", async () => {
  const folder = testFolder();
  const cellsOf = async (index: VectorIndex): Promise<number> => {
    await index.save(folder);
    const { files } = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
    // Files of rows without links have none.
    const heads = files.map(({ name }: { name: string }) => readFileSync(join(folder, name)));
    return Math.max(...heads.map((head: Buffer) => head.readUIntLE(52, 3)));
  };
  for (const isCut of [false, true]) {
    await using index = await linkedIndex(1500);
    expect(await cellsOf(index)).toBe(cellsFor(1500));
    const cut = new AbortController();
    await index.add(range(2000, 9000), randomVectors(9000, DIM, 4));
    const growing = index.optimize({
      signal: cut.signal,
      onProgress: ({ done }) => (isCut && done > 100 ? cut.abort() : undefined),
    });
    if (isCut) await expect(growing).rejects.toThrow(/abort/);
    else await growing;
    expect(await cellsOf(index)).toBe(cellsFor(10_500));
    await using opened = await VectorIndex.open(folder);
    expect(await opened.verify()).toEqual({ ok: true, rows: 10_500, problems: [] });
  }
});

test("a snapshot whose links lead out of it or in circles is refused, also with sound checksums", async () => {
  const folder = testFolder();
  await using index = await linkedIndex(1500);
  await index.save(folder);
  const path = join(folder, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  const file = join(folder, manifest.files[0].name);
  const sound = readFileSync(file);
  const words = recordWords({ dim: 64, degree: 32 });
  const rows = 64 + align(1500 * 8) + align(47 * 4);
  const record = (slot: number): number => rows + slot * words * 4;
  const links = (words - 36) * 4;
  const tail = (words - 4) * 4;
  const blocks = sound.readUInt32LE(28);
  const cells = sound.readUIntLE(52, 3);
  const blockBytes = listBlockWords(64) * 4;
  const firstBlock = sound.length - align(blocks * blockBytes);
  const lists = firstBlock - align(cells * 8);
  const centroids = align(cells * 64 * 4) + align(centroidCodeWords(cells, 64) * 4);
  const rootLinks = lists - centroids - align(rootWords(64) * 4) + (64 + 2 * 96) * 4;
  // Of a block: its slots, then the next block, then how many rows.
  const block = (number: number): number => firstBlock + (number + 1) * blockBytes - 48 * 4;
  const cases: Record<string, (bytes: Buffer) => void> = {
    "a link out of the rows": (bytes) => bytes.writeUInt32LE(1500, record(3) + links),
    "a root's link far out": (bytes) => bytes.writeUInt32LE(1_000_000, rootLinks),
    "a root's link to room without rows": (bytes) => bytes.writeUInt32LE(5000, rootLinks),
    "a row behind itself": (bytes) => bytes.writeUInt32LE(5, record(5) + tail),
    "a row behind, far out": (bytes) => bytes.writeUInt32LE(2 ** 31, record(5) + tail),
    "a linked row behind another": (bytes) => bytes.writeUInt32LE(6, record(5) + tail),
    "a state that is none": (bytes) => bytes.writeUInt32LE(7, record(5) + tail + 4),
    "a list that begins nowhere": (bytes) => bytes.writeUInt32LE(blocks, lists),
    "a list that ends elsewhere": (bytes) => bytes.writeUInt32LE(blocks - 1, lists + 4),
    "a block after itself": (bytes) => bytes.writeUInt32LE(0, block(0) + 128),
    "a block far out": (bytes) => bytes.writeUInt32LE(2 ** 31, block(0) + 128),
    "a block of too many rows": (bytes) => bytes.writeUInt32LE(33, block(0) + 132),
    "a list of a row that is not there": (bytes) => bytes.writeUInt32LE(1500, block(0)),
    "a row in two lists": (bytes) => bytes.copyWithin(block(0), block(1), block(1) + 4),
    "more cells than its bytes hold": (bytes) => bytes.writeUIntLE(cells + 32, 52, 3),
    "more cells than there can be": (bytes) => bytes.writeUIntLE(2 ** 23, 52, 3),
    "no cells": (bytes) => bytes.writeUIntLE(0, 52, 3),
    "codes of fewer bits than there are": (bytes) => bytes.writeUInt8(0, 55),
    "codes of bits that no list has": (bytes) => bytes.writeUInt8(3, 55),
    "a live row outside the graph": (bytes) => bytes.writeUInt32LE(0, record(5) + tail + 4),
  };
  // Before there were cells, graphs had none to begin at.
  const older = "a graph of the version before";
  cases[older] = (bytes) => bytes.writeUInt32LE(2, 8);
  for (const [name, change] of Object.entries(cases)) {
    const bytes = Buffer.from(sound);
    change(bytes);
    writeFileSync(file, bytes);
    const { sha256: _, ...body } = manifest;
    const { name: fileName, bytes: size } = manifest.files[0];
    body.files = [{ name: fileName, bytes: size, sha256: sha256(bytes) }];
    const text = { ...body, sha256: sha256(JSON.stringify(body)) };
    writeFileSync(path, `${JSON.stringify(text, undefined, 2)}\n`);
    const code = name === older ? "FORMAT" : "DAMAGED";
    await expect(VectorIndex.open(folder), name).rejects.toMatchObject({ code });
  }
});

async function linkedIndex(count: number, metric: "l2sq" | "cosine" | "dot" = "l2sq") {
  const index = await VectorIndex.create({ dim: DIM, kind: "graph", metric, threads: 2 });
  await index.add(range(0, count), randomVectors(count, DIM, 1));
  await index.optimize();
  expect(index.stats().linkedRows).toBe(count);
  return index;
}

/** A folder with a saved graph of `count` rows. */
async function linkedFolder(count: number): Promise<string> {
  const folder = testFolder();
  await using index = await linkedIndex(count);
  await index.save(folder);
  return folder;
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

function sha256(bytes: string | Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
