// What a program is made of. An operation is 16 words: which, how it is run, then its parameters in the
// order of the readers below; addresses are bytes, "rows 0" means those of the step.
//
//     how: bit 0 threads meet after it · bits 8 to 15 part, bits 16 to 31 of how many: it is work of the
//     thread alone that has this part among its share of them; 0 parts when all threads share it

import { activate, activateBack } from "./activation";
import { columnSums, squares } from "./adam";
import { gru, gruBack } from "./gru";
import { layerNorm, layerNormBack } from "./layer-norm";
import { lossOf, sumLosses } from "./loss";
import { gatherRows, maskSteps, scatterRows } from "./gather";
import { LEFT_TRANSPOSED, product_f32 } from "./matrix";
import { productI8 } from "./product-i8";
import { real, ROW_GRAIN, share, word } from "./operation";
import { runAdam } from "./operations-adam";
import { NORMALIZE, runContrast } from "./operations-contrast";
import { runSparse } from "./operations-sparse";

const GATHER_ROWS: u32 = 1;
const GATHER_SPARSE: u32 = 2;
const PRODUCT: u32 = 4;
const ADAM_SPARSE: u32 = 8;
const ACTIVATE: u32 = 9;
const ACTIVATE_BACK: u32 = 10;
const LAYER_NORM: u32 = 11;
const LAYER_NORM_BACK: u32 = 12;
const LOSS: u32 = 13;
const SUM_LOSS: u32 = 14;
const COLUMN_SUMS: u32 = 15;
const ADAM: u32 = 16;
const SQUARES: u32 = 17;
const CLIP: u32 = 18;
const GRU: u32 = 19;
const GRU_BACK: u32 = 20;
const SCATTER: u32 = 21;
const ADD: u32 = 22;
const MASK_STEPS: u32 = 23;
const SUM_SPARSE_I8: u32 = 24;
const PRODUCT_I8: u32 = 25;
const SUM_SPARSE_I4: u32 = 31;

/** Parts that sums of squares are made of, whatever the threads. */
const SQUARE_PARTS: u32 = 16;

/** Runs the share that `thread` has in an operation. */
export function runOperation(
  program: usize,
  operation: usize,
  stepRows: u32,
  start: u32,
  order: usize,
  step: u32,
  drawn: u32,
  scratch: usize,
  thread: u32,
  threads: u32,
): void {
  const which = load<u32>(operation);
  const fixed = word(operation, 13);
  const rows = fixed != 0 ? fixed : stepRows;
  const first = share(rows, ROW_GRAIN, thread, threads);
  const end = share(rows, ROW_GRAIN, thread + 1, threads);
  const count = end - first;
  const rate = <usize>load<u32>(program, 24) + ((<usize>step) << 4);

  if (which == PRODUCT) {
    multiply(operation, stepRows, scratch, thread, threads);
  } else if (which == PRODUCT_I8) {
    const leftStride = word(operation, 1);
    const outStride = word(operation, 8);
    productI8(
      <usize>word(operation, 0) + ((<usize>(first * leftStride)) << 2),
      count,
      leftStride,
      word(operation, 2),
      word(operation, 3),
      word(operation, 4),
      word(operation, 5),
      word(operation, 6),
      scratch,
      <usize>word(operation, 7) + ((<usize>(first * outStride)) << 2),
      outStride,
    );
  } else if (which == ACTIVATE || which == ACTIVATE_BACK) {
    const width = word(operation, 2);
    const stride = word(operation, 3);
    const offset = (<usize>(first * stride)) << 2;
    const values = <usize>word(operation, 0) + offset;
    const out = <usize>word(operation, 1) + offset;
    const kind = word(operation, 4);
    const drop = word(operation, 5);
    const keep = real(operation, 6);
    const seed = drawn ^ word(operation, 7);
    // Of some columns of a layer that stand by themselves: the first, and the stride of the whole.
    const apart = word(operation, 9) != 0 ? word(operation, 9) : stride;
    const place = first * apart + word(operation, 8);
    if (which == ACTIVATE) {
      activate(values, out, place, apart, count, width, stride, kind, drop, keep, seed);
    } else {
      activateBack(values, out, place, apart, count, width, stride, kind, drop, keep, seed);
    }
  } else if (which == ADAM) {
    runAdam(program, operation, rate, thread, threads);
  } else if (which == COLUMN_SUMS) {
    const cols = word(operation, 2);
    const from = share(cols, 16, thread, threads);
    const offset = (<usize>from) << 2;
    const others = <usize>word(operation, 1);
    columnSums(
      <usize>word(operation, 0) + offset,
      others != 0 ? others + offset : 0,
      rows,
      share(cols, 16, thread + 1, threads) - from,
      word(operation, 3),
      <usize>word(operation, 4) + offset,
    );
  } else if (which == GATHER_ROWS) {
    const strides = word(operation, 1);
    gatherRows(
      order,
      first,
      end,
      word(operation, 0),
      strides,
      word(operation, 2),
      word(operation, 3),
      word(operation, 4),
    );
  } else if (which == SCATTER) {
    scatterRows(
      start,
      first,
      end,
      word(operation, 0),
      word(operation, 1),
      word(operation, 2),
      word(operation, 3),
      word(operation, 4),
    );
  } else if (which == LOSS) {
    lossOf(operation + 8, order, first, end, rows);
  } else if (which == SUM_LOSS) {
    if (thread == 0) {
      const out = <usize>load<u32>(program, 28) + ((<usize>step) << 3);
      sumLosses(word(operation, 0), rows, out);
    }
  } else if (
    (which >= GATHER_SPARSE && which <= ADAM_SPARSE) ||
    which == SUM_SPARSE_I8 ||
    which == SUM_SPARSE_I4
  ) {
    runSparse(program, operation, which, rows, order, rate, drawn, thread, threads);
  } else if (which >= NORMALIZE) {
    runContrast(operation, which, first, end, load<f32>(rate, 8), thread, threads);
  } else {
    runRest(program, operation, which, rows, first, end, thread, threads);
  }
}

