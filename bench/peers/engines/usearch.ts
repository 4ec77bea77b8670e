import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Index, MetricKind, ScalarKind, type IndexConfig } from "usearch";
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

/** usearch: HNSW in C++, of f32 or i8 values. */
export class Usearch implements Peer {
  readonly version = installedVersion("usearch");
  readonly buildThreads = availableParallelism();
  readonly notes: string[] = [];
  #data!: PeerData;
  #config!: IndexConfig;
  #index!: Index;
  #effort: Effort = null;

  build(data: PeerData, parameters: BuildParameters): void {
    const quantization = parameters.scalar === "i8" ? ScalarKind.I8 : ScalarKind.F32;
    this.#data = data;
    this.#config = {
      dimensions: data.dim,
      metric: data.metric === "cosine" ? MetricKind.IP : MetricKind.L2sq,
      quantization,
      connectivity: numberOf(parameters, "m"),
      expansion_add: numberOf(parameters, "efConstruction"),
      expansion_search: 0,
      multi: false,
    };
    if (quantization === ScalarKind.I8 && data.metric === "l2sq") {
      this.notes.push("i8 scales each vector to length 1, so l2sq ranks rows as cosine does");
    }
    const keys = BigUint64Array.from({ length: rowCount(data) }, (_, i) => BigInt(i));
    this.#index = new Index(this.#config);
    this.#index.add(keys, data.rows);
  }

  size(): number {
    return this.#index.size();
  }

  search(query: number, effort: Effort): number[] {
    if (effort !== this.#effort) this.#reopen(effort);
    const { keys } = this.#index.search(queryOf(this.#data, query), K, 1);
    return Array.from(keys, Number);
  }

  close(): void {
    // The index goes with the process.
  }

  /** The effort is fixed when an index is made, so the same graph is loaded into one with another. */
  #reopen(effort: Effort): void {
    const file = join(this.#data.folder, "index.usearch");
    if (this.#effort === null) this.#index.save(file);
    this.#index = new Index({ ...this.#config, expansion_search: effort ?? 0 });
    this.#index.load(file);
    this.#effort = effort;
  }
}
