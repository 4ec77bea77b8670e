// How a query's work and time grow with the rows: both should grow as their logarithm does. What the memory of this
// machine takes for the same reads is measured beside it: it grows too, the less the caches hold. Where centers stay
// as many, rows are nearer to each other the more there are; `growth-even` has centers for every 50 rows instead.

import { VectorIndex } from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { Heap } from "#dist/wasm/heap.js";
import { readBytes } from "#dist/wasm/probe.js";
import { seededRandom } from "#dist/util/random.js";
import { recallOf } from "../support/datasets.js";
import { keep, printTable, setting } from "../support/report.js";
import { quantile, timesOf } from "../support/times.js";
import { printNativeGrowth } from "./growth-native.js";

const DIM = 128;
const ROW_BYTES = 4 * DIM;
const SIZES = [10_000, 30_000, 100_000, 300_000, 1_000_000];
const EVEN_SIZES = [100_000, 300_000, 1_000_000];
const CENTERS = 2000;
const ROWS_OF_CENTER = 50; // as many as 100,000 rows have about 2,000 centers
const QUERIES = 500;
const K = 10;
const ASKED = 10; // times that the same query is asked: all but the first find what they read in the cache
const PIECE_BYTES = 16 * 1024; // of a list
const READS = 20_000;

interface Measured {
  readonly rows: number;
  readonly kind: string;
  readonly seconds: number;
  readonly efSearch: number | undefined;
  readonly recall: number;
  readonly seen: number;
  readonly read: number;
  readonly hops: number;
  readonly codes: number;
  readonly segments: number;
  readonly bytesPerRow: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly cachedUs: number;
  readonly readsUs: number | undefined;
}

/** Runs and prints queries of one index while it grows to 1,000,000 rows about 2,000 centers. */
export async function benchGrowth(): Promise<void> {
  const shape = { clusters: CENTERS, unit: true };
  const queries = clusteredVectors(QUERIES, DIM, 2, shape);
  await using index = await VectorIndex.create({ dim: DIM });
  await using exact = await VectorIndex.create({ dim: DIM, kind: "exact" });
  const results: Measured[] = [];
  let rows = 0;
  let seconds = 0;
  for (const size of sizes(SIZES)) {
    const vectors = clusteredVectors(size - rows, DIM, size, shape);
    const keys = Array.from({ length: size - rows }, (_, i) => rows + i);
    seconds += await grow(index, exact, keys, vectors);
    rows = size;
    results.push(await measure(index, exact, queries, seconds));
  }
  keep("growth", results);
  print(`growth, rows × ${DIM} about ${CENTERS} centers, cosine, k ${K}, by default`, results);
  printNativeGrowth();
}

/** The same of an index for each number of rows, with a center for every 50 of them. */
export async function benchEvenGrowth(): Promise<void> {
  const results: Measured[] = [];
  for (const size of sizes(EVEN_SIZES)) {
    const shape = { clusters: size / ROWS_OF_CENTER, unit: true };
    const queries = clusteredVectors(QUERIES, DIM, 2, shape);
    await using index = await VectorIndex.create({ dim: DIM });
    await using exact = await VectorIndex.create({ dim: DIM, kind: "exact" });
    const keys = Array.from({ length: size }, (_, i) => i);
    const seconds = await grow(index, exact, keys, clusteredVectors(size, DIM, size, shape));
    results.push(await measure(index, exact, queries, seconds));
  }
  keep("growth-even", results);
  const what = `rows × ${DIM}, ${ROWS_OF_CENTER} about each center`;
  print(`growth, ${what}, cosine, k ${K}, by default`, results);
}

function sizes(all: readonly number[]): readonly number[] {
  const most = setting("BENCH_GROWTH", 1_000_000);
  return all.filter((size) => size <= most);
}

