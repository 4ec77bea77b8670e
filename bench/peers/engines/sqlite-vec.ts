import { DatabaseSync, type StatementSyncInstance } from "@photostructure/sqlite";
import * as sqliteVec from "sqlite-vec";
import {
  K,
  installedVersion,
  queryOf,
  rowCount,
  rowOf,
  type Peer,
  type PeerData,
} from "../peer.js";

/** sqlite-vec: a virtual table of SQLite that compares every row. */
export class SqliteVec implements Peer {
  readonly version = installedVersion("sqlite-vec");
  readonly buildThreads = 1;
  readonly notes = [
    `in memory, by @photostructure/sqlite ${installedVersion("@photostructure/sqlite")}`,
  ];
  readonly #database = new DatabaseSync(":memory:", { allowExtension: true });
  #data!: PeerData;
  #nearest!: StatementSyncInstance;

  build(data: PeerData): void {
    const database = this.#database;
    this.#data = data;
    database.enableLoadExtension(true);
    sqliteVec.load(database);
    database.exec(`CREATE VIRTUAL TABLE rows USING vec0(vector float[${data.dim}])`);
    const insert = database.prepare("INSERT INTO rows (rowid, vector) VALUES (?, ?)");
    database.exec("BEGIN");
    for (let i = 0; i < rowCount(data); i++) insert.run(BigInt(i), rowOf(data, i));
    database.exec("COMMIT");
    this.#nearest = database.prepare(
      `SELECT rowid FROM rows WHERE vector MATCH ? AND k = ${K} ORDER BY distance`,
    );
  }

  size(): number {
    return Number(this.#database.prepare("SELECT count(*) AS count FROM rows").get()?.count);
  }

  search(query: number): number[] {
    return this.#nearest.all(queryOf(this.#data, query)).map(({ rowid }) => rowid);
  }

  close(): void {
    this.#database.close();
  }
}
