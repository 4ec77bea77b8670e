import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { VectorIndex, type Hits, type Metric, type SearchOptions } from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { beamFor, type Beam } from "#dist/vector/segment/beams.js";
import { beamsOf, beamWordsOf } from "#dist/vector/snapshot/segment-sections.js";
import { testFolder } from "../support/folder.ts";

const DIM = 64;
const ROWS = 16_000;
const QUERIES = 60;
const SHAPE = { clusters: 40, unit: true, decay: 1 };
const KEYS = Array.from({ length: ROWS }, (_, i) => i);

const rows = clusteredVectors(ROWS, DIM, 1, SHAPE);
const queries = clusteredVectors(QUERIES, DIM, 2, SHAPE);

async function indexOf(kind: "exact" | "graph", metric: Metric): Promise<VectorIndex> {
  const index = await VectorIndex.create({ dim: DIM, kind, metric, threads: 2 });
  await index.add(KEYS, rows);
  await index.optimize();
  return index;
}

/** What each query is answered, one after the other, and what that looked at. */
function asked(index: VectorIndex, options: SearchOptions) {
  const { work: before } = index.stats();
  const hits = Array.from({ length: QUERIES }, (_, i) =>
    index.search(queries.subarray(i * DIM, (i + 1) * DIM), options),
  );
  const { work } = index.stats();
  const of = (field: "hops" | "codes" | "rows") =>
    (work?.[field] ?? NaN) - (before?.[field] ?? NaN);
  return { hits, hops: of("hops"), codes: of("codes") / QUERIES, rows: of("rows") / QUERIES };
}

function recallOf(hits: readonly Hits[], truth: readonly Hits[]): number {
  let found = 0;
  let wanted = 0;
  truth.forEach(({ distances }, i) => {
    const farthest = distances[distances.length - 1] + 1e-5;
    wanted += distances.length;
    found += hits[i].distances.filter((distance) => distance <= farthest).length;
  });
  return found / wanted;
}

/** Writes a snapshot of one segment as format 7 had it. */
function withoutParts(folder: string): void {
  const path = join(folder, "manifest.json");
  const { sha256: _, files, ...header } = JSON.parse(readFileSync(path, "utf8"));
  expect(files.length).toBe(1);
  const file = join(folder, files[0].name);
  const bytes = readFileSync(file);
  expect(bytes.readUInt32LE(8)).toBe(8);
  // The section of beams begins with ten answers and then tells of twenty.
  let at = 64;
  while (bytes.readFloatLE(at) !== 10 || bytes.readFloatLE(at + 24) !== 20) at += 64;
  const beams = Array.from({ length: 8 }, (__, i) => bytes.subarray(at + 24 * i, at + 24 * i + 16));
  const old = Buffer.concat([bytes.subarray(0, at), ...beams, bytes.subarray(at + 192)]);
  old.writeUInt32LE(7, 8);
  writeFileSync(file, old);
  const sha256 = (of: string | Buffer): string => createHash("sha256").update(of).digest("hex");
  const told = { name: files[0].name, bytes: old.length, sha256: sha256(old) };
  const body = { ...header, version: 7, files: [told] };
  const text = { ...body, sha256: sha256(JSON.stringify(body)) };
  writeFileSync(path, `${JSON.stringify(text, undefined, 2)}\n`);
}

