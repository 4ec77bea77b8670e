import type { Matrix } from "../../wasm/network/matrix.ts";
import { OPERATION, type Program } from "../../wasm/network/program.ts";
import { columns } from "../network/forward.ts";
import type { TensorSet } from "../network/tensors.ts";
import { addClip, addLoss, addSums, addUpdates, type PlacedTargets } from "../training/update.ts";
import { addSequenceBack } from "./back.ts";
import type { EventBatch, PlacedEvents } from "./batch.ts";
import { addSequenceForward, readWords } from "./forward.ts";
import type { LearnedSequences } from "./learned.ts";
import type { SequenceShape } from "./shape.ts";

/** How a step changes what is learned. */
export interface SequenceStep {
  /** Share of what reaches the outputs that is dropped at random. */
  readonly dropout: number;
  /** Decoupled weight decay of matrices and the table. */
  readonly weightDecay: number;
  /** Longest gradient of all values together; longer ones are scaled down. 0 for none. */
  readonly clip: number;
}

/** What a step reads and writes, all on one heap. */
export interface SequenceStepPlace {
  readonly tensors: TensorSet;
  readonly placed: PlacedEvents;
  readonly targets: PlacedTargets;
  /** How much each sample counts. */
  readonly weights: Float32Array;
  readonly batch: EventBatch;
  readonly learned: LearnedSequences;
}

/** Adds a whole step: forward, loss, back, and a step of Adam. */
export function addSequenceStep(
  program: Program,
  shape: SequenceShape,
  { tensors, placed, targets, weights, batch, learned }: SequenceStepPlace,
  { dropout, weightDecay, clip }: SequenceStep,
): void {
  const { met } = learned;
  const all = shape.times * batch.rows;
  addSequenceForward(program, tensors, shape, placed, batch, dropout);
  const { outputs } = batch;
  addLoss(program, shape.outputs, targets, weights, { ...learned, outputs });
  program.add(
    OPERATION.numberSparse,
    [batch.counts, batch.ids, met.slots, batch.most, met.places, met.ids, met.count],
    all,
  );
  program.meet();
  program.add(OPERATION.sumLoss, [learned.outcomes]);
  addOutputBack(program, tensors, shape, batch, learned, dropout);
  addSequenceBack(program, tensors, shape, batch, learned);
  const { embeddedGradients } = learned;
  program.add(
    OPERATION.sumSparseBack,
    [
      ...[batch.counts, met.slots, batch.values, batch.most],
      ...[embeddedGradients.values, embeddedGradients.stride, met.count],
      ...[embeddedGradients.stride, learned.gradients.get("table") as Float32Array],
    ],
    all,
  );
  program.meet();
  if (clip > 0) addClip(program, tensors, learned, clip);
  addUpdates(program, tensors, learned, { weightDecay, tableRate: 1 });
  program.meet();
}

/** From the outputs' gradients to those of what all events came to; rows of the step alone. */
function addOutputBack(
  program: Program,
  tensors: TensorSet,
  { hidden, outputs }: SequenceShape,
  { read }: EventBatch,
  { gradients, outputGradients, readGradients }: LearnedSequences,
  dropout: number,
): void {
  const output = tensors.matrix("output");
  const out: Matrix = { values: gradients.get("output") as Float32Array, stride: output.stride };
  const bias = gradients.get("outputBias") as Float32Array;
  addSums(program, outputGradients, undefined, outputs, bias);
  const weights = { rows: hidden, cols: columns(outputs), depth: 0, transposeLeft: true };
  program.product(read, outputGradients, weights, out);
  const inputs = { rows: 0, cols: hidden, depth: outputs, transposeRight: true };
  program.product(outputGradients, output, inputs, readGradients);
  program.meet();
  const { values, stride } = readGradients;
  const dropped = [read.values, values, hidden, stride, ...readWords(dropout)];
  if (dropout > 0) program.add(OPERATION.activateBack, dropped);
  program.meet();
}
