import type {
  ApplyArguments,
  CellMeansArguments,
  GroupCellsArguments,
  ChooseArguments,
  ConnectArguments,
  GraphArguments,
  NearestCellsArguments,
  OthersArguments,
  ScanCellsArguments,
} from "./graph-arguments.ts";
import type { PostingArguments } from "../words/postings.ts";
/**
 * Raw exports of the compiled kernels, documented in assembly/.
 * Array parameters are byte addresses on the heap. Only src/wasm names these.
 */
export interface Kernels {
  l2sq_f32(query: number, rows: number, count: number, dim: number, out: number): void;
  dot_f32(query: number, rows: number, count: number, dim: number, out: number): void;
  cosine_f32(query: number, rows: number, count: number, dim: number, out: number): void;
  normalize_f32(rows: number, count: number, dim: number, norms: number): void;
  sound_rows_f32(rows: number, count: number, dim: number): number;
  top_k_f32(values: number, count: number, k: number, nearest: number, positions: number): number;
  scan_l2sq_f32(...args: ScanArguments): void;
  scan_dot_f32(...args: ScanArguments): void;
  scan_l2sq_i8(...args: ScanArgumentsI8): void;
  scan_dot_i8(...args: ScanArgumentsI8): void;
  quantize_i8(rows: number, count: number, dim: number, out: number, stride: number): void;
  read_bytes(address: number, bytes: number): number;
  peak_f32(address: number, steps: number): number;
  product_f32(...args: ProductArguments): void;
  run_program(...args: ProgramArguments): number;
  support_vectors_f32(...args: SupportVectorArguments): number;
  sum_rows_i8(...args: SumRowsArguments): void;
  rotate_f32(rows: number, count: number, dim: number, signs: number): void;
  encode_b1(...args: EncodeArguments): void;
  encode_b1_i8(...args: EncodeArguments): void;
  encode_b4(...args: EncodeArguments): void;
  tables_b1(query: number, dim: number, tables: number): void;
  estimate_b1(...args: EstimateArguments): void;
  flat_l2sq_f32(...args: FlatArguments): number;
  flat_dot_f32(...args: FlatArguments): number;
  flat_l2sq_i8(...args: [...FlatArguments, whole: number]): number;
  flat_dot_i8(...args: [...FlatArguments, whole: number]): number;
  cells_nearest_f32(...args: NearestCellsArguments): void;
  cells_means_f32(...args: CellMeansArguments): void;
  cells_list_f32(graph: number, slots: number, count: number, nearest: number): void;
  cells_group_f32(...args: GroupCellsArguments): void;
  cells_tidy_u32(graph: number, scratch: number, order: number): void;
  cells_l2sq_f32(...args: ScanCellsArguments): number;
  cells_dot_f32(...args: ScanCellsArguments): number;
  graph_root_f32(graph: number, order: number, count: number): void;
  graph_clear_f32(graph: number, first: number, end: number): void;
  graph_choose_f32(...args: ChooseArguments): number;
  graph_apply_f32(...args: ApplyArguments): void;
  graph_connect_f32(...args: ConnectArguments): number;
  graph_l2sq_f32(...args: GraphArguments): number;
  graph_dot_f32(...args: GraphArguments): number;
  graph_others_f32(...args: OthersArguments): number;
  assign_check_f32(costs: number, count: number): number;
  assign_check_f64(costs: number, count: number): number;
  assign_start_f32(problem: number): number;
  assign_start_f64(problem: number): number;
  assign_augment_f32(problem: number, first: number, end: number): number;
  assign_augment_f64(problem: number, first: number, end: number): number;
  gap_bound_f64(problem: number): number;
  gap_ascend_f64(problem: number, rounds: number): number;
  gap_repair_f64(problem: number): void;
  gap_close_f64(problem: number, most: number): void;
  gap_descend_f64(problem: number): void;
  gap_search_f64(search: number, work: number): void;
  makespan_weigh_f64(problem: number): number;
  makespan_descend_f64(problem: number, mostLooks: number): void;
  match_bits(matching: number): number;
  checksum_u32(state: number, address: number, bytes: number): void;
  ngrams_u8(...args: TextArguments): number;
  add_postings_f32(...args: PostingArguments): number;
}

/**
 * Kernels without a twin in JavaScript: those of one-bit codes and of graphs, since without
 * WebAssembly rows are scanned, and the one that measures what vector instructions can do.
 */
