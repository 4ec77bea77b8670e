import { mkdtempSync, rmSync } from "node:fs";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HierarchicalNSW } from "hnswlib-node";
import { checkValues } from "../engine/checks.ts";
import type {
  Capture,
  Engine,
  Filter,
  Hits,
  IndexStats,
  Metric,
  Search,
  SnapshotFile,
  VerifyReport,
} from "../engine/engine.ts";
import { isLetThrough, isReadonlySet } from "../search/filter.ts";
import { checkFile, describeFile, syncFile } from "./hnswlib-files.ts";
import { loadHnswlib } from "./hnswlib-library.ts";
import { TwoWayKeyTable } from "../segment/key-table.ts";
import { NO_HITS } from "../search/merge.ts";
import { damaged } from "../snapshot/snapshot-errors.ts";

/** What an hnswlib index is made for. */
export interface HnswlibOptions {
  readonly dim: number;
  readonly metric: Metric;
  readonly m: number;
  readonly efConstruction: number;
  readonly seed: number;
}

const FIRST_CAPACITY = 1024;
/** Beam of a search that names none: recall@10 .997 on mnist-784, .9997 on 60,000 × 768 in clusters. */
const DEFAULT_EF_SEARCH = 64;
const SPACES = { cosine: "cosine", l2sq: "l2", dot: "ip" } as const;

/**
 * hnswlib behind the same door, for comparison and for people who have such indexes. Its labels are 32 bits wide, so rows
 * get labels of ours and keys keep their range. A replaced or removed row stays in its graph as a tombstone. Distances,
 * threads and speed are hnswlib's own: it answers `searchMany` on the calling thread, in one go.
 */
export class HnswlibIndex implements Engine {
  readonly #options: HnswlibOptions;
  readonly #graph: HierarchicalNSW;
  readonly #keys = new TwoWayKeyTable();
  #labels = 0; // handed out so far; the next row's label

  private constructor(options: HnswlibOptions, graph: HierarchicalNSW) {
    this.#options = options;
    this.#graph = graph;
  }

  /** @throws {StigmergyError} DEPENDENCY_MISSING when hnswlib-node can't be loaded */
  static async create(options: HnswlibOptions): Promise<HnswlibIndex> {
    const { HierarchicalNSW } = await loadHnswlib();
    const graph = new HierarchicalNSW(SPACES[options.metric], options.dim);
    const { efConstruction, seed } = options;
    // hnswlib gives the lowest level, where nearly all links are, twice its own m.
    const m = Math.max(2, Math.round(options.m / 2));
    graph.initIndex({ maxElements: FIRST_CAPACITY, m, efConstruction, randomSeed: seed });
    return new HnswlibIndex(options, graph);
  }

  /**
   * Opens the files that a capture wrote.
   * @throws {StigmergyError} DEPENDENCY_MISSING, or DAMAGED with the files untouched
   */
  static async open(
    folder: string,
    files: readonly SnapshotFile[],
    options: HnswlibOptions,
  ): Promise<HnswlibIndex> {
    const { HierarchicalNSW } = await loadHnswlib();
    const [graphFile, keysFile] = files;
    if (files.length !== 2) throw damaged("manifest.json", "it does not name two files");
    for (const file of files) await checkFile(folder, file);
    const graph = new HierarchicalNSW(SPACES[options.metric], options.dim);
    await graph.readIndex(join(folder, graphFile.name));
    const index = new HnswlibIndex(options, graph);
    const bytes = await readFile(join(folder, keysFile.name));
    const keys = new Float64Array(new Uint8Array(bytes).buffer);
    keys.forEach((key, label) => {
      if (!Number.isNaN(key)) index.#keys.put(key, label);
    });
    index.#labels = keys.length;
    return index;
  }

  get rows(): number {
    return this.#keys.size;
  }

  add(keys: ArrayLike<number>, vectors: Float32Array): void {
    const { dim } = this.#options;
    const needed = this.#labels + keys.length;
    if (needed > this.#graph.getMaxElements()) {
      this.#graph.resizeIndex(Math.max(needed, 2 * this.#graph.getMaxElements()));
    }
    for (let i = 0; i < keys.length; i++) {
      const label = this.#labels++;
      this.#graph.addPoint(Array.from(vectors.subarray(i * dim, (i + 1) * dim)), label);
      const replaced = this.#keys.slotOf(keys[i]);
      if (replaced !== undefined) this.#graph.markDelete(replaced);
      this.#keys.put(keys[i], label);
    }
  }

  remove(keys: ArrayLike<number>): number {
    const before = this.#keys.size;
    for (let i = 0; i < keys.length; i++) {
      const label = this.#keys.slotOf(keys[i]);
      if (label === undefined) continue;
      this.#keys.delete(keys[i]);
      this.#graph.markDelete(label);
    }
    return before - this.#keys.size;
  }

