// How much sooner are many queries answered together than one after the other?

import assert from "node:assert/strict";
import { VectorIndex, type SearchManyOptions } from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { runPairs, showPairs, showQuiet, type Pairs } from "../support/pairs.js";
import { keep, printTable, setting } from "../support/report.js";

const DIM = 768;
const COUNTS = [16, 64, 256, 1000] as const; // queries of a call

/** Indexes of the same rows, and searches of each by name. */
const INDEXES = [
  {
    options: { kind: "graph" },
    searches: {
      graph: {},
      "graph, k 100": { k: 100 },
      "graph, half of the rows": { filter: everyOther },
    },
  },
  { options: { kind: "flat" }, searches: { flat: {} } },
  { options: { kind: "flat", precision: "int8" }, searches: { "flat, int8": {} } },
  { options: { kind: "exact" }, searches: { exact: {} } },
] as const;

/** Prints for each way to search how many times as fast `searchMany` is as `search`, by how many are asked together. */
export async function benchMany(): Promise<void> {
  const rows = setting("BENCH_MANY_ROWS", 20_000);
  const vectors = clusteredVectors(rows, DIM, 1, { unit: true });
  const queries = clusteredVectors(COUNTS.at(-1)!, DIM, 2, { unit: true });
  const table: string[][] = [];
  const all: Record<string, Pairs[]> = {};
  let threads = 0;
  for (const { options, searches } of INDEXES) {
    await using index = await VectorIndex.create({ dim: DIM, ...options });
    await index.add(
      Array.from({ length: rows }, (_, i) => i),
      vectors,
    );
    await index.optimize();
    ({ threads } = index.stats());
    for (const [name, search] of Object.entries<SearchManyOptions>(searches)) {
      all[name] = [];
      for (const count of COUNTS) {
        all[name].push(await manyPairs(index, queries.subarray(0, count * DIM), DIM, search));
      }
      table.push([name, ...all[name].map(showPairs)]);
      table.push(["  undisturbed", ...all[name].map(showQuiet)]);
    }
  }
  keep("many", all);
  console.log(
    `\nsearchMany on ${threads} threads, × search, ${rows} rows × ${DIM}, by queries a call`,
  );
  printTable(["", ...COUNTS.map(String)], table);
}

/** How many times as fast `searchMany` is as `search` of one query after the other, once both have answered the same. */
export async function manyPairs(
  index: VectorIndex,
  queries: Float32Array,
  dim: number,
  options: SearchManyOptions,
): Promise<Pairs> {
  const count = queries.length / dim;
  const alone = () =>
    Array.from({ length: count }, (_, i) =>
      index.search(queries.subarray(i * dim, (i + 1) * dim), options),
    );
  assert.deepEqual(await index.searchMany(queries, options), alone());
  const ms = 3 * setting("BENCH_MS", 300);
  const { threads } = index.stats();
  return runPairs(alone, () => index.searchMany(queries, options), { ms, threads });
}

function everyOther(key: number): boolean {
  return key % 2 === 0;
}
