import { arrayBytes, Heap } from "../../wasm/heap.ts";
import { OPERATION, Program } from "../../wasm/program.ts";
import { LONGEST_TEXT, type PairRoom } from "./pair-sampler.ts";

const OPERATIONS = 24;

/** How rows are learned by contrast. */
export interface ContrastSettings {
  /** Rows of the table. */
  readonly rows: number;
  /** Values of a row, a multiple of 32. */
  readonly dim: number;
  /** Pairs of a step, a multiple of 8. */
  readonly pairs: number;
  /** Scores are divided by it before they are compared. */
  readonly temperature: number;
  /** Steps in all. */
  readonly steps: number;
  /** Steps whose pairs are there at once. */
  readonly stepsAtOnce: number;
  readonly threads: number;
}

/** A table of rows, pairs of texts and the steps that the rows are learned in, on one heap. */
export class ContrastHeap {
  readonly heap: Heap;
  /** f32[rows × dim] */
  readonly table: Float32Array;
  /** Learning rate of each step at value 2 of 4: f32[steps][4]. */
  readonly schedule: Float32Array;
  /** Of each step: the sum of its losses, and pairs whose texts found each other first; f32[steps][2]. */
  readonly outcomes: Float32Array;
  /** Pairs of the steps to come, from the first. */
  readonly room: PairRoom;
  /** u32[rows × dim] f32: what gradients were, summed up by the step. For tests. */
  readonly gradients: Float32Array;
  /** Rows that the last step met, in the order of `gradients`, and how many. */
  readonly met: Uint32Array;
  readonly metCount: Uint32Array;
  readonly program: Program;

  /** @throws {StigmergyError} OUT_OF_HEAP when they do not fit 4 GiB */
  constructor(settings: ContrastSettings) {
    const { rows, dim, pairs, temperature, steps, stepsAtOnce, threads } = settings;
    const texts = 2 * pairs;
    const heap = new Heap(bytesOf(settings));
    this.heap = heap;
    this.table = heap.f32(rows * dim);
    const squares = heap.f32(rows * dim);
    this.gradients = heap.f32(rows * dim);
    this.schedule = heap.f32(steps * 4);
    this.outcomes = heap.f32(steps * 2);
    this.room = {
      starts: heap.u32(texts * stepsAtOnce + 1),
      ids: heap.u32(texts * stepsAtOnce * LONGEST_TEXT),
    };
    const values = heap.f32(texts * stepsAtOnce * LONGEST_TEXT).fill(1);
    const order = heap.u32(texts * stepsAtOnce);
    order.forEach((_, i) => (order[i] = i));
    const program = new Program(heap, {
      threads,
      rows: texts,
      seed: 0,
      operations: OPERATIONS,
      order,
      schedule: this.schedule,
      outcomes: this.outcomes,
    });
    this.program = program;
    const counts = heap.u32(texts);
    const batchIds = heap.u32(texts * LONGEST_TEXT);
    const batchValues = heap.f32(texts * LONGEST_TEXT);
    const slots = heap.u32(texts * LONGEST_TEXT);
    const places = heap.u32(rows);
    this.met = heap.u32(rows);
    this.metCount = heap.u32(1);
    const vectors = heap.f32(texts * dim);
    const lengths = heap.f32(texts);
    const vectorGradients = heap.f32(texts * dim);
    const scores = heap.f32(pairs * pairs);
    const sums = heap.f32(pairs);
    const columnSums = heap.f32(pairs);
    const losses = heap.f32(texts);

    program.add(OPERATION.gatherSparse, [
      ...[this.room.starts, this.room.ids, values, LONGEST_TEXT, 0, 0, { real: 1 }],
      ...[counts, batchIds, batchValues],
    ]);
    program.add(OPERATION.sumSparse, [
      ...[counts, batchIds, batchValues, LONGEST_TEXT, this.table, dim, 0, vectors, dim],
    ]);
    program.add(OPERATION.normalize, [vectors, dim, lengths]);
    program.meet();
    program.add(OPERATION.numberSparse, [
      ...[counts, batchIds, slots, LONGEST_TEXT, places, this.met, this.metCount],
    ]);
    const firsts = { values: vectors.subarray(0, pairs * dim), stride: dim };
    const seconds = { values: vectors.subarray(pairs * dim), stride: dim };
    const table = { values: scores, stride: pairs };
    const square = { rows: pairs, cols: pairs, depth: dim, transposeRight: true };
    program.product(firsts, seconds, square, table);
    program.meet();
    const sharpness = 1 / temperature;
    program.add(OPERATION.contrast, [scores, pairs, { real: sharpness }, sums], pairs);
    program.meet();
    program.add(OPERATION.columnSums, [scores, 0, pairs, pairs, columnSums], pairs);
    program.meet();
    program.add(
      OPERATION.contrastBack,
      [scores, pairs, { real: sharpness / (2 * pairs) }, sums, columnSums, losses],
      pairs,
    );
    program.meet();
    program.add(OPERATION.sumLoss, [losses], pairs);
    const firstGradients = { values: vectorGradients.subarray(0, pairs * dim), stride: dim };
    const secondGradients = { values: vectorGradients.subarray(pairs * dim), stride: dim };
    const back = { rows: pairs, cols: dim, depth: pairs };
    program.product(table, seconds, back, firstGradients);
    program.product(table, firsts, { ...back, transposeLeft: true }, secondGradients);
    program.meet();
    program.add(OPERATION.normalizeBack, [vectors, lengths, dim, vectorGradients]);
    program.meet();
    program.add(OPERATION.sumSparseBack, [
      ...[counts, slots, batchValues, LONGEST_TEXT, vectorGradients, dim],
      ...[this.metCount, dim, this.gradients],
    ]);
    program.meet();
    program.add(OPERATION.adagradSparse, [
      ...[this.table, this.gradients, squares, this.met, this.metCount, dim],
    ]);
    program.meet();
  }
}

function bytesOf({ rows, dim, pairs, steps, stepsAtOnce, threads }: ContrastSettings): number {
  const texts = 2 * pairs;
  return (
    3 * arrayBytes(rows * dim) +
    arrayBytes(steps * 4) +
    arrayBytes(steps * 2) +
    arrayBytes(texts * stepsAtOnce + 1) +
    2 * arrayBytes(texts * stepsAtOnce * LONGEST_TEXT) +
    arrayBytes(texts * stepsAtOnce) +
    Program.bytes(threads, OPERATIONS) +
    3 * arrayBytes(texts * LONGEST_TEXT) +
    2 * arrayBytes(rows) +
    2 * arrayBytes(texts * dim) +
    arrayBytes(pairs * pairs) +
    4 * arrayBytes(texts) +
    65_536
  );
}