export type CodeKernel =
  | "peak_f32"
  | "encode_b1"
  | "encode_b1_i8"
  | "encode_b4"
  | "tables_b1"
  | "estimate_b1"
  | "flat_l2sq_f32"
  | "flat_dot_f32"
  | "flat_l2sq_i8"
  | "flat_dot_i8"
  | "cells_nearest_f32"
  | "cells_means_f32"
  | "cells_list_f32"
  | "cells_group_f32"
  | "cells_tidy_u32"
  | "cells_l2sq_f32"
  | "cells_dot_f32"
  | "graph_root_f32"
  | "graph_clear_f32"
  | "graph_choose_f32"
  | "graph_apply_f32"
  | "graph_connect_f32"
  | "graph_l2sq_f32"
  | "graph_dot_f32"
  | "graph_others_f32";

/** Kernels of strings. Their twins in JavaScript work on strings: src/text/plain-ngrams.ts. */
export type StringKernel = "ngrams_u8";

/** Arguments of the scans, as drawn in assembly/rows/scan.ts. */
export type ScanArguments = [
  queries: number,
  rows: number,
  visible: number,
  firstSlot: number,
  endSlot: number,
  queryCount: number,
  dim: number,
  stride: number,
  k: number,
  block: number,
  distances: number,
  slots: number,
  counts: number,
];

/** Arguments of the scans of rows of 8 bits. */
export type ScanArgumentsI8 = [...ScanArguments, wholes: number, factorsAt: number];

/** Arguments of `product_f32`, as drawn in assembly/network/matrix.ts. */
export type ProductArguments = [
  left: number,
  right: number,
  rows: number,
  cols: number,
  depth: number,
  leftStride: number,
  rightStride: number,
  flags: number,
  bias: number,
  scratch: number,
  out: number,
  outStride: number,
];

/** Arguments of `support_vectors_f32`, as drawn in assembly/network/support-vectors.ts. */
export type SupportVectorArguments = [
  starts: number,
  ids: number,
  values: number,
  samples: number,
  count: number,
  labels: number,
  costs: number,
  firstLabel: number,
  features: number,
  eases: number,
  passes: number,
  tolerance: number,
  seed: number,
  weights: number,
  alphas: number,
  squares: number,
];

/** Arguments of `sum_rows_i8`, as drawn in assembly/rows/sum-rows.ts. */
export type SumRowsArguments = [
  ids: number,
  values: number,
  count: number,
  rows: number,
  dim: number,
  add: number,
  out: number,
];

/** Arguments of `run_program`, as drawn in assembly/network/program.ts. */
export type ProgramArguments = [
  program: number,
  firstBatch: number,
  endBatch: number,
  firstStep: number,
  thread: number,
  threads: number,
];

/** Arguments of `encode_b1`, as drawn in assembly/codes/rabitq.ts. */
export type EncodeArguments = [
  rows: number,
  first: number,
  count: number,
  dim: number,
  stride: number,
  centroid: number,
  blocks: number,
  inner: number,
];

/** Arguments of `estimate_b1`, as drawn in assembly/codes/fastscan.ts. */
export type EstimateArguments = [
  blocks: number,
  count: number,
  tables: number,
  dim: number,
  base: number,
  out: number,
];

/** Arguments of the flat searches, as drawn in assembly/flat/flat.ts. */
export type FlatArguments = [
  queries: number,
  limits: number,
  rows: number,
  visible: number,
  blocks: number,
  nibbles: number,
  centroid: number,
  firstSlot: number,
  endSlot: number,
  queryCount: number,
  dim: number,
  stride: number,
  k: number,
  sigmas: number,
  tables: number,
  block: number,
  distances: number,
  slots: number,
  counts: number,
];

/** Arguments of `ngrams_u8`, as drawn in assembly/words/hash.ts. */
export type TextArguments = [
  text: number,
  bytes: number,
  kinds: number,
  shortest: number,
  longest: number,
  masks: number,
  units: number,
  spans: number,
  counts: number,
  out: number,
];

/**
 * One checked kernel call. It holds only numbers, because its data is on a shared heap, so the
 * thread that made it or any other can run it.
 */
export interface Job<Name extends keyof Kernels = keyof Kernels> {
  readonly kernel: Name;
  readonly args: Parameters<Kernels[Name]>;
}

/** Runs a job to its end on the calling thread and returns what the kernel returns. */
export type Run = <Name extends keyof Kernels>(job: Job<Name>) => ReturnType<Kernels[Name]>;
