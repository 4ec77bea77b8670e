import { loadHnswlib, type HnswlibLibrary } from "../vector/hnswlib-library.ts";
import { VectorIndex } from "../vector/vector-index.ts";
import { fillRandom, seededRandom } from "../util/random.ts";
import { time, type Timing } from "./timing.ts";

/** What to measure; each default is what `npm run bench` uses. */
export interface VectorMeasureOptions {
  /** Default 10,000. */
  readonly rows?: number;
  /** Default 768. */
  readonly dim?: number;
  /** Default 10. */
  readonly k?: number;
  /** Default `os.availableParallelism()`. */
  readonly threads?: number;
  /** Time given to each contender; default 2,000. */
  readonly timeMs?: number;
}

/** One way to search, on the same rows and queries as the others. */
export interface VectorResult extends Timing {
  readonly queriesPerSecond: number;
  /** Share of the true k nearest that were found. */
  readonly recall: number;
}

/** What was measured, and why what is missing is missing. */
export interface VectorReport {
  readonly rows: number;
  readonly dim: number;
  readonly k: number;
  readonly threads: number;
  readonly results: readonly VectorResult[];
  readonly missing: readonly string[];
}

const QUERIES = 64;

type BruteforceSearch = InstanceType<HnswlibLibrary["BruteforceSearch"]>;

/**
 * Times exact search against hnswlib-node's brute force, on seeded unit vectors. Both find what is
 * true: a method whose recall is not 1 has made an error of rounding among equals, or is wrong.
 */
export async function measureExactSearch(
  options: VectorMeasureOptions = {},
): Promise<VectorReport> {
  const { rows = 10_000, dim = 768, k = 10, timeMs = 2000 } = options;
  const random = seededRandom(42);
  const vectors = fillRandom(new Float32Array(rows * dim), random);
  const queries = fillRandom(new Float32Array(QUERIES * dim), random);
  const queryOf = (i: number): Float32Array => queries.subarray(i * dim, (i + 1) * dim);
  const keys = Array.from({ length: rows }, (_, i) => i);

  await using index = await VectorIndex.create({
    dim,
    metric: "l2sq",
    kind: "exact",
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  });
  await index.add(keys, vectors);
  const truth = Array.from({ length: QUERIES }, (_, i) => nearest(queryOf(i), vectors, k));
  const recallOf = (answers: readonly ArrayLike<number>[]): number => {
    const found = answers.map(
      (keys, i) => Array.from(keys).filter((key) => truth[i].has(key)).length,
    );
    return found.reduce((sum, each) => sum + each, 0) / (QUERIES * k);
  };

  const results: VectorResult[] = [];
  const measure = async (
    name: string,
    queriesPerCall: number,
    run: (call: number) => unknown,
    recall: number,
  ): Promise<void> => {
    let call = 0;
    const [timing] = await time([{ name, run: () => run(call++ % QUERIES) }], timeMs);
    const queriesPerSecond = (queriesPerCall / timing.medianMs) * 1000;
    results.push({ ...timing, queriesPerSecond, recall });
  };

  const alone = Array.from({ length: QUERIES }, (_, i) => index.search(queryOf(i), { k }).keys);
  await measure("search", 1, (i) => index.search(queryOf(i), { k }), recallOf(alone));
  const many = (await index.searchMany(queries, { k })).map((hits) => hits.keys);
  const { threads } = index.stats();
  const name = `searchMany, ${QUERIES} queries`;
  await measure(name, QUERIES, () => index.searchMany(queries, { k }), recallOf(many));

  const missing: string[] = [];
  const peer = await bruteForcePeer(dim, vectors);
  if (peer === undefined) missing.push("hnswlib-node was not built here");
  else {
    // What its users do: vectors are typed arrays, it takes plain ones only.
    const search = (i: number): number[] => peer.searchKnn(Array.from(queryOf(i)), k).neighbors;
    const found = Array.from({ length: QUERIES }, (_, i) => search(i));
    await measure("hnswlib-node BruteforceSearch", 1, search, recallOf(found));
  }
  return { rows, dim, k, threads, results, missing };
}

/** The keys of the true nearest rows, by distances in f64. */
function nearest(query: Float32Array, vectors: Float32Array, k: number): Set<number> {
  const dim = query.length;
  const distances = Float64Array.from({ length: vectors.length / dim }, (_, row) => {
    let sum = 0;
    for (let j = 0; j < dim; j++) sum += (query[j] - vectors[row * dim + j]) ** 2;
    return sum;
  });
  const order = Array.from(distances.keys()).sort((a, b) => distances[a] - distances[b]);
  return new Set(order.slice(0, k));
}

async function bruteForcePeer(
  dim: number,
  vectors: Float32Array,
): Promise<BruteforceSearch | undefined> {
  const library = await loadHnswlib().catch(() => undefined);
  if (library === undefined) return undefined;
  const peer = new library.BruteforceSearch("l2", dim);
  const rows = vectors.length / dim;
  peer.initIndex(rows);
  for (let row = 0; row < rows; row++) {
    peer.addPoint(Array.from(vectors.subarray(row * dim, (row + 1) * dim)), row);
  }
  return peer;
}
