import hnswlib, { type HierarchicalNSW } from "hnswlib-node";
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

/** hnswlib-node: the first HNSW, in C++. Vectors come and go as plain arrays. */
export class HnswlibNode implements Peer {
  readonly version = installedVersion("hnswlib-node");
  readonly buildThreads = 1;
  readonly notes = [];
  #data!: PeerData;
  #graph!: HierarchicalNSW;
  #effort: Effort = null;

  build(data: PeerData, parameters: BuildParameters): void {
    const maxElements = rowCount(data);
    this.#data = data;
    this.#graph = new hnswlib.HierarchicalNSW(data.metric === "cosine" ? "ip" : "l2", data.dim);
    this.#graph.initIndex({
      maxElements,
      m: numberOf(parameters, "m"),
      efConstruction: numberOf(parameters, "efConstruction"),
    });
    for (let i = 0; i < maxElements; i++) this.#graph.addPoint(Array.from(rowOf(data, i)), i);
  }

  size(): number {
    return this.#graph.getCurrentCount();
  }

  search(query: number, effort: Effort): number[] {
    if (effort !== null && effort !== this.#effort) this.#graph.setEf(effort);
    this.#effort = effort;
    return this.#graph.searchKnn(Array.from(queryOf(this.#data, query)), K).neighbors;
  }

  close(): void {
    // The graph goes with the process.
  }
}
