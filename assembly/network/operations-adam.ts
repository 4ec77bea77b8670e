// The operations of a program that take steps of Adam: see operations.ts. Values are shared out as their
// gradients were, so that whoever made those takes them, with no meeting between.

import { adam } from "./adam";
import { real, ROW_GRAIN, share, word } from "./operation";

/** The share that `thread` has in a step of some values: weights by rows, others by sixteens. */
export function runAdam(
  program: usize,
  operation: usize,
  rate: usize,
  thread: u32,
  threads: u32,
): void {
  const total = word(operation, 4);
  const stride = word(operation, 7);
  const grain: u32 = stride != 0 ? ROW_GRAIN * stride : 16;
  const from = share(total, grain, thread, threads);
  const offset = (<usize>from) << 2;
  adam(
    <usize>word(operation, 0) + offset,
    <usize>word(operation, 1) + offset,
    <usize>word(operation, 2) + offset,
    <usize>word(operation, 3) + offset,
    share(total, grain, thread + 1, threads) - from,
    load<f32>(rate) * real(operation, 5),
    load<f32>(rate, 4),
    load<f32>(rate, 8) * real(operation, 6),
    load<f32>(program, 44),
  );
}

/** The same in a step of the rows of a table that the batch met: of all of them, some columns. */
export function runAdamSparse(
  program: usize,
  operation: usize,
  rate: usize,
  thread: u32,
  threads: u32,
): void {
  const met = <usize>load<u32>(word(operation, 5));
  const width = word(operation, 6);
  const from = share(width, 16, thread, threads);
  const count = share(width, 16, thread + 1, threads) - from;
  const start = (<usize>from) << 2;
  const values = <usize>word(operation, 0) + start;
  const first = <usize>word(operation, 2) + start;
  const second = <usize>word(operation, 3) + start;
  const bytes = (<usize>width) << 2;
  let gradients = <usize>word(operation, 1) + start;
  let id = <usize>word(operation, 4);
  for (const end = id + (met << 2); id < end; id += 4, gradients += bytes) {
    const row = <usize>load<u32>(id) * bytes;
    adam(
      values + row,
      gradients,
      first + row,
      second + row,
      count,
      load<f32>(rate) * real(operation, 7),
      load<f32>(rate, 4),
      load<f32>(rate, 8) * real(operation, 8),
      load<f32>(program, 44),
    );
  }
}