/**
 * What is made for the rows of a batch is shared out by rows, like all else that is done to them, and so
 * are gradients of weights, as Adam shares them out. Of other products the columns are shared out, so
 * that each thread packs its own; the rows, when there are few columns.
 */
function multiply(
  operation: usize,
  stepRows: u32,
  scratch: usize,
  thread: u32,
  threads: u32,
): void {
  const flags = word(operation, 7);
  const leftStride = word(operation, 5);
  const rightStride = word(operation, 6);
  const rows = word(operation, 2) != 0 ? word(operation, 2) : stepRows;
  const depth = word(operation, 4) != 0 ? word(operation, 4) : stepRows;
  const cols = word(operation, 3);
  let fromCol: u32 = 0;
  let toCol = cols;
  let fromRow: u32 = 0;
  let toRow = rows;
  const byRows = word(operation, 2) == 0 || (flags & LEFT_TRANSPOSED) != 0;
  if (!byRows && cols >= 32 * threads) {
    fromCol = share(cols, 8, thread, threads);
    toCol = share(cols, 8, thread + 1, threads);
  } else {
    fromRow = share(rows, ROW_GRAIN, thread, threads);
    toRow = share(rows, ROW_GRAIN, thread + 1, threads);
  }
  const left = <usize>word(operation, 0);
  const right = <usize>word(operation, 1);
  const bias = <usize>word(operation, 8);
  product_f32(
    left + ((<usize>fromRow * ((flags & LEFT_TRANSPOSED) != 0 ? 1 : <usize>leftStride)) << 2),
    right + ((<usize>fromCol * ((flags & 2) != 0 ? <usize>rightStride : 1)) << 2),
    toRow - fromRow,
    toCol - fromCol,
    depth,
    leftStride,
    rightStride,
    flags,
    bias != 0 ? bias + ((<usize>fromCol) << 2) : 0,
    scratch,
    <usize>word(operation, 9) + ((<usize>(fromRow * word(operation, 10) + fromCol)) << 2),
    word(operation, 10),
  );
}

function runRest(
  program: usize,
  operation: usize,
  which: u32,
  rows: u32,
  first: u32,
  end: u32,
  thread: u32,
  threads: u32,
): void {
  const w0 = <usize>word(operation, 0);
  const w1 = <usize>word(operation, 1);
  const w2 = <usize>word(operation, 2);
  const w3 = <usize>word(operation, 3);
  const w4 = <usize>word(operation, 4);
  const w5 = <usize>word(operation, 5);
  const w6 = <usize>word(operation, 6);
  const w7 = <usize>word(operation, 7);
  if (which == LAYER_NORM) {
    const offset = (<usize>first * w2) << 2;
    layerNorm(
      w0 + offset,
      end - first,
      <u32>w1,
      <u32>w2,
      w3,
      w4,
      w5 + offset,
      w6 + ((<usize>first) << 2),
      w7 + offset,
    );
  } else if (which == LAYER_NORM_BACK) {
    const offset = (<usize>first * w2) << 2;
    layerNormBack(
      w0 + offset,
      end - first,
      <u32>w1,
      <u32>w2,
      w3,
      w4 + offset,
      w5 + ((<usize>first) << 2),
      w6 + offset,
    );
  } else if (which == SQUARES) {
    // Of gradients that only met features have, as many rows as were met.
    const total = w3 != 0 ? load<u32>(w3) * <u32>w1 : <u32>w1;
    const last = share(SQUARE_PARTS, 1, thread + 1, threads);
    for (let part = share(SQUARE_PARTS, 1, thread, threads); part < last; part++) {
      const from = share(total, 16, part, SQUARE_PARTS);
      const sum = squares(
        w0 + ((<usize>from) << 2),
        share(total, 16, part + 1, SQUARE_PARTS) - from,
      );
      store<f32>(w2 + ((<usize>part) << 2), sum);
    }
  } else if (which == CLIP) {
    if (thread == 0) {
      let sum: f64 = 0;
      for (let i: usize = 0; i < w1 * SQUARE_PARTS; i++) sum += load<f32>(w0 + (i << 2));
      const most = <f64>real(operation, 2);
      store<f32>(program, sum > most * most ? <f32>(most / Math.sqrt(sum)) : 1, 44);
    }
  } else if (which == GRU) {
    gru(first, end, <u32>w7, w0, w1, w2, <u32>w3, w4, w5, w6);
  } else if (which == GRU_BACK) {
    gruBack(
      first,
      end,
      word(operation, 9),
      w0,
      w1,
      <u32>w2,
      w3,
      w4,
      w5,
      w6,
      w7,
      word(operation, 8),
    );
  } else if (which == ADD) {
    const from = first * <u32>w2;
    const to = w0 + ((<usize>(end * <u32>w2)) << 2);
    let other = w1 + ((<usize>from) << 2);
    for (let at = w0 + ((<usize>from) << 2); at < to; at += 16, other += 16) {
      v128.store(at, f32x4.add(v128.load(at), v128.load(other)));
    }
  } else if (which == MASK_STEPS) {
    maskSteps(first, end, w0, <u32>w1, <u32>w2, w3, <u32>w4);
  }
}
