import type { BuildParameters, Effort, Peer } from "./peer.js";

/** One index of an engine, and how hard it is searched. */
export interface Variant {
  readonly parameters: BuildParameters;
  readonly efforts: readonly Effort[];
}

/** What is measured of an engine. */
export interface Engine {
  readonly variants: readonly Variant[];
  /** Loads the engine's package: only the process that measures it does this. */
  open(): Promise<Peer>;
}

const EFFORTS = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];
const EVERY_ROW = [null];
/** For engines whose ef is fixed at the build, where each effort takes a build of its own. */
const EFFORTS_OF_BUILDS = [16, 64, 256];
const M = [16, 24, 32];
const EF_CONSTRUCTION = 200;
/** The shares of k that an engine is told to compare exactly after it has compared codes. */
const REFINE = 2;

/** Every engine by the name it is chosen by. */
export const ENGINES: Readonly<Record<string, Engine>> = {
  usearch: {
    variants: [...graphs({ scalar: "f32" }), ...graphs({ scalar: "i8" })],
    open: async () => new (await import("./engines/usearch.js")).Usearch(),
  },
  "hnswlib-node": {
    variants: graphs({}),
    open: async () => new (await import("./engines/hnswlib-node.js")).HnswlibNode(),
  },
  "sqlite-vec": {
    variants: [{ parameters: {}, efforts: EVERY_ROW }],
    open: async () => new (await import("./engines/sqlite-vec.js")).SqliteVec(),
  },
  lancedb: {
    variants: [
      { parameters: { index: "none" }, efforts: EVERY_ROW },
      ...graphs({ index: "hnsw_sq" }),
      // It refuses an ef below the number of rows to refine.
      ...graphs(
        { index: "hnsw_sq", refine: REFINE },
        EFFORTS.filter((ef) => ef >= 10 * REFINE),
      ),
    ],
    open: async () => new (await import("./engines/lancedb.js")).Lancedb(),
  },
  ruvector: {
    variants: graphs({}, EFFORTS_OF_BUILDS),
    open: async () => new (await import("./engines/ruvector.js")).Ruvector(),
  },
  zvec: {
    variants: [
      { parameters: { index: "flat" }, efforts: EVERY_ROW },
      ...graphs({ index: "hnsw" }),
      ...graphs({ index: "hnsw_int8" }),
      ...graphs({ index: "hnsw_rabitq" }),
    ],
    open: async () => new (await import("./engines/zvec.js")).Zvec(),
  },
  edgevec: {
    variants: graphs({}, EFFORTS_OF_BUILDS),
    open: async () => new (await import("./engines/edgevec.js")).Edgevec(),
  },
  "hnswlib-wasm": {
    variants: graphs({}),
    open: async () => new (await import("./engines/hnswlib-wasm.js")).HnswlibWasm(),
  },
};

/** A variant for each number of links, from the index that is built fastest to the slowest. */
function graphs(parameters: BuildParameters, efforts: readonly Effort[] = EFFORTS): Variant[] {
  return M.map((m) => ({
    parameters: { ...parameters, m, efConstruction: EF_CONSTRUCTION },
    efforts,
  }));
}