  search(query: Float32Array, { k, efSearch, filter }: Search): Hits {
    const { dim, metric } = this.#options;
    checkValues("query", query, [0, 1], dim, metric);
    // Asked here, of every live key: native code must not call back into somebody's.
    const labels = filter === undefined ? undefined : this.#allowedLabels(filter);
    const most = Math.min(k, labels?.size ?? this.#keys.size);
    if (most === 0) return NO_HITS;
    const point = Array.from(query);
    const allows = labels && ((label: number): boolean => labels.has(label));
    // A beam that meets too few matching rows is widened until it has met every row.
    let beam = Math.max(efSearch ?? DEFAULT_EF_SEARCH, most);
    for (;;) {
      this.#graph.setEf(beam);
      const found = this.#graph.searchKnn(point, most, allows);
      if (found.neighbors.length >= most) return this.#hitsOf(found);
      if (beam >= this.#labels) return this.#scanAll(point, most, labels);
      beam = Math.min(4 * beam, this.#labels);
    }
  }

  async searchMany(queries: Float32Array, search: Search): Promise<Hits[]> {
    const { dim, metric } = this.#options;
    checkValues("queries", queries, [0, queries.length / dim], dim, metric);
    const answers: Hits[] = [];
    for (let from = 0; from < queries.length; from += dim) {
      answers.push(this.search(queries.subarray(from, from + dim), search));
    }
    return answers;
  }

  async optimize(): Promise<void> {
    // hnswlib finishes every insertion at once and offers no repair.
  }

  async verify(): Promise<VerifyReport> {
    const problems: string[] = [];
    for (const [key, label] of this.#keys.entries()) {
      if (label >= this.#labels || this.#keys.keyOf(label) !== key) {
        problems.push(`key ${key}: its label ${label} is not its own`);
      }
    }
    if (this.#graph.getCurrentCount() !== this.#labels) {
      problems.push(`${this.#graph.getCurrentCount()} points for ${this.#labels} labels`);
    }
    return { ok: problems.length === 0, rows: this.rows, problems };
  }

  stats(): IndexStats {
    return {
      kind: "hnswlib",
      metric: this.#options.metric,
      precision: "f32",
      dim: this.#options.dim,
      rows: this.rows,
      linkedRows: this.rows,
      efSearch: DEFAULT_EF_SEARCH,
      recall: undefined,
      choice: undefined,
      ways: [],
      isBuilding: false,
      buildError: undefined,
      deadRows: this.#labels - this.rows,
      bytes: 0,
      segments: 1,
      kernels: "native",
      threads: 1,
      work: undefined,
    };
  }

  capture(): Capture {
    // Written at once, beside the temporary files of others: the graph can't be copied in memory.
    const folder = mkdtempSync(join(tmpdir(), "stigmergy-hnswlib-"));
    const graph = join(folder, "graph");
    this.#graph.writeIndexSync(graph);
    // The key of each label, NaN where the row is dead.
    const keys = new Float64Array(this.#labels).fill(NaN);
    for (const [key, label] of this.#keys.entries()) keys[label] = key;
    return {
      rows: this.rows,
      release: () => rmSync(folder, { recursive: true, force: true }),
      write: async (target, tag) => {
        const graphName = `hnswlib-0-${tag}.bin`;
        const keysName = `keys-0-${tag}.bin`;
        await copyFile(graph, join(target, graphName));
        await syncFile(join(target, graphName));
        await writeFile(join(target, keysName), new Uint8Array(keys.buffer), { flush: true });
        return [await describeFile(target, graphName), await describeFile(target, keysName)];
      },
    };
  }

  async close(): Promise<void> {
    // The graph is freed with this object.
  }

  #hitsOf({ neighbors, distances }: { neighbors: number[]; distances: number[] }): Hits {
    // Under "ip" hnswlib reports 1 − a·b.
    const shift = this.#options.metric === "dot" ? 1 : 0;
    return {
      keys: Float64Array.from(neighbors, (label) => this.#keys.keyOf(label)),
      distances: Float32Array.from(distances, (distance) => distance - shift),
    };
  }

  #allowedLabels(filter: Filter): Set<number> {
    const test = testOf(filter);
    return new Set(
      [...this.#keys.entries()]
        .filter(([key]) => test(key))
        // What the test itself has removed or moved is gone.
        .filter(([key, label]) => this.#keys.slotOf(key) === label)
        .map(([, label]) => label),
    );
  }

  /** Every live row, for the rare row that its graph no longer reaches. */
  #scanAll(point: number[], most: number, labels: ReadonlySet<number> | undefined): Hits {
    const all: { key: number; distance: number }[] = [];
    for (const [key, label] of this.#keys.entries()) {
      if (labels !== undefined && !labels.has(label)) continue;
      const row = this.#graph.getPoint(label);
      all.push({ key, distance: distanceOf(point, row, this.#options.metric) });
    }
    all.sort((a, b) => a.distance - b.distance);
    const nearest = all.slice(0, most);
    return {
      keys: Float64Array.from(nearest, ({ key }) => key),
      distances: Float32Array.from(nearest, ({ distance }) => distance),
    };
  }
}

function testOf(filter: Filter): (key: number) => boolean {
  if (typeof filter === "function") return (key) => isLetThrough(filter(key));
  const keys = isReadonlySet(filter) ? filter : new Set(Array.from(filter));
  return (key) => keys.has(key);
}

function distanceOf(a: readonly number[], b: readonly number[], metric: Metric): number {
  let dot = 0;
  let aSquare = 0;
  let bSquare = 0;
  let l2sq = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i];
    aSquare += a[i] * a[i];
    bSquare += b[i] * b[i];
    l2sq += (a[i] - b[i]) ** 2;
  }
  if (metric === "l2sq") return l2sq;
  return metric === "dot" ? -dot : 1 - dot / Math.sqrt(aSquare * bSquare);
}
