import { codedDim, tableWords } from "../wasm/codes.ts";
import { paddedDim } from "../wasm/distance.ts";
import type { Metric } from "./engine.ts";

/** How rows are kept. */
export interface RowLayout {
  readonly dim: number;
  readonly metric: Metric;
  /** Whether rows are kept rotated, with one-bit codes. */
  readonly coded: boolean;
  /** Where the rotation's random signs begin. */
  readonly seed: number;
  /** Threads that may search at once: each segment has room for their scratch. */
  readonly threads: number;
}

/** f32 values per stored row. */
export function strideOf({ dim, coded }: Pick<RowLayout, "dim" | "coded">): number {
  return coded ? codedDim(dim) : paddedDim(dim);
}

/** u32 words of a query's tables. */
export function tableWordsOf(layout: RowLayout): number {
  return layout.coded ? tableWords(strideOf(layout)) : 0;
}
