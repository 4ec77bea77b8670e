import type { Heap } from "../heap.ts";
import type { Job } from "../abi/kernels.ts";
import { atLeast } from "../lengths.ts";
import {
  checkProduct,
  PRODUCT_SCRATCH,
  productFlags,
  type Matrix,
  type ProductShape,
} from "./matrix.ts";

const HEADER_WORDS = 16;
const OPERATION_WORDS = 16;
const LINE_WORDS = 16; // of 64 bytes
const MEET = 1;
const STOP = 8; // word of the header
const CLIP = 11;

/** The operations of assembly/network/operations.ts, where their parameters are listed. */
export const OPERATION = {
  gatherRows: 1,
  gatherSparse: 2,
  gatherEvents: 3,
  product: 4,
  sumSparse: 5,
  numberSparse: 6,
  sumSparseBack: 7,
  adamSparse: 8,
  activate: 9,
  activateBack: 10,
  layerNorm: 11,
  layerNormBack: 12,
  loss: 13,
  sumLoss: 14,
  columnSums: 15,
  adam: 16,
  squares: 17,
  clip: 18,
  gru: 19,
  gruBack: 20,
  scatter: 21,
  add: 22,
  maskSteps: 23,
  sumSparseI8: 24,
  productI8: 25,
  normalize: 26,
  normalizeBack: 27,
  contrast: 28,
  contrastBack: 29,
  adagradSparse: 30,
  sumSparseI4: 31,
} as const;

/** What a program works on. */
export interface ProgramSettings {
  /** Threads that can run it. */
  readonly threads: number;
  /** Most rows of a step. */
  readonly rows: number;
  /** Which sample each row is, in the order that steps take them. */
  readonly order: Uint32Array;
  /** Of each step, 4 values: see assembly/network/program.ts. Empty when nothing is learned. */
  readonly schedule: Float32Array;
  /** Of each step, 2 values: the sum of its losses, and rows that were right. Empty likewise. */
  readonly outcomes: Float32Array;
  /** Whole number below 2³² that random draws go by. */
  readonly seed: number;
  /** Most operations. */
  readonly operations: number;
}

/** A value of an operation: a whole number, an array's address, or an f32. */
type Word = number | ArrayBufferView | { readonly real: number };

/**
 * Operations over one heap that threads go through together, step by step: see assembly/network/program.ts.
 * Whatever the number of threads, results are the same to the bit. Operations that read what the
 * ones before wrote must have `meet()` between.
 */
export class Program {
  readonly rows: number;
  readonly order: Uint32Array;
  readonly schedule: Float32Array;
  readonly outcomes: Float32Array;
  readonly #heap: Heap;
  readonly #header: Uint32Array;
  readonly #operations: Uint32Array;
  readonly #reals: Float32Array;
  readonly #threads: number;
  #count = 0;
  #how = 0;

  /** @throws {StigmergyError} OUT_OF_HEAP, OFF_HEAP */
  constructor(heap: Heap, settings: ProgramSettings) {
    const { threads, rows, order, schedule, outcomes, seed, operations } = settings;
    this.#heap = heap;
    this.#threads = threads;
    this.rows = rows;
    this.order = order;
    this.schedule = schedule;
    this.outcomes = outcomes;
    this.#header = heap.u32(HEADER_WORDS);
    this.#operations = heap.u32(operations * OPERATION_WORDS);
    this.#reals = new Float32Array(
      this.#operations.buffer,
      this.#operations.byteOffset,
      this.#operations.length,
    );
    const scratch = heap.f32(threads * PRODUCT_SCRATCH);
    const header = this.#header;
    header[1] = heap.addressOf(this.#operations);
    header[2] = heap.addressOf(scratch);
    header[4] = rows;
    header[5] = heap.addressOf(order);
    header[6] = schedule.length === 0 ? 0 : heap.addressOf(schedule);
    header[7] = outcomes.length === 0 ? 0 : heap.addressOf(outcomes);
    header[9] = heap.addressOf(heap.u32(meetingWords(threads)));
    header[12] = seed;
    new Float32Array(header.buffer, header.byteOffset, HEADER_WORDS)[CLIP] = 1;
  }

