import { describe, expect, test } from "vitest";
import { VectorIndex } from "#dist/index.js";
import { exactHits, range } from "../support/hits.ts";
import { randomVectors } from "../support/random.ts";

describe("data that graphs are bad at", () => {
  const cases: Record<string, { dim: number; rows: Float32Array }> = {
    "all rows the same": { dim: 64, rows: new Float32Array(3000 * 64).fill(0.5) },
    "clusters of equal rows, larger than the degree": {
      dim: 96,
      rows: repeated(randomVectors(30, 96, 1), 96, 3000),
    },
    "a line": {
      dim: 65,
      rows: Float32Array.from({ length: 3000 * 65 }, (_, i) => Math.floor(i / 65) / 100 + 1),
    },
    "one value": { dim: 1, rows: randomVectors(2000, 1, 2) },
    "two values": { dim: 2, rows: randomVectors(2000, 2, 3) },
    "63 values": { dim: 63, rows: randomVectors(2000, 63, 4) },
    "1,536 values": { dim: 1536, rows: randomVectors(1200, 1536, 5) },
    "lengths from 1e-6 to 1e12": {
      dim: 64,
      rows: randomVectors(2000, 64, 6).map((value, i) => value * 10 ** ((i >> 6) % 19) * 1e-6),
    },
    "two clusters far apart": {
      dim: 64,
      rows: randomVectors(3000, 64, 7).map((value, i) => value + (i < 64 * 1500 ? 1000 : -1000)),
    },
  };
  test.each(Object.entries(cases))(
    "%s: every row is reached, and the nearest found",
    async (_, data) => {
      const { dim, rows } = data;
      const count = rows.length / dim;
      await using index = await VectorIndex.create({
        dim,
        kind: "graph",
        metric: "l2sq",
        threads: 2,
      });
      await index.add(range(0, count), rows);
      await index.optimize();
      expect(index.stats().linkedRows).toBe(count);
      expect(await index.verify()).toEqual({ ok: true, rows: count, problems: [] });
      const truth = await exactHits(rows, dim, "l2sq", rows.subarray(0, 40 * dim));
      for (const k of [1, 10, 100, count]) {
        const answers = await index.searchMany(rows.subarray(0, 40 * dim), { k });
        for (const { keys, distances } of answers) {
          expect(new Set(keys).size).toBe(Math.min(k, count));
          expect([...distances]).toEqual([...distances].toSorted((a, b) => a - b));
        }
        if (k !== 10) continue;
        // By distance, because of equal rows any may be answered.
        const found = answers.map(({ distances }, i) => {
          const worst = truth[i].distances[9];
          return distances.filter((distance) => distance <= worst * 1.001 + 1e-5).length / 10;
        });
        expect(found.reduce((sum, each) => sum + each, 0) / 40).toBeGreaterThan(0.97);
      }
    },
  );

  test("graphs of few rows, and of none, answer all there is", async () => {
    for (const count of [0, 1, 9, 32, 33, 64, 65, 100]) {
      await using index = await VectorIndex.create({ dim: 20, kind: "graph", metric: "l2sq" });
      await index.add(range(0, count), randomVectors(count, 20, count));
      await index.optimize();
      const { keys } = index.search(new Float32Array(20), { k: 10 });
      expect(keys.length).toBe(Math.min(10, count));
      expect(await index.verify()).toMatchObject({ ok: true, rows: count });
    }
  });
});

function repeated(vectors: Float32Array, dim: number, count: number): Float32Array {
  const distinct = vectors.length / dim;
  return Float32Array.from(
    { length: count * dim },
    (_, i) => vectors[(Math.floor(i / dim) % distinct) * dim + (i % dim)],
  );
}
