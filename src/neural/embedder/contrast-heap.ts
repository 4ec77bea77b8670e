import { Heap } from "../../wasm/heap.ts";
import { layoutBytes, type Layout } from "../../wasm/layout.ts";
import type { Matrix } from "../../wasm/network/matrix.ts";
import { OPERATION, Program } from "../../wasm/network/program.ts";
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
    const { pairs, threads } = settings;
    const placed = layoutBytes((layout) => void placeAll(layout, settings));
    const heap = new Heap(placed + Program.bytes(threads, OPERATIONS) + 65_536);
    const place = placeAll(heap, settings);
    const { order, schedule, outcomes } = place;
    place.values.fill(1);
    order.forEach((_, i) => (order[i] = i));
    this.heap = heap;
    this.table = place.table;
    this.schedule = schedule;
    this.outcomes = outcomes;
    this.room = { starts: place.starts, ids: place.ids };
    this.gradients = place.gradients;
    this.met = place.met;
    this.metCount = place.metCount;
    const rows = 2 * pairs;
    const common = { threads, rows, seed: 0, operations: OPERATIONS };
    this.program = new Program(heap, { ...common, order, schedule, outcomes });
    addVectors(this.program, place, settings);
    addContrast(this.program, place, settings);
    addTableStep(this.program, place, settings);
  }
}

type Place = ReturnType<typeof placeAll>;

function placeAll(layout: Layout, { rows, dim, pairs, steps, stepsAtOnce }: ContrastSettings) {
  const texts = 2 * pairs;
  return {
    table: layout.f32(rows * dim),
    squares: layout.f32(rows * dim),
    gradients: layout.f32(rows * dim),
    schedule: layout.f32(steps * 4),
    outcomes: layout.f32(steps * 2),
    starts: layout.u32(texts * stepsAtOnce + 1),
    ids: layout.u32(texts * stepsAtOnce * LONGEST_TEXT),
    values: layout.f32(texts * stepsAtOnce * LONGEST_TEXT),
    order: layout.u32(texts * stepsAtOnce),
    // Of a step.
    counts: layout.u32(texts),
    batchIds: layout.u32(texts * LONGEST_TEXT),
    batchValues: layout.f32(texts * LONGEST_TEXT),
    slots: layout.u32(texts * LONGEST_TEXT),
    places: layout.u32(rows),
    met: layout.u32(rows),
    metCount: layout.u32(1),
    vectors: layout.f32(texts * dim),
    lengths: layout.f32(texts),
    vectorGradients: layout.f32(texts * dim),
    scores: layout.f32(pairs * pairs),
    sums: layout.f32(pairs),
    columnSums: layout.f32(pairs),
    losses: layout.f32(texts),
  };
}

/** Adds the vectors of a step's texts, of unit length, and which rows they meet. */
function addVectors(program: Program, place: Place, { dim }: ContrastSettings): void {
  const { counts, batchIds, batchValues, vectors } = place;
  program.add(OPERATION.gatherSparse, [
    ...[place.starts, place.ids, place.values, LONGEST_TEXT, 0, 0, { real: 1 }],
    ...[counts, batchIds, batchValues],
  ]);
  program.add(OPERATION.sumSparse, [
    ...[counts, batchIds, batchValues, LONGEST_TEXT, place.table, dim, 0, vectors, dim],
  ]);
  program.add(OPERATION.normalize, [vectors, dim, place.lengths]);
  program.meet();
  program.add(OPERATION.numberSparse, [
    ...[counts, batchIds, place.slots, LONGEST_TEXT, place.places, place.met, place.metCount],
  ]);
}

/** Adds the scores of all pairs, their loss, and the gradients of the vectors. */
function addContrast(
  program: Program,
  { vectors, vectorGradients, scores, sums, columnSums, losses }: Place,
  { dim, pairs, temperature }: ContrastSettings,
): void {
  const [firsts, seconds] = halvesOf(vectors, pairs, dim);
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
  const [firstGradients, secondGradients] = halvesOf(vectorGradients, pairs, dim);
  const back = { rows: pairs, cols: dim, depth: pairs };
  program.product(table, seconds, back, firstGradients);
  program.product(table, firsts, { ...back, transposeLeft: true }, secondGradients);
  program.meet();
}

/** Those of the first texts of all pairs, and those of the second. */
function halvesOf(vectors: Float32Array, pairs: number, dim: number): [Matrix, Matrix] {
  return [
    { values: vectors.subarray(0, pairs * dim), stride: dim },
    { values: vectors.subarray(pairs * dim), stride: dim },
  ];
}

/** Adds the way from the vectors' gradients to the rows that were met, and a step of Adagrad. */
function addTableStep(program: Program, place: Place, { dim }: ContrastSettings): void {
  const { vectors, lengths, vectorGradients, gradients, met, metCount } = place;
  program.add(OPERATION.normalizeBack, [vectors, lengths, dim, vectorGradients]);
  program.meet();
  program.add(OPERATION.sumSparseBack, [
    ...[place.counts, place.slots, place.batchValues, LONGEST_TEXT, vectorGradients, dim],
    ...[metCount, dim, gradients],
  ]);
  program.meet();
  program.add(OPERATION.adagradSparse, [
    ...[place.table, gradients, place.squares, met, metCount, dim],
  ]);
  program.meet();
}
