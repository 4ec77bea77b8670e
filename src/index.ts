// The public door: a named list, nothing else.

export { DimensionError, StigmergyError, type ErrorCode } from "./errors.ts";
export type { Entry } from "./memory/entry.ts";
export type { Why } from "./memory/fusion.ts";
export {
  MemoryStore,
  type ListRequest,
  type MemoryStoreOptions,
  type StoreRequest,
} from "./memory/memory-store.ts";
export type { MemoryHit, SearchMode, SearchRequest, SearchResult } from "./memory/search.ts";
export type { AgentStats, NamespaceStats, StoreStats } from "./memory/stats.ts";
export { createEmbedder } from "./text/create-embedder.ts";
export type { Embedder } from "./text/embedder.ts";
export type {
  Filter,
  Hits,
  IndexKind,
  IndexStats,
  Metric,
  OptimizeOptions,
  VerifyReport,
} from "./vector/engine.ts";
export type { SearchManyOptions, SearchOptions, VectorIndexOptions } from "./vector/options.ts";
export { VectorIndex } from "./vector/vector-index.ts";
export type { KernelBuild } from "./wasm/build.ts";
