import { setImmediate as nextTurn } from "node:timers/promises";
import { loadHnswlib, type HnswlibLibrary } from "../vector/hnswlib/hnswlib-library.ts";
import { VectorIndex } from "../vector/vector-index.ts";
import { processKernels } from "../wasm/compile.ts";
import { clusteredVectors } from "./clustered.ts";
import { time, type Effort, type Timing } from "./timing.ts";

/** What to measure; each default is what `npm run bench` uses. */
export interface VectorMeasureOptions extends Effort {
  /** Default 10,000. */
  readonly rows?: number;
  /** Default 768. */
  readonly dim?: number;
  /** Default 10. */
  readonly k?: number;
  /** Default `os.availableParallelism()`. */
  readonly threads?: number;
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
 * Times search by every row and by codes against hnswlib-node's brute force, on seeded vectors in
 * clusters, as embeddings are. Each way's recall is measured against distances in f64.
 */
export async function measureSearch(options: VectorMeasureOptions = {}): Promise<VectorReport> {
  const { rows = 10_000, dim = 768, k = 10 } = options;
  const vectors = clusteredVectors(rows, dim, 1);
  const queries = clusteredVectors(QUERIES, dim, 2);
  const queryOf = (i: number): Float32Array => queries.subarray(i * dim, (i + 1) * dim);
  const truth: Set<number>[] = [];
  for (let i = 0; i < QUERIES; i++) {
    await nextTurn();
    truth.push(nearest(queryOf(i), vectors, k));
  }
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
    const [timing] = await time([{ name, run: () => run(call++ % QUERIES) }], options);
    const queriesPerSecond = (queriesPerCall / timing.medianMs) * 1000;
    results.push({ ...timing, queriesPerSecond, recall });
  };

  let threads = 0;
  const missing: string[] = [];
  const isOff = processKernels().build === "off";
  if (isOff) missing.push("codes need WebAssembly, which is switched off");
  for (const kind of isOff ? (["exact"] as const) : (["exact", "flat"] as const)) {
    const chosen = options.threads === undefined ? {} : { threads: options.threads };
    await using index = await VectorIndex.create({ dim, metric: "l2sq", kind, ...chosen });
    await index.add(
      Array.from({ length: rows }, (_, i) => i),
      vectors,
    );
    const alone = Array.from({ length: QUERIES }, (_, i) => index.search(queryOf(i), { k }).keys);
    await measure(`${kind}, search`, 1, (i) => index.search(queryOf(i), { k }), recallOf(alone));
    const many = (await index.searchMany(queries, { k })).map((hits) => hits.keys);
    const name = `${kind}, searchMany of ${QUERIES}`;
    await measure(name, QUERIES, () => index.searchMany(queries, { k }), recallOf(many));
    ({ threads } = index.stats());
  }

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
