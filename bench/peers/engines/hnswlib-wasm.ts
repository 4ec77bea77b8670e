import {
  K,
  installedVersion,
  numberOf,
  queryOf,
  rowCount,
  rowOf,
  type BuildParameters,
  type Effort,
  type Peer,
  type PeerData,
} from "../peer.js";

/** What is used of the package, whose own types do not resolve in Node's module system. */
interface Graph {
  initIndex(maxElements: number, m: number, efConstruction: number, seed: number): void;
  addPoint(point: Float32Array, label: number, replaceDeleted: boolean): void;
  searchKnn(query: Float32Array, k: number, filter: undefined): { neighbors: number[] };
  setEfSearch(ef: number): void;
  getCurrentCount(): number;
}

/** The package's module. */
interface HnswlibModule {
  loadHnswlib(): Promise<{
    HierarchicalNSW: new (space: string, dim: number, autoSaveFilename: string) => Graph;
  }>;
}

const MODULE = "hnswlib-wasm/dist/hnswlib.js";
const SEED = 100;

/** hnswlib-wasm: hnswlib compiled to WebAssembly, for browsers. */
export class HnswlibWasm implements Peer {
  readonly version = installedVersion("hnswlib-wasm");
  readonly buildThreads = 1;
  readonly notes = ["made for browsers: runs in Node once a global window is defined"];
  #data!: PeerData;
  #graph!: Graph;
  #effort: Effort = null;

  async build(data: PeerData, parameters: BuildParameters): Promise<void> {
    Object.assign(globalThis, { window: globalThis });
    const { loadHnswlib } = (await import(MODULE)) as HnswlibModule;
    const { HierarchicalNSW } = await loadHnswlib();
    const count = rowCount(data);
    this.#data = data;
    this.#graph = new HierarchicalNSW(data.metric === "cosine" ? "ip" : "l2", data.dim, "");
    this.#graph.initIndex(
      count,
      numberOf(parameters, "m"),
      numberOf(parameters, "efConstruction"),
      SEED,
    );
    for (let i = 0; i < count; i++) this.#graph.addPoint(rowOf(data, i), i, false);
  }

  size(): number {
    return this.#graph.getCurrentCount();
  }

  search(query: number, effort: Effort): number[] {
    if (effort !== null && effort !== this.#effort) this.#graph.setEfSearch(effort);
    this.#effort = effort;
    return this.#graph.searchKnn(queryOf(this.#data, query), K, undefined).neighbors;
  }

  close(): void {
    // The graph goes with the process.
  }
}
