import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { VectorIndex, type Metric } from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { testFolder } from "../support/folder.ts";
import { randomVectors } from "../support/random.ts";

const QUERIES = 400;
const K = 10;

interface Case {
  readonly dim: number;
  readonly metric?: Metric;
  readonly precision?: "f32" | "int8";
  readonly rows: Float32Array;
  readonly queries: Float32Array;
}

function clustered(count: number, dim: number, seed: number, decay: number): Case {
  const shape = { clusters: 40, unit: true, decay };
  const rows = clusteredVectors(count, dim, seed, shape);
  return { dim, rows, queries: clusteredVectors(QUERIES, dim, seed + 100, shape) };
}

/** Each row stands there twice, one behind the other. */
function twice(data: Case): Case {
  const { dim, rows } = data;
  const at = (i: number): number => Math.floor(i / dim / 2) * dim + (i % dim);
  return { ...data, rows: Float32Array.from({ length: 2 * rows.length }, (_, i) => rows[at(i)]) };
}

/** Rows and queries are of seven lengths, in turn. */
function lengthened(data: Case): Case {
  const { dim, rows, queries } = data;
  const longer = (value: number, i: number): number => value * (1 + (Math.floor(i / dim) % 7) / 20);
  return { ...data, rows: rows.map(longer), queries: queries.map(longer) };
}

/** Every eighth row and query is of another set: what is asked for evenly may be of that set alone. */
function inTurns(data: Case, other: Case): Case {
  const { dim } = data;
  const mixed = (of: "rows" | "queries"): Float32Array =>
    data[of].map((value, i) => (Math.floor(i / dim) % 8 === 0 ? other[of][i] : value));
  return { ...data, rows: mixed("rows"), queries: mixed("queries") };
}

const CASES: Record<string, Case> = {
  "even noise about centers": clustered(6000, 96, 1, 0),
  "the same of another seed, in 8 bits": { ...clustered(6000, 96, 2, 0), precision: "int8" },
  "noise that falls from direction to direction": clustered(4000, 384, 3, 1),
  "independent values": {
    dim: 24,
    metric: "l2sq",
    rows: randomVectors(6000, 24, 4),
    queries: randomVectors(QUERIES, 24, 5),
  },
  "inner products of rows of many lengths": {
    ...lengthened(clustered(6000, 64, 6, 1)),
    metric: "dot",
  },
  "rows of two kinds in turn, of which one is found at once": inTurns(
    {
      dim: 24,
      metric: "l2sq",
      rows: randomVectors(8192, 24, 9),
      queries: randomVectors(QUERIES, 24, 10),
    },
    clustered(8192, 24, 11, 2),
  ),
  "rows that stand there twice": twice(clustered(3000, 64, 8, 0)),
};

describe("the beam that a build measures finds 99 % of the ten nearest to queries that are no rows, and half of it does not", () => {
  test.each(Object.entries(CASES))("%s", async (_, data) => {
    const { dim, metric = "cosine", precision = "f32", rows, queries } = data;
    const keys = Array.from({ length: rows.length / dim }, (__, i) => i);
    const options = { dim, metric, precision, threads: 2 };
    await using index = await VectorIndex.create({ ...options, kind: "graph" });
    await using exact = await VectorIndex.create({ ...options, kind: "exact" });
    await index.add(keys, rows);
    await exact.add(keys, rows);
    await index.optimize();
    const farthest = (await exact.searchMany(queries, { k: K })).map((hits) => hits.distances[9]);
    /** Recall and its standard error; by distance, because of equal rows any may be answered. */
    const foundBy = async (efSearch?: number): Promise<[number, number]> => {
      const hits = await index.searchMany(queries, efSearch === undefined ? {} : { efSearch });
      const shares = hits.map(
        ({ distances }, i) => distances.filter((each) => each <= farthest[i] + 1e-6).length / K,
      );
      const mean = shares.reduce((sum, each) => sum + each, 0) / QUERIES;
      const squares = shares.reduce((sum, each) => sum + (each - mean) ** 2, 0);
      return [mean, Math.sqrt(squares) / QUERIES];
    };
    const { efSearch = NaN, recall = NaN } = index.stats();
    const [found, error] = await foundBy();
    expect(found).toBeGreaterThan(0.99 - 2 * error);
    expect(Math.abs(found - recall)).toBeLessThan(0.003 + 2 * error);
    expect((await foundBy(Math.ceil(efSearch / 2)))[0]).toBeLessThan(0.99);
    // One is found as surely, since some more are looked at.
    const nearest = (await exact.searchMany(queries, { k: 1 })).map((hits) => hits.distances[0]);
    const { work: before } = index.stats();
    const alone = await index.searchMany(queries, { k: 1 });
    const { work } = index.stats();
    const right = alone.filter(({ distances }, i) => distances[0] <= nearest[i] + 1e-6).length;
    const chance = Math.sqrt((0.99 * 0.01) / QUERIES);
    expect(right / QUERIES).toBeGreaterThan(0.99 - 2 * chance);
    expect(((work?.hops ?? NaN) - (before?.hops ?? NaN)) / QUERIES).toBeGreaterThan(4);
  });
});

test("what a graph measures of itself is the same on any number of threads", async () => {
  const { dim, rows } = clustered(6000, 32, 7, 1);
  const keys = Array.from({ length: 6000 }, (_, i) => i);
  const saved = async (threads: number): Promise<string> => {
    const index = await VectorIndex.create({ dim, kind: "graph", threads });
    const folder = join(testFolder(), "index");
    await index.add(keys, rows);
    await index.optimize();
    await index.save(folder);
    await index.close();
    const files = readdirSync(folder).filter((name) => name !== "manifest.json");
    expect(files.length).toBeGreaterThan(0);
    return files.map((name) => readFileSync(join(folder, name), "latin1")).join("\n");
  };
  const alone = await saved(1);
  for (let i = 0; i < 3; i++) expect((await saved(2)) === alone).toBe(true);
});
