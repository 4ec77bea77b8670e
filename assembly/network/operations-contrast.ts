// The operations of a program that learns by contrast: see operations.ts.

import { adagrad, contrast, contrastBack, normalizeBack } from "./contrast";
import { normalize_f32 } from "../rows/normalize";
import { real, share, word } from "./operation";

/** The first of them; all have greater numbers than other operations. */
export const NORMALIZE: u32 = 26;
const NORMALIZE_BACK: u32 = 27;
const CONTRAST: u32 = 28;
const CONTRAST_BACK: u32 = 29;
const ADAGRAD_SPARSE: u32 = 30;

/** Runs the share that `thread` has, of rows [first, end), in an operation of learning by contrast. */
export function runContrast(
  operation: usize,
  which: u32,
  first: u32,
  end: u32,
  rate: f32,
  thread: u32,
  threads: u32,
): void {
  const w0 = <usize>word(operation, 0);
  const w1 = <usize>word(operation, 1);
  const w2 = <usize>word(operation, 2);
  const w3 = <usize>word(operation, 3);
  const w4 = <usize>word(operation, 4);
  if (which == NORMALIZE) {
    const offset = (<usize>first) << 2;
    normalize_f32(w0 + offset * w1, end - first, <u32>w1, w2 + offset);
  } else if (which == NORMALIZE_BACK) {
    normalizeBack(first, end, w0, w1, <u32>w2, w3);
  } else if (which == CONTRAST) {
    contrast(first, end, w0, <u32>w1, real(operation, 2), w3);
  } else if (which == CONTRAST_BACK) {
    contrastBack(first, end, w0, <u32>w1, real(operation, 2), w3, w4, word(operation, 5));
  } else if (which == ADAGRAD_SPARSE) {
    const met = load<u32>(w4);
    const width = word(operation, 5);
    const bytes = (<usize>width) << 2;
    const last = share(met, 1, thread + 1, threads);
    for (let i = share(met, 1, thread, threads); i < last; i++) {
      const row = <usize>load<u32>(w3 + ((<usize>i) << 2)) * bytes;
      adagrad(w0 + row, w1 + <usize>i * bytes, w2 + row, width, rate);
    }
  }
}
