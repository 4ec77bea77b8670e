import type { KernelBuild } from "../../wasm/build.ts";
import type { FileProof } from "./file-proof.ts";

/** How nearness is measured. As a distance, always: lower is closer. */
export type Metric = "cosine" | "l2sq" | "dot";

/** How the values of rows are kept: as they are given, or in 8 bits, a quarter of the bytes. */
export type Precision = "f32" | "int8";

/** What structure answers: `auto` chooses one of the others by what searches would take. */
export type IndexKind = "auto" | "exact" | "flat" | "graph" | "hnswlib";

/** Which keys may be answered: a test, or the keys themselves. */
export type Filter = ((key: number) => boolean) | ReadonlySet<number> | ArrayLike<number>;

/** An answer, closest first: min(k, live rows that the filter lets through) of them. */
export interface Hits {
  /** f64[hits]: the keys that were given to `add`. */
  readonly keys: Float64Array;
  /** f32[hits], ascending: lower is closer. */
  readonly distances: Float32Array;
}

/** What an index has found wrong with itself; `ok` when that is nothing. */
export interface VerifyReport {
  /** Whether there are no problems. */
  readonly ok: boolean;
  /** Live rows, all of which were looked at. */
  readonly rows: number;
  /** What does not fit, in words. */
  readonly problems: string[];
}

/** What `auto` has chosen for its rows, and why: both in microseconds a query for ten on one thread, told by counts. */
export interface StructureChoice {
  readonly kind: "flat" | "graph";
  /** By the codes of all rows. */
  readonly flatUs: number;
  /** By links, with the default beam; Infinity where none finds enough. */
  readonly graphUs: number;
  /** Whether links were made to know that; else it was foreseen from how near rows are to each other. */
  readonly isTried: boolean;
  /** Rows from which on it is asked anew; Infinity once rows are linked. */
  readonly until: number;
}

/** How a search goes that asks for so many of all rows. */
export interface SearchWay {
  readonly k: number;
  /** Along links, by the codes of those cells that are near, by the codes of all rows, or by looking at every row. */
  readonly by: "links" | "cells" | "codes" | "rows";
}

/** What an index holds at the moment, and what runs it. */
export interface IndexStats {
  /** The structure in use; never `auto`. */
  readonly kind: Exclude<IndexKind, "auto">;
  readonly metric: Metric;
  readonly precision: Precision;
  readonly dim: number;
  /** Live rows: those that a search can return. */
  readonly rows: number;
  /** Of them, those that have links. Under `dot` rows get none that are a thousand times as long as those of middle length. */
  readonly linkedRows: number;
  /** The default beam of the graph; undefined without one. */
  readonly efSearch: number | undefined;
  /** The share of the ten nearest that this beam was measured to find, 0 to 1. */
  readonly recall: number | undefined;
  /** The last choice of `auto`; undefined while rows are few, and where links are kept from a snapshot. */
  readonly choice: StructureChoice | undefined;
  /** How searches of the largest part go without a filter, for 1, 10, 20, 40, … 1,280 answers. Not known for `hnswlib`: then none. */
  readonly ways: readonly SearchWay[];
  /** Whether rows are being linked, or moved together, in the background. */
  readonly isBuilding: boolean;
  /** Why the last build in the background stopped, if it did; `optimize` tries again. */
  readonly buildError: string | undefined;
  /** Rows removed or replaced whose space is not yet used again. */
  readonly deadRows: number;
  /** Bytes that rows, links, codes, keys and bits take, live and dead. Not known for `hnswlib`: then 0. */
  readonly bytes: number;
  /** Parts that rows stand in, each searched by itself; they are made few in the background, and by `optimize`. */
  readonly segments: number;
  /** What computes distances: a build of the kernels, or hnswlib's own native code. */
  readonly kernels: KernelBuild | "native";
  /** Threads that `searchMany` uses. */
  readonly threads: number;
  /** Queries answered so far, and what they looked at, all together. Not known for `hnswlib`. */
  readonly work: (SearchWork & { readonly queries: number }) | undefined;
}

/** What searches have looked at; with one thread or many the same for the same rows and queries. */
export interface SearchWork {
  /** Rows that a walk along links has looked at. */
  readonly hops: number;
  /** Distances estimated from codes. */
  readonly codes: number;
  /** Distances computed from rows. */
  readonly rows: number;
  /** Bytes of rows, codes and links that were read for it. */
  readonly bytes: number;
}

/** What `optimize` tells as it goes. */
export interface OptimizeOptions {
  /** Ends it with its reason; no row is lost. */
  readonly signal?: AbortSignal | undefined;
  /** Is told how many rows of how many have links. */
  readonly onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
}

/** A search whose arguments have been checked. */
export interface Search {
  readonly k: number;
  readonly efSearch: number | undefined;
  readonly filter: Filter | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One file of a snapshot, told to the manifest, with what proves its bytes. */
export type SnapshotFile = {
  readonly name: string;
  readonly bytes: number;
} & FileProof;

/** The rows of one moment, on their way to a snapshot. */
export interface Capture {
  readonly rows: number;
  /** Writes them as files of `folder` whose names contain `tag`. */
  write(folder: string, tag: string): Promise<SnapshotFile[]>;
  /** Lets go of them, written or not. */
  release(): void;
}

/**
 * A structure that holds rows and finds the nearest. `VectorIndex` checks every argument before it
 * arrives here: keys are safe, vectors finite and of the right length, none zero under cosine.
 */
export interface Engine {
  readonly rows: number;
  add(keys: ArrayLike<number>, vectors: Float32Array): void;
  remove(keys: ArrayLike<number>): number;
  /** Of queries only the length was checked: their values are, when they have been copied. */
  search(query: Float32Array, search: Search): Hits;
  searchMany(queries: Float32Array, search: Search): Promise<Hits[]>;
  optimize(options: OptimizeOptions): Promise<void>;
  verify(): Promise<VerifyReport>;
  stats(): IndexStats;
  /** Holds on to the rows of this moment, whatever is changed afterwards. */
  capture(): Capture;
  close(): Promise<void>;
}
