// The operations of a program whose inputs are sparse: see operations.ts.

import { gatherEvents } from "./gather";
import { real, ROW_GRAIN, share, word } from "./operation";
import { runAdamSparse } from "./operations-adam";
import { CodesI4, CodesI8, sumSparseCodes } from "./product-i8";
import { gatherSparse, numberSparse, sumSparse, sumSparseBack } from "./sparse";

const GATHER_SPARSE: u32 = 2;
const GATHER_EVENTS: u32 = 3;
const SUM_SPARSE: u32 = 5;
const NUMBER_SPARSE: u32 = 6;
const SUM_SPARSE_BACK: u32 = 7;
const ADAM_SPARSE: u32 = 8;
const SUM_SPARSE_I8: u32 = 24;
const SUM_SPARSE_I4: u32 = 31;

/** Runs the share that `thread` has in an operation on sparse inputs or their table. */
export function runSparse(
  program: usize,
  operation: usize,
  which: u32,
  rows: u32,
  order: usize,
  rate: usize,
  drawn: u32,
  thread: u32,
  threads: u32,
): void {
  const first = share(rows, ROW_GRAIN, thread, threads);
  const end = share(rows, ROW_GRAIN, thread + 1, threads);
  const w0 = <usize>word(operation, 0);
  const w1 = <usize>word(operation, 1);
  const w2 = <usize>word(operation, 2);
  const w3 = word(operation, 3);
  const w4 = word(operation, 4);
  const w5 = word(operation, 5);
  if (which == GATHER_SPARSE) {
    const seed = drawn ^ w5;
    gatherSparse(
      order,
      first,
      end,
      w0,
      w1,
      w2,
      w3,
      w4,
      real(operation, 6),
      seed,
      word(operation, 7),
      word(operation, 8),
      word(operation, 9),
    );
  } else if (which == GATHER_EVENTS) {
    gatherEvents(operation + 8, order, first, end);
  } else if (which == SUM_SPARSE) {
    sumSparse(
      first,
      end,
      w0,
      w1,
      w2,
      w3,
      w4,
      w5,
      word(operation, 6),
      word(operation, 7),
      word(operation, 8),
    );
  } else if (which == SUM_SPARSE_I4) {
    const out = <usize>word(operation, 8);
    sumSparseCodes<CodesI4>(
      first,
      end,
      w0,
      w1,
      w2,
      w3,
      w4,
      w5,
      word(operation, 6),
      word(operation, 7),
      out,
      word(operation, 9),
    );
  } else if (which == SUM_SPARSE_I8) {
    const out = <usize>word(operation, 8);
    sumSparseCodes<CodesI8>(
      first,
      end,
      w0,
      w1,
      w2,
      w3,
      w4,
      w5,
      word(operation, 6),
      word(operation, 7),
      out,
      word(operation, 9),
    );
  } else if (which == NUMBER_SPARSE) {
    if (thread == 0) {
      store<u32>(word(operation, 6), numberSparse(rows, w0, w1, w2, w3, w4, w5));
    }
  } else if (which == SUM_SPARSE_BACK) {
    const width = word(operation, 7);
    const met = load<u32>(word(operation, 6));
    sumSparseBack(
      rows,
      w0,
      w1,
      w2,
      w3,
      w4,
      w5,
      share(width, 16, thread, threads),
      share(width, 16, thread + 1, threads),
      met,
      width,
      word(operation, 8),
    );
  } else if (which == ADAM_SPARSE) {
    runAdamSparse(program, operation, rate, thread, threads);
  }
}
