import { availableParallelism } from "node:os";
import { join } from "node:path";
import ruvector from "ruvector";
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

/** Of the build that is timed. */
const FIRST_EFFORT = 16;

/** ruvector: HNSW in Rust over a file of its own. */
export class Ruvector implements Peer {
  readonly version = installedVersion("ruvector");
  readonly buildThreads = availableParallelism();
  readonly notes = [
    "ef is fixed at the build (it ignores efSearch of a query), so each point took a build of its own",
  ];
  #data!: PeerData;
  #parameters!: BuildParameters;
  #database!: InstanceType<typeof ruvector.VectorDB>;
  #effort: Effort = null;

  async build(data: PeerData, parameters: BuildParameters): Promise<void> {
    if (!ruvector.isNative()) throw new Error("ruvector: expected its native build to load");
    this.#data = data;
    this.#parameters = parameters;
    await this.#rebuild(FIRST_EFFORT);
  }

  size(): Promise<number> {
    return this.#database.len();
  }

  async search(query: number, effort: Effort): Promise<number[]> {
    if (effort !== this.#effort) await this.#rebuild(effort ?? FIRST_EFFORT);
    const found = await this.#database.search({ vector: queryOf(this.#data, query), k: K });
    return found.map(({ id }) => Number(id));
  }

  close(): void {
    // It has no way to close; its files go with the folder.
  }

  async #rebuild(efSearch: number): Promise<void> {
    const data = this.#data;
    const parameters = this.#parameters;
    const length = rowCount(data);
    this.#effort = efSearch;
    this.#database = new ruvector.VectorDB({
      dimensions: data.dim,
      // Its dotproduct does not rank rows by their product.
      metric: data.metric === "cosine" ? "cosine" : "euclidean",
      path: join(data.folder, `ef-${efSearch}.db`),
      hnsw: {
        m: numberOf(parameters, "m"),
        efConstruction: numberOf(parameters, "efConstruction"),
        efSearch,
        maxElements: length,
      },
    });
    const entries = Array.from({ length }, (_, i) => ({ id: `${i}`, vector: rowOf(data, i) }));
    await this.#database.insertBatch(entries);
  }
}
