import { adam, adamSparse, clip, columnSums, squares } from "./adam.ts";
import { adagradSparse, contrast, contrastBack, normalizeBack, normalizeRows } from "./contrast.ts";
import { gatherEvents, gatherRows, gatherSparse, maskSteps, scatterRows } from "./gather.ts";
import { activate, activateBack, gru, gruBack, layerNorm, layerNormBack } from "./layers.ts";
import { lossOf, sumLosses } from "./loss.ts";
import { add, multiply } from "./matrix.ts";
import { productI8, sumSparseI4, sumSparseI8 } from "./quantized.ts";
import { numberSparse, sumSparse, sumSparseBack } from "./sparse.ts";
import { randomU32, ROW_GRAIN, share, type Turn, type Views } from "./turn.ts";
import type { ProgramArguments } from "../abi/kernels.ts";

const OPERATION_WORDS = 16;
const ROWS = 15; // word of an operation

// Words of a program, as drawn in assembly/network/program.ts.
const STOP = 8;
const MEETING = 9;
const GENERATION = 16; // words from where threads meet

const SCRATCH_BYTES = 131_072; // of each thread
const MEET = 1;
const SPINS = 100_000;
const NAP_MS = 1;

/** What each number of assembly/network/operations.ts stands for. */
const OPERATIONS: readonly ((turn: Turn) => void)[] = [
  () => undefined,
  gatherRows,
  gatherSparse,
  gatherEvents,
  multiply,
  sumSparse,
  numberSparse,
  sumSparseBack,
  adamSparse,
  activate,
  activateBack,
  layerNorm,
  layerNormBack,
  lossOf,
  sumLosses,
  columnSums,
  adam,
  squares,
  clip,
  gru,
  gruBack,
  scatterRows,
  add,
  maskSteps,
  sumSparseI8,
  productI8,
  normalizeRows,
  normalizeBack,
  contrast,
  contrastBack,
  adagradSparse,
  sumSparseI4,
];

/** As in assembly/network/program.ts. */
export function runProgram(
  views: Views,
  [address, firstBatch, endBatch, firstStep, thread, threads]: ProgramArguments,
): number {
  const { words, signed } = views;
  const program = address >>> 2;
  const operations = words[program + 1] >>> 2;
  const most = words[program + 4];
  const none = { at: 0, rows: 0, first: 0, end: 0, stepRows: 0, start: 0, order: 0 };
  const scratch = words[program + 2] + thread * SCRATCH_BYTES;
  const turn: Turn = { ...views, program, scratch, thread, threads, ...none, step: 0, drawn: 0 };
  for (let batch = firstBatch; batch < endBatch; batch++) {
    turn.start = batch * most;
    turn.stepRows = Math.min(most, words[program + 3] - turn.start);
    turn.order = (words[program + 5] >>> 2) + turn.start;
    turn.step = firstStep + (batch - firstBatch);
    turn.drawn = randomU32(words[program + 12], turn.step);
    for (let i = 0; i < words[program]; i++) {
      const operation = operations + i * OPERATION_WORDS;
      turn.at = operation + 2;
      const how = words[operation + 1];
      const parts = how >>> 16;
      const part = (how >>> 8) & 0xff;
      const isShared = parts === 0;
      const isOwn =
        part >= share(parts, 1, thread, threads) && part < share(parts, 1, thread + 1, threads);
      turn.thread = isShared ? thread : 0;
      turn.threads = isShared ? threads : 1;
      turn.rows = words[operation + ROWS] || turn.stepRows;
      turn.first = share(turn.rows, ROW_GRAIN, turn.thread, turn.threads);
      turn.end = share(turn.rows, ROW_GRAIN, turn.thread + 1, turn.threads);
      if (isShared || isOwn) OPERATIONS[words[operation]](turn);
      if ((how & MEET) !== 0 && threads > 1 && !meet(signed, program, threads)) {
        return batch - firstBatch;
      }
    }
    if (Atomics.load(signed, program + STOP) !== 0) return batch + 1 - firstBatch;
  }
  return endBatch - firstBatch;
}

/** Waits until all threads are here; false when they should stop. */
function meet(signed: Int32Array, program: number, threads: number): boolean {
  const arrived = signed[program + MEETING] >>> 2;
  const times = arrived + GENERATION;
  // Read before arriving: afterwards the last one may already have counted on.
  const generation = Atomics.load(signed, times);
  if (Atomics.add(signed, arrived, 1) === threads - 1) {
    Atomics.store(signed, arrived, 0);
    Atomics.add(signed, times, 1);
    Atomics.notify(signed, times);
    return true;
  }
  for (let i = 0; i < SPINS; i++) {
    if (Atomics.load(signed, times) !== generation) return true;
  }
  while (Atomics.load(signed, times) === generation) {
    if (Atomics.load(signed, program + STOP) !== 0) return false;
    Atomics.wait(signed, times, generation, NAP_MS);
  }
  return true;
}
