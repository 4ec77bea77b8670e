import { readFileSync } from "node:fs";
import type { Dataset } from "../support/datasets.js";

/** Neighbors that every search asks for. */
export const K = 10;

/** What an index is built with; curves are told apart by it. */
export type BuildParameters = Readonly<Record<string, string | number>>;

/** How hard a search looks, as the engine counts it (`ef`); null for one that looks at every row. */
export type Effort = number | null;

/** What a peer works on. Vectors of a cosine data set have length 1. */
export interface PeerData extends Dataset {
  /** An empty folder for an engine that keeps files. */
  readonly folder: string;
}

/** Another engine, holding one index. */
export interface Peer {
  /** Of the installed package. */
  readonly version: string;
  /** Threads that the engine's own way to build uses. */
  readonly buildThreads: number;
  /** What a reader of its figures has to know. */
  readonly notes: readonly string[];
  /** Adds all rows, each under its number. */
  build(data: PeerData, parameters: BuildParameters): void | Promise<void>;
  /** Rows that the engine says it holds. */
  size(): number | Promise<number>;
  /**
   * Keys of the rows nearest to a query, given by its number. All that a caller has to convert
   * is converted in here. A new effort may take long the first time it is asked for.
   */
  search(query: number, effort: Effort): ArrayLike<number> | Promise<ArrayLike<number>>;
  close(): void | Promise<void>;
}

/** How many rows there are. */
export function rowCount({ rows, dim }: Dataset): number {
  return rows.length / dim;
}

/** f32[dim], a view of row `i`. */
export function rowOf({ rows, dim }: Dataset, i: number): Float32Array {
  return rows.subarray(i * dim, (i + 1) * dim);
}

/** f32[dim], a view of query `i`. */
export function queryOf({ queries, dim }: Dataset, i: number): Float32Array {
  return queries.subarray(i * dim, (i + 1) * dim);
}

/** A build parameter that is a number. */
export function numberOf(parameters: BuildParameters, name: string): number {
  const value = parameters[name];
  if (typeof value !== "number") {
    throw new Error(`parameter ${name}: expected a number, received ${value}`);
  }
  return value;
}

/** Version of a package as it is installed in bench/peers. */
export function installedVersion(name: string): string {
  const file = new URL(`../../../bench/peers/node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).version;
}
