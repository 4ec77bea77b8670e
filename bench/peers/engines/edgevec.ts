import { readFileSync } from "node:fs";
import { EdgeVec, EdgeVecConfig, initSync } from "edgevec";
import {
  K,
  installedVersion,
  numberOf,
  queryOf,
  rowCount,
  type BuildParameters,
  type Effort,
  type Peer,
  type PeerData,
} from "../peer.js";

/** Of the build that is timed. */
const FIRST_EFFORT = 16;

/** EdgeVec: HNSW in Rust, compiled to WebAssembly. */
export class Edgevec implements Peer {
  readonly version = installedVersion("edgevec");
  readonly buildThreads = 1;
  readonly notes = [
    "metric l2: its cosine and dot rank rows backwards",
    "ef is fixed at the build, so each point took a build of its own",
  ];
  #data!: PeerData;
  #parameters!: BuildParameters;
  #index!: EdgeVec;
  #firstKey = 0;
  #effort: Effort = null;

  build(data: PeerData, parameters: BuildParameters): void {
    initSync({ module: readFileSync(new URL(import.meta.resolve("edgevec/edgevec_bg.wasm"))) });
    this.#data = data;
    this.#parameters = parameters;
    this.#rebuild(FIRST_EFFORT);
  }

  size(): number {
    return this.#index.liveCount();
  }

  search(query: number, effort: Effort): number[] {
    if (effort !== this.#effort) this.#rebuild(effort ?? FIRST_EFFORT);
    const found: { id: number }[] = this.#index.search(queryOf(this.#data, query), K);
    return found.map(({ id }) => id - this.#firstKey);
  }

  close(): void {
    this.#index.free();
  }

  #rebuild(effort: number): void {
    const m = numberOf(this.#parameters, "m");
    const config = new EdgeVecConfig(this.#data.dim);
    config.metric = "l2";
    config.m = m;
    config.m0 = 2 * m;
    config.ef_construction = numberOf(this.#parameters, "efConstruction");
    config.ef_search = effort;
    if (this.#effort !== null) this.#index.free();
    this.#index = new EdgeVec(config);
    this.#firstKey = this.#index.insertBatchFlat(this.#data.rows, rowCount(this.#data))[0];
    this.#effort = effort;
  }
}
