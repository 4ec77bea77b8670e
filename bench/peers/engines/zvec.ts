import { availableParallelism } from "node:os";
import { join } from "node:path";
import {
  ZVecCollectionSchema,
  ZVecCreateAndOpen,
  ZVecDataType,
  ZVecIndexType,
  ZVecInitialize,
  ZVecMetricType,
  ZVecQuantizeType,
  type ZVecCollection,
  type ZVecQuery,
} from "@zvec/zvec";
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

/** Documents of one insertion: it refuses more than 1,024. */
const BATCH = 1000;

/** zvec: Alibaba's engine in C++, with a log and files. */
export class Zvec implements Peer {
  readonly version = installedVersion("@zvec/zvec");
  readonly buildThreads = availableParallelism();
  readonly notes = ["rows lie in files: memory is what the process holds of them after the build"];
  #data!: PeerData;
  #collection!: ZVecCollection;
  #indexType!: typeof ZVecIndexType.HNSW | typeof ZVecIndexType.HNSW_RABITQ;
  #isUsingRefiner = false;

  build(data: PeerData, parameters: BuildParameters): void {
    this.#data = data;
    ZVecInitialize({ queryThreads: 1 });
    const schema = new ZVecCollectionSchema({
      name: "rows",
      vectors: [
        {
          name: "vector",
          dataType: ZVecDataType.VECTOR_FP32,
          dimension: data.dim,
          indexParams: this.#indexParams(data, parameters),
        },
      ],
    });
    this.#collection = ZVecCreateAndOpen(join(data.folder, "zvec"), schema);
    for (let from = 0; from < rowCount(data); from += BATCH) this.#insert(data, from);
    this.#collection.optimizeSync();
  }

  size(): number {
    return this.#collection.stats.docCount;
  }

  search(query: number, effort: Effort): number[] {
    const asked: ZVecQuery = {
      fieldName: "vector",
      vector: queryOf(this.#data, query),
      topk: K,
      outputFields: [],
    };
    if (effort !== null) {
      const indexType = this.#indexType;
      const isUsingRefiner = this.#isUsingRefiner;
      asked.params = { indexType, ef: effort, isUsingRefiner };
    }
    return this.#collection.querySync(asked).map(({ id }) => Number(id));
  }

  close(): void {
    this.#collection.closeSync();
  }

  #indexParams(data: PeerData, parameters: BuildParameters) {
    // On vectors of length 1 all its metrics rank alike: the graphs are fastest by cosine, flat by l2.
    if (parameters.index === "flat") {
      return { indexType: ZVecIndexType.FLAT, metricType: ZVecMetricType.L2 };
    }
    const metricType = data.metric === "cosine" ? ZVecMetricType.COSINE : ZVecMetricType.L2;
    this.#indexType =
      parameters.index === "hnsw_rabitq" ? ZVecIndexType.HNSW_RABITQ : ZVecIndexType.HNSW;
    this.#isUsingRefiner = parameters.index !== "hnsw";
    return {
      indexType: this.#indexType,
      metricType,
      m: numberOf(parameters, "m"),
      efConstruction: numberOf(parameters, "efConstruction"),
      ...(parameters.index === "hnsw_int8" && { quantizeType: ZVecQuantizeType.INT8 }),
    };
  }

  #insert(data: PeerData, from: number): void {
    const length = Math.min(BATCH, rowCount(data) - from);
    const documents = Array.from({ length }, (_, i) => ({
      id: `${from + i}`,
      vectors: { vector: rowOf(data, from + i) },
    }));
    const refused = this.#collection.insertSync(documents).find(({ ok }) => !ok);
    if (refused !== undefined) throw new Error(`insertSync: ${refused.code} ${refused.message}`);
  }
}