describe.each(["cosine", "dot"] as const)("many answers of a graph, by %s", (metric) => {
  let index: VectorIndex;
  let exact: VectorIndex;
  beforeAll(async () => {
    index = await indexOf("graph", metric);
    exact = await indexOf("exact", metric);
    return async () => {
      await index.close();
      await exact.close();
    };
  });

  test.each([100, 300])("%i are found, whichever way is taken", (k) => {
    const { hits } = asked(index, { k });
    expect(hits.every(({ keys }) => new Set(keys).size === k)).toBe(true);
    expect(recallOf(hits, asked(exact, { k }).hits)).toBeGreaterThan(0.985);
  });

  test.each([640, 1000])("%i are found by codes of a part of the cells", (k) => {
    const { hits, hops, codes } = asked(index, { k });
    expect(hits.every(({ keys }) => new Set(keys).size === k)).toBe(true);
    expect(recallOf(hits, asked(exact, { k }).hits)).toBeGreaterThan(0.985);
    expect(hops).toBe(0);
    // Of rows and centroids; all lists have these once, and most of them twice.
    expect(codes).toBeLessThan(0.6 * ROWS);
  });

  test("searches go the ways that stats tell", () => {
    const { ways } = index.stats();
    expect(ways.map(({ k }) => k)).toEqual([1, 10, 20, 40, 80, 160, 320, 640, 1280]);
    expect(new Set(ways.map(({ by }) => by))).toEqual(new Set(["links", "cells"]));
    for (const { k, by } of ways) expect(asked(index, { k }).hops > 0).toBe(by === "links");
  });

  test("rows that match are looked at themselves where codes would take longer", () => {
    const filter = (key: number): boolean => key % 40 === 3;
    const { hits, codes, rows: read } = asked(index, { k: 20, filter });
    expect({ codes, read }).toEqual({ codes: 0, read: ROWS / 40 });
    expect(recallOf(hits, asked(exact, { k: 20, filter }).hits)).toBe(1);
  });

  test("threads answer the same", async () => {
    const { hits } = asked(index, { k: 640 });
    expect(await index.searchMany(queries, { k: 640 })).toEqual(hits);
  });

  test("a beam that is asked for is walked with", () => {
    const { hops } = asked(index, { k: 300, efSearch: 400 });
    expect(hops).toBeGreaterThan(300 * QUERIES);
  });

  test("a filter has as many more read, also one that lets nothing near through", () => {
    const every = (key: number): boolean => key % 10 === 3;
    const some = asked(index, { k: 30, filter: every });
    const truth = asked(exact, { k: 30, filter: every }).hits;
    expect(recallOf(some.hits, truth)).toBeGreaterThan(0.985);
    // Those that are far from all queries: of other clusters, which stand one behind the other.
    const near = new Set(
      asked(exact, { k: 2000 }).hits.flatMap(({ keys }) => [...keys].slice(0, 100)),
    );
    const far = (key: number): boolean => !near.has(key);
    const others = asked(index, { k: 100, filter: far });
    expect(others.hits.every(({ keys }) => keys.length === 100 && keys.every(far))).toBe(true);
    const farTruth = asked(exact, { k: 100, filter: far }).hits;
    expect(recallOf(others.hits, farTruth)).toBeGreaterThan(0.97);
    for (const count of [5, 60, 299]) {
      const few = (key: number): boolean => key < count;
      expect(
        asked(index, { k: 300, filter: few }).hits.every(({ keys }) => keys.length === count),
      ).toBe(true);
    }
  });

  test("a snapshot answers the same by the same codes", async () => {
    const folder = testFolder();
    await index.save(folder);
    await using opened = await VectorIndex.open(folder);
    const a = asked(index, { k: 640 });
    const b = asked(opened, { k: 640 });
    expect(b).toEqual(a);
  });

  test("a snapshot of the format before parts were measured is read: codes of all cells answer", async () => {
    const folder = testFolder();
    await index.save(folder);
    withoutParts(folder);
    await using opened = await VectorIndex.open(folder);
    expect(asked(opened, { k: 10 })).toEqual(asked(index, { k: 10 }));
    const { hits, codes } = asked(opened, { k: 640 });
    expect(codes).toBeGreaterThan(ROWS);
    expect(recallOf(hits, asked(exact, { k: 640 }).hits)).toBeGreaterThan(0.9999);
  });

  test("of rows that were removed none is answered, and all others that are asked for", async () => {
    const gone = KEYS.filter((key) => key % 3 === 0);
    await index.remove(gone);
    await exact.remove(gone);
    const { hits, hops } = asked(index, { k: 640 });
    expect(hops).toBe(0);
    expect(recallOf(hits, asked(exact, { k: 640 }).hits)).toBeGreaterThan(0.985);
    const [most] = asked(index, { k: ROWS }).hits;
    expect([...most.keys].toSorted((x, y) => x - y)).toEqual(KEYS.filter((key) => key % 3 !== 0));
  });
});

test("between what was measured a margin is the larger of two, and beyond there is none", () => {
  const beam = (k: number, partUs: number, margin: number): Beam => {
    return { k, ef: Infinity, walkUs: Infinity, codesUs: 1000, partUs, margin };
  };
  const beams = [
    beam(10, 50, 2),
    beam(20, 60, 0.8),
    beam(40, 90, 1.1),
    beam(80, Infinity, Infinity),
  ];
  expect(beamFor(beams, 10)).toMatchObject({ margin: 2, partUs: 50 });
  expect(beamFor(beams, 14)).toMatchObject({ margin: 2 });
  expect(beamFor(beams, 20)).toMatchObject({ margin: 0.8, partUs: 60 });
  expect(beamFor(beams, 21)).toMatchObject({ margin: 1.1 });
  expect(beamFor(beams, 50)).toMatchObject({ margin: Infinity, partUs: Infinity });
  expect(beamFor(beams.slice(0, 3), 43)).toMatchObject({ margin: 1.1 });
  expect(beamFor(beams.slice(0, 3), 50)).toMatchObject({ margin: Infinity, partUs: Infinity });
});

test("what a snapshot tells of beams and parts is read as it was written, and refused where it can't be", () => {
  const measured = { ef: 40, walkUs: 30, codesUs: 200, partUs: 50, margin: 1.5 };
  const none = { ef: Infinity, walkUs: Infinity, codesUs: 300, partUs: Infinity, margin: Infinity };
  const beams = [
    { k: 10, ...measured },
    { k: 20, ...none },
    { k: 40, ...measured, ef: Infinity, walkUs: Infinity },
  ];
  const words = beamWordsOf(beams);
  expect(beamsOf(words, 6, "x")).toEqual(beams);
  // Of four values each, as before there were parts.
  const old = Float32Array.from({ length: 32 }, (_, i) => words[(i >> 2) * 6 + (i & 3)]);
  const without = { partUs: Infinity, margin: Infinity };
  expect(beamsOf(old, 4, "x")).toEqual(beams.map((beam) => ({ ...beam, ...without })));
  const refused = expect.objectContaining({ code: "DAMAGED" });
  for (const [at, value] of [
    [4, 0],
    [5, 0],
    [5, -1],
    [5, NaN],
    [10, 7],
    [16, -3],
  ]) {
    expect(() => beamsOf(words.with(at, value), 6, "x")).toThrow(refused);
  }
});