/** Adds rows to both, and links what is to be linked; returns the seconds that takes. */
async function grow(
  index: VectorIndex,
  exact: VectorIndex,
  keys: readonly number[],
  vectors: Float32Array,
): Promise<number> {
  const begin = performance.now();
  await index.add(keys, vectors);
  await index.optimize();
  const seconds = (performance.now() - begin) / 1000;
  await exact.add(keys, vectors);
  return seconds;
}

async function measure(
  index: VectorIndex,
  exact: VectorIndex,
  queries: Float32Array,
  seconds: number,
): Promise<Measured> {
  const queryOf = (i: number): Float32Array => queries.subarray(i * DIM, (i + 1) * DIM);
  const truth = (await exact.searchMany(queries, { k: K })).map((hits) => new Set(hits.keys));
  const before = index.stats().work;
  const answers = Array.from({ length: QUERIES }, (_, i) => index.search(queryOf(i)).keys);
  const { work, kind, efSearch, bytes, segments, rows } = index.stats();
  const perQuery = (of: "hops" | "codes" | "rows" | "bytes"): number =>
    ((work?.[of] ?? 0) - (before?.[of] ?? 0)) / QUERIES;
  const times = timesOf(3 * QUERIES, (i) => index.search(queryOf(i % QUERIES)));
  const cached = timesOf(QUERIES * ASKED, (i) => index.search(queryOf(Math.floor(i / ASKED))));
  const looked = { seen: perQuery("rows"), read: perQuery("bytes") };
  return {
    rows,
    kind,
    seconds,
    efSearch,
    segments,
    ...looked,
    recall: recallOf(answers, truth),
    hops: perQuery("hops"),
    codes: perQuery("codes"),
    bytesPerRow: bytes / rows,
    p50Us: quantile(times, 0.5),
    p99Us: quantile(times, 0.99),
    cachedUs: quantile(cached, 0.5),
    readsUs: kind === "graph" ? readsUs(bytes, looked) : undefined,
  };
}

function print(title: string, results: readonly Measured[]): void {
  console.log(`\n${title}`);
  printTable(
    [
      ...["rows", "by", "built s", "B/row", "ef", "recall", "rows seen", "codes", "KiB"],
      ...["p50 µs", "p99 µs", "µs / ln rows", "in cache µs", "reads µs"],
    ],
    results.map((each) => [
      String(each.rows),
      each.kind,
      each.seconds.toFixed(1),
      each.bytesPerRow.toFixed(0),
      String(each.efSearch ?? "–"),
      each.recall.toFixed(4),
      each.seen.toFixed(0),
      each.codes.toFixed(0),
      (each.read / 1024).toFixed(0),
      each.p50Us.toFixed(1),
      each.p99Us.toFixed(0),
      (each.p50Us / Math.log(each.rows)).toFixed(1),
      each.cachedUs.toFixed(1),
      each.readsUs?.toFixed(0) ?? "–",
    ]),
  );
  console.log(
    "  in cache: the same query again; reads: as many rows from anywhere in as much memory, then what else " +
      "is read in pieces of 16 KiB",
  );
}

/** What the memory alone takes for a query's reads, from anywhere in as many bytes as the index has. */
function readsUs(size: number, { seen, read }: { seen: number; read: number }): number {
  const heap = new Heap(size + PIECE_BYTES + 2 ** 20);
  const all = heap.f32((size + PIECE_BYTES) >> 2).fill(1);
  const random = seededRandom(3);
  const nsOf = (length: number): number => {
    const jobs = Array.from({ length: READS }, () => {
      const at = Math.floor((random() * size) / 64) * 16;
      return readBytes(heap, all.subarray(at, at + (length >> 2)));
    });
    const from = performance.now();
    for (const job of jobs) heap.run(job);
    return ((performance.now() - from) * 1e6) / READS;
  };
  const rest = Math.max(0, read - seen * ROW_BYTES);
  return (seen * nsOf(ROW_BYTES) + (rest / PIECE_BYTES) * nsOf(PIECE_BYTES)) / 1000;
}
