/**
 * Raw exports of the compiled kernels, documented in assembly/.
 * Array parameters are byte addresses on the heap. Only src/wasm names these.
 */
export interface Kernels {
  l2sq_f32(query: number, rows: number, count: number, dim: number, out: number): void;
  dot_f32(query: number, rows: number, count: number, dim: number, out: number): void;
  cosine_f32(query: number, rows: number, count: number, dim: number, out: number): void;
  normalize_f32(rows: number, count: number, dim: number, norms: number): void;
  top_k_f32(values: number, count: number, k: number, nearest: number, positions: number): number;
  scan_l2sq_f32(...args: ScanArguments): void;
  scan_dot_f32(...args: ScanArguments): void;
  read_bytes(address: number, bytes: number): number;
}

/** Arguments of the scans, as drawn in assembly/scan.ts. */
export type ScanArguments = [
  queries: number,
  rows: number,
  visible: number,
  firstSlot: number,
  endSlot: number,
  queryCount: number,
  dim: number,
  k: number,
  block: number,
  distances: number,
  slots: number,
  counts: number,
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