  /** Bytes that a program takes on a heap, besides its order, schedule and outcomes. */
  static bytes(threads: number, operations: number): number {
    const words = HEADER_WORDS + operations * OPERATION_WORDS + threads * PRODUCT_SCRATCH;
    return (words + meetingWords(threads)) * 4 + 256;
  }

  /**
   * Adds an operation of assembly/network/operations.ts.
   * @param rows how many it has in every step; 0 for as many as the step
   */
  add(operation: number, words: readonly Word[], rows = 0): void {
    const at = this.#count * OPERATION_WORDS;
    atLeast("room for operations, in words", at + OPERATION_WORDS, this.#operations.length);
    this.#operations[at] = operation;
    this.#operations[at + 1] = this.#how;
    words.forEach((word, i) => {
      const to = at + 2 + i;
      if (typeof word === "number") this.#operations[to] = word;
      else if ("real" in word) this.#reals[to] = word.real;
      else this.#operations[to] = this.#heap.addressOf(word);
    });
    this.#operations[at + 15] = rows;
    this.#header[0] = ++this.#count;
  }

  /** Adds a product: a size of 0, for `rows` or `depth`, is the rows of the step. */
  product(
    left: Matrix,
    right: Matrix,
    shape: ProductShape,
    out: Matrix,
    bias?: Float32Array,
  ): void {
    const { rows, cols, depth } = shape;
    const most = { ...shape, rows: rows || this.rows, depth: depth || this.rows };
    checkProduct(left, right, most, bias, out);
    this.add(OPERATION.product, [
      ...[left.values, right.values, rows, cols, depth, left.stride, right.stride],
      ...[productFlags(shape), bias ?? 0, out.values, out.stride],
    ]);
  }

  /** What comes reads what is written so far. */
  meet(): void {
    if (this.#count > 0) this.#operations[(this.#count - 1) * OPERATION_WORDS + 1] |= MEET;
  }

  /**
   * Operations that `lay` adds are work of one thread: the one that has `part` among its share of
   * `parts`. The same part is the same thread's everywhere, so between its operations nobody meets.
   */
  byOne(part: number, parts: number, lay: () => void): void {
    this.#how = (part << 8) | (parts << 16);
    try {
      lay();
    } finally {
      this.#how = 0;
    }
  }

  /** How many samples of the order there are now. */
  set samples(count: number) {
    atLeast("order length", count, this.order.length);
    this.#header[3] = count;
  }

  /** Steps that go once through the samples. */
  get batches(): number {
    return Math.ceil(this.#header[3] / this.rows);
  }

  /** One job for each thread, to be run at the same time: batches [first, end) of the order. */
  jobs(first: number, end: number, firstStep: number): Job<"run_program">[] {
    return Array.from({ length: this.#threads }, (_, thread) =>
      this.#job(first, end, firstStep, thread, this.#threads),
    );
  }

  /** Runs batches [first, end) on the calling thread alone. */
  run(first: number, end: number, firstStep: number): void {
    this.#heap.run(this.#job(first, end, firstStep, 0, 1));
  }

  /** Makes every thread leave before its next step. */
  stop(): void {
    Atomics.store(this.#header, STOP, 1);
  }

  #job(
    first: number,
    end: number,
    firstStep: number,
    thread: number,
    threads: number,
  ): Job<"run_program"> {
    const program = this.#heap.addressOf(this.#header);
    return { kernel: "run_program", args: [program, first, end, firstStep, thread, threads] };
  }
}

/** Two lines, and one for each thread: see assembly/network/program.ts. */
function meetingWords(threads: number): number {
  return (2 + threads) * LINE_WORDS;
}
