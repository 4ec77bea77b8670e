// Steps of training, or of a forward pass, as a list of operations that threads go through together.
// TypeScript lays the list out once (src/wasm/network/program.ts); a step then costs no call and no message.
//
// Every operation is shared out by rows, columns or values, and what one element is made of, and in
// which order, never depends on how many threads there are: the same program gives the same bits.
//
//     program, 32-bit words:
//        0  how many operations     1  address of the first: 16 words each, as in operations.ts
//        2  scratch, 131,072 bytes for each thread
//        3  samples                 4  most rows of a step     5  order, u32[samples]
//        6  schedule, f32[steps][4]: learning rate / (1 − β₁ᵗ), 1 / √(1 − β₂ᵗ), learning rate, unused
//        7  outcomes, f32[steps][2]: sum of the losses, rows whose label came first
//        8  not 0: stop             9  where threads meet     10  unused
//       11  clip, f32              12  seed
//
//     where threads meet, of 64 bytes each, so that none waits for a line that another writes:
//       threads arrived | how often all have | of each thread: its patience

import { randomU32 } from "../base/functions";
import { share } from "./operation";
import { runOperation } from "./operations";

// Turns that a thread goes round before it naps; a thousand take a quarter of a microsecond. A nap ends
// some 15 µs late, and who comes late makes the next one wait: with less patience than that, one nap
// leads to another for good. Where a thread waits in vain, because the machine runs something else,
// its patience shrinks to the least.
const LEAST_PATIENCE: u32 = 1 << 17;
const MOST_PATIENCE: u32 = 1 << 20;
const NAP_NS: i64 = 1_000_000;

const SCRATCH_SHIFT: usize = 17; // 131,072 bytes
const MEET: u32 = 1;

const GENERATION: usize = 64;
const THREADS: usize = 128;

/**
 * Runs a program over batches [firstBatch, endBatch) of the order, as one of `threads` that all do.
 *
 * @param firstStep  number of the step that the first of these batches is, over all epochs: what the
 *   schedule and what is drawn at random go by
 * @returns batches done: fewer than asked for when word 8 was set meanwhile
 */
export function run_program(
  program: usize,
  firstBatch: u32,
  endBatch: u32,
  firstStep: u32,
  thread: u32,
  threads: u32,
): u32 {
  const count = load<u32>(program);
  const operations = <usize>load<u32>(program, 4);
  const samples = load<u32>(program, 12);
  const most = load<u32>(program, 16);
  const order = <usize>load<u32>(program, 20);
  const seed = load<u32>(program, 48);
  const scratch = <usize>load<u32>(program, 8) + ((<usize>thread) << SCRATCH_SHIFT);
  for (let batch = firstBatch; batch < endBatch; batch++) {
    const start = batch * most;
    const rows = min<u32>(most, samples - start);
    const step = firstStep + (batch - firstBatch);
    const drawn = randomU32(seed, step);
    for (let i: u32 = 0; i < count; i++) {
      const operation = operations + ((<usize>i) << 6);
      const how = load<u32>(operation, 4);
      const parts = how >> 16;
      const part = (how >> 8) & 0xff;
      const isShared = parts == 0;
      const isOwn =
        part >= share(parts, 1, thread, threads) && part < share(parts, 1, thread + 1, threads);
      if (isShared || isOwn) {
        runOperation(
          program,
          operation,
          rows,
          start,
          order + ((<usize>start) << 2),
          step,
          drawn,
          scratch,
          isShared ? thread : 0,
          isShared ? threads : 1,
        );
      }
      if ((how & MEET) != 0 && threads > 1 && !meet(program, thread, threads)) {
        return batch - firstBatch;
      }
    }
    if (atomic.load<u32>(program, 32) != 0) return batch + 1 - firstBatch;
  }
  return endBatch - firstBatch;
}

/** Waits until all threads are here; false when they should stop. */
function meet(program: usize, thread: u32, threads: u32): bool {
  const place = <usize>load<u32>(program, 36);
  // Read before arriving: afterwards the last one may already have counted on.
  const generation = atomic.load<i32>(place, GENERATION);
  if (atomic.add<u32>(place, 1) == threads - 1) {
    atomic.store<u32>(place, 0);
    atomic.add<i32>(place, 1, GENERATION);
    atomic.notify(place + GENERATION, threads);
    return true;
  }
  const own = place + THREADS + ((<usize>thread) << 6);
  const patience = max(LEAST_PATIENCE, load<u32>(own));
  for (let i: u32 = 0; i < patience; i++) {
    if (atomic.load<i32>(place, GENERATION) != generation) {
      store<u32>(own, min(MOST_PATIENCE, patience << 1));
      return true;
    }
  }
  store<u32>(own, patience >> 1);
  return nap(program, place, generation);
}

/** Sleeps until the others have come; false when they should stop. */
function nap(program: usize, place: usize, generation: i32): bool {
  while (atomic.load<i32>(place, GENERATION) == generation) {
    if (atomic.load<u32>(program, 32) != 0) return false;
    // The baseline compiler of V8 11 (Node 20) writes the address of a wait 8 bytes wide into its slot
    // of 4, and so sets what lies before it on the stack to 0: `generation`, and the thread would run
    // on alone. The first term lies there instead. A wait gives 0 to 2, so the sum says "stop" or nothing.
    const slept =
      atomic.load<i32>(program, 32) + atomic.wait<i32>(place + GENERATION, generation, NAP_NS);
    if (slept > 2) return false;
  }
  return true;
}
