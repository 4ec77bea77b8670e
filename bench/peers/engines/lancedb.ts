import { availableParallelism } from "node:os";
import { connect, Index, type Connection, type Table as LanceTable } from "@lancedb/lancedb";
import {
  Field,
  FixedSizeList,
  Float32,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
} from "apache-arrow";
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

/** LanceDB: tables in files, compared row by row or by a graph of one-byte codes. */
export class Lancedb implements Peer {
  readonly version = installedVersion("@lancedb/lancedb");
  readonly buildThreads = availableParallelism();
  readonly notes = ["rows lie in files: memory is what the process holds of them after the build"];
  #data!: PeerData;
  #connection!: Connection;
  #table!: LanceTable;
  #metric!: "l2" | "cosine";
  #refine: number | undefined;

  async build(data: PeerData, parameters: BuildParameters): Promise<void> {
    this.#data = data;
    this.#metric = data.metric === "cosine" ? "cosine" : "l2";
    this.#connection = await connect(data.folder);
    this.#table = await this.#connection.createTable("rows", tableOf(data));
    if (parameters.index === "none") return;
    if (parameters.refine !== undefined) this.#refine = numberOf(parameters, "refine");
    const config = Index.hnswSq({
      distanceType: this.#metric,
      numPartitions: 1,
      m: numberOf(parameters, "m"),
      efConstruction: numberOf(parameters, "efConstruction"),
    });
    await this.#table.createIndex("vector", { config });
  }

  size(): Promise<number> {
    return this.#table.countRows();
  }

  async search(query: number, effort: Effort): Promise<ArrayLike<number>> {
    let search = this.#table
      .vectorSearch(queryOf(this.#data, query))
      .distanceType(this.#metric)
      .select(["id", "_distance"])
      .limit(K);
    if (effort !== null) search = search.ef(effort);
    if (this.#refine !== undefined) search = search.refineFactor(this.#refine);
    const found = await search.toArrow();
    return found.getChild("id")?.toArray() ?? [];
  }

  close(): void {
    this.#connection.close();
  }
}

/** Keys and vectors as columns, around the memory that holds them already. */
function tableOf(data: PeerData): Table {
  const count = rowCount(data);
  const item = new Field("item", new Float32(), true);
  const vector = new FixedSizeList(data.dim, item);
  const schema = new Schema([new Field("id", new Int32()), new Field("vector", vector)]);
  const keys = Int32Array.from({ length: count }, (_, i) => i);
  const values = makeData({ type: new Float32(), length: data.rows.length, data: data.rows });
  const children = [
    makeData({ type: new Int32(), length: count, data: keys }),
    makeData({ type: vector, length: count, child: values }),
  ];
  const columns = makeData({ type: new Struct(schema.fields), length: count, children });
  return new Table(schema, new RecordBatch(schema, columns));
}
