import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { VectorIndex } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { range } from "../support/hits.ts";
import { randomVectors } from "../support/random.ts";

const DIM = 128;
const ROWS = 3000;

test.each(["cosine", "l2sq", "dot"] as const)(
  "of independent values, where one bit lets thousands of rows through, hardly more are looked at than are answered, metric %s",
  async (metric) => {
    const { index, exact, queryOf } = await pair(metric);
    await using _ = index;
    await using __ = exact;
    for (const k of [1, 10, 100, 256, 257]) {
      const before = index.stats().work?.rows ?? 0;
      let found = 0;
      for (let q = 0; q < 20; q++) {
        const right = new Set(exact.search(queryOf(q), { k }).keys);
        found += index.search(queryOf(q), { k }).keys.filter((key) => right.has(key)).length;
      }
      expect(found / (20 * k), `k ${k}`).toBeGreaterThan(0.995);
      const looked = ((index.stats().work?.rows ?? 0) - before) / 20;
      if (k <= 100) expect(looked, `k ${k}`).toBeLessThan(2.2 * k + 60);
      // From some k on every row is looked at sooner.
      else expect(looked, `k ${k}`).toBeLessThanOrEqual(ROWS);
    }
  },
);

test.each(["cosine", "l2sq", "dot"] as const)(
  "where the first rows, the mean of all and the query are the same, as many are answered as are asked for, metric %s",
  async (metric) => {
    const same = new Float32Array(64).fill(metric === "cosine" ? 0.125 : 0);
    const rows = randomVectors(1500, 64, 3);
    for (let row = 0; row < 600; row++) rows.set(same, row * 64);
    await using index = await VectorIndex.create({ dim: 64, metric, kind: "flat", threads: 2 });
    await using exact = await VectorIndex.create({ dim: 64, metric, kind: "exact", threads: 1 });
    for (const each of [index, exact]) {
      await each.add(range(0, 600), rows.subarray(0, 600 * 64));
      await each.add(range(600, 900), rows.subarray(600 * 64));
    }
    for (const query of [same, rows.subarray(700 * 64, 701 * 64)]) {
      for (const k of [1, 10, 256, 700]) {
        const { distances } = exact.search(query, { k });
        const [many] = await index.searchMany(query, { k });
        for (const answer of [index.search(query, { k }), many]) {
          expect(new Set(answer.keys).size, `k ${k}`).toBe(k);
          answer.distances.forEach((distance, i) => expect(distance).toBeCloseTo(distances[i], 4));
        }
      }
    }
  },
);

test("a snapshot of rows of few values from before they had codes of four bits opens and answers the same", async () => {
  const { index, exact, queryOf } = await pair("cosine");
  await exact.close();
  await using _ = index;
  const folder = testFolder();
  await index.remove([5]);
  await index.save(folder);
  await using same = await VectorIndex.open(folder);
  expect(same.stats().bytes).toBe(index.stats().bytes);
  expect(await same.verify()).toEqual({ ok: true, rows: ROWS - 1, problems: [] });
  const file = withoutNibbles(folder);
  await using opened = await VectorIndex.open(folder);
  expect(await opened.verify()).toEqual({ ok: true, rows: ROWS - 1, problems: [] });
  for (let q = 0; q < 20; q++) {
    const answer = index.search(queryOf(q));
    expect(opened.search(queryOf(q))).toEqual(answer);
    expect(same.search(queryOf(q))).toEqual(answer);
  }
  const looked = [index, opened, same].map((each) => each.stats().work?.rows);
  expect(looked).toEqual([looked[0], looked[0], looked[0]]);
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(file, bytes);
  await expect(VectorIndex.open(folder)).rejects.toMatchObject({ code: "DAMAGED" });
});

async function pair(metric: "cosine" | "l2sq" | "dot") {
  const vectors = randomVectors(ROWS, DIM, 1);
  const queries = randomVectors(20, DIM, 2);
  const keys = Array.from({ length: ROWS }, (_, i) => i);
  const index = await VectorIndex.create({ dim: DIM, metric, kind: "flat", threads: 1 });
  const exact = await VectorIndex.create({ dim: DIM, metric, kind: "exact", threads: 1 });
  await index.add(keys, vectors);
  await exact.add(keys, vectors);
  return { index, exact, queryOf: (q: number) => queries.subarray(q * DIM, (q + 1) * DIM) };
}

/** Writes a snapshot of one segment as format 5 had it; returns the path of its file. */
function withoutNibbles(folder: string): string {
  const path = join(folder, "manifest.json");
  const { sha256: _, files, ...header } = JSON.parse(readFileSync(path, "utf8"));
  expect(files.length).toBe(1);
  const file = join(folder, files[0].name);
  const bytes = readFileSync(file);
  expect([bytes.readUInt32LE(8), bytes.readUInt32LE(28)]).toEqual([8, 2]);
  const nibbles = Math.ceil(bytes.readDoubleLE(32) / 32) * (16 * DIM + 256);
  const old = bytes.subarray(0, bytes.length - nibbles);
  old.writeUInt32LE(5, 8);
  old.writeUInt32LE(1, 28);
  writeFileSync(file, old);
  const sha256 = (of: string | Buffer): string => createHash("sha256").update(of).digest("hex");
  const told = { name: files[0].name, bytes: old.length, sha256: sha256(old) };
  const body = { ...header, version: 5, files: [told] };
  const text = { ...body, sha256: sha256(JSON.stringify(body)) };
  writeFileSync(path, `${JSON.stringify(text, undefined, 2)}\n`);
  return file;
}
