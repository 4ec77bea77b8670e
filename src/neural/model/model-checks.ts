import { StigmergyError } from "../../errors.ts";
import type { Classes } from "../training/classes.ts";
import type { InputEncoder } from "../features/encoder.ts";
import type { Replay } from "../features/replay.ts";
import type { EmbedderName } from "../features/text-vectors.ts";
import { lengthOf, tensorsOf, type NetworkShape } from "../network/shape.ts";

const MOST_WIDTH = 1_048_576;
const MOST_LAYERS = 64;

/**
 * A file may come from anybody: what its checksum does not tell is whether its parts fit together, and
 * kernels trust that they do.
 * @throws {StigmergyError} DAMAGED, naming the part
 */
export function checkShape(
  shape: NetworkShape,
  encoder: InputEncoder,
  classes: Classes | undefined,
): void {
  const { dense, features, hidden, outputs, activation } = shape;
  const sizes = [dense, features, outputs, ...(Array.isArray(hidden) ? hidden : [NaN])];
  const isSane = sizes.every((each) => Number.isInteger(each) && each >= 0 && each <= MOST_WIDTH);
  need(isSane && hidden.length <= MOST_LAYERS && !hidden.includes(0), "a network's shape");
  need(["relu", "gelu", "tanh"].includes(activation), "a network's activation");
  // A linear model of texts leaves the numbers of an input out.
  need(dense === 0 || dense === (encoder.dense?.width ?? 0), "the numbers that a network reads");
  need(features >= (encoder.text?.size ?? 0) || features === 0, "the features that it reads");
  need(dense > 0 || features > 0, "what a network reads");
  need(outputs === (classes?.labels.length ?? 1), "a network's outputs");
  need(
    tensorsOf(shape).every((each) => lengthOf(each) <= 2 ** 30),
    "the size of a network",
  );
}

/** @throws {StigmergyError} DAMAGED when samples kept refer to features that there are not */
export function checkReplay({ samples, targets }: Replay, features: number, labels: number): void {
  const { count, dense, sparse } = samples;
  need(targets instanceof Float32Array && targets.length === count, "the targets kept");
  need(labels === 0 || targets.every((each) => each >= 0 && each < labels), "the labels kept");
  need(dense === undefined || count === 0 || dense.length % count === 0, "the numbers kept");
  if (sparse === undefined) return;
  const { starts, ids, values } = sparse;
  const isOrdered = starts.every((each, i) => i === 0 || each >= starts[i - 1]);
  need(starts.length === count + 1 && starts[0] === 0 && isOrdered, "the samples kept");
  need(starts[count] === ids.length && ids.length === values.length, "the features kept");
  need(
    ids.every((id) => id < features),
    "the features kept",
  );
}

/** @throws {StigmergyError} DAMAGED when the labels that came after training begin where there are none */
export function checkLater(first: number | undefined, classes: Classes | undefined): void {
  const most = classes?.labels.length ?? 0;
  const isSane = first === undefined || (Number.isInteger(first) && first > 0 && first < most);
  need(isSane, "the labels learned later");
}

/** @throws {StigmergyError} DAMAGED when an embedder is named whose vectors the model does not read */
export function checkEmbedderName(embedder: EmbedderName | undefined, encoder: InputEncoder): void {
  const isSane =
    embedder === undefined ||
    (typeof embedder.id === "string" &&
      encoder.dense?.isOfVectors === true &&
      encoder.dense.width === embedder.dim);
  need(isSane, "the embedder named");
}

/** @throws {StigmergyError} DAMAGED when an array has another length than its shape says */
export function checkLength(name: string, expected: number, received: number): void {
  need(expected === received, `the array ${name}`);
}

/** @throws {StigmergyError} DAMAGED unless it is so */
export function need(isSo: boolean, what: string): void {
  if (isSo) return;
  throw new StigmergyError(
    "DAMAGED",
    `model file: ${what} does not fit the rest; train the model again, or restore the file`,
  );
}
