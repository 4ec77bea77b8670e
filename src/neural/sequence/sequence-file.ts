import { StigmergyError } from "../../errors.ts";
import { Classes } from "../training/classes.ts";
import { decodeFile, encodeFile, type FileArray, type FileContent } from "../model/model-bytes.ts";
import { checkLength, need } from "../model/model-checks.ts";
import { lengthOf } from "../network/shape.ts";
import { TargetScale, type TargetScaleState } from "../training/target-scale.ts";
import { MOST_TIMES, type SequenceTask } from "./options.ts";
import type { SequenceReport } from "./report.ts";
import { SequenceNetwork } from "./sequence-network.ts";
import type { SequenceParts } from "./sequence-parts.ts";
import { sequenceTensors, type SequenceShape } from "./shape.ts";
import { EventSymbols } from "./symbols.ts";

const KIND = "sequences";

/** The JSON of a file; its arrays are named as the tensors are. */
interface SequenceContent {
  readonly kind: typeof KIND;
  readonly task: SequenceTask;
  readonly until: string | null;
  readonly labels: readonly string[] | null;
  readonly scale: TargetScaleState | null;
  readonly temperature: number;
  readonly symbols: readonly string[];
  readonly shape: SequenceShape;
  readonly report: SequenceReport;
}

/** The bytes of a model; the same model gives the same bytes. */
export function encodeSequences(parts: SequenceParts): Uint8Array {
  const { task, until, symbols, classes, scale, temperature, network, report } = parts;
  const content: SequenceContent = {
    kind: KIND,
    task,
    until: until ?? null,
    labels: classes?.labels ?? null,
    scale: scale?.state ?? null,
    temperature,
    symbols: symbols.known,
    shape: network.shape,
    report,
  };
  const { tensors } = network;
  const arrays = new Map<string, FileArray>(
    tensors.list.map(({ name }) => [name, tensors.values(name)]),
  );
  return encodeFile({ content, arrays });
}

/**
 * A model's parts from its bytes.
 * @throws {StigmergyError} FORMAT, DAMAGED
 */
export function decodeSequences(bytes: Uint8Array): SequenceParts {
  const file = decodeFile(bytes);
  if ((file.content as SequenceContent).kind !== KIND) {
    throw new StigmergyError(
      "FORMAT",
      "model file: expected a model of sequences; this one is of another kind, such as a PatternModel",
    );
  }
  try {
    return partsOf(file);
  } catch (cause) {
    if (cause instanceof StigmergyError) throw cause;
    throw new StigmergyError("DAMAGED", "model file: its parts do not fit together", { cause });
  }
}

function partsOf({ content, arrays }: FileContent): SequenceParts {
  const model = content as SequenceContent;
  const { task, until, scale, temperature, report } = model;
  const symbols = new EventSymbols(model.symbols);
  const classes = model.labels === null ? undefined : new Classes(model.labels);
  const isTime = task === "time" && classes === undefined && scale !== null && until !== null;
  const isNext = task === "next" && classes !== undefined && scale === null && until === null;
  need(isTime || isNext, "what the model is asked for");
  need(temperature > 0, "its temperature");
  checkShape(model.shape, symbols.rows, classes?.labels.length ?? 1);
  const network = new SequenceNetwork(model.shape);
  for (const { name } of network.tensors.list) {
    const values = network.tensors.values(name);
    const array = arrays.get(name);
    need(array instanceof Float32Array, `the array ${name}`);
    checkLength(name, values.length, (array as Float32Array).length);
    values.set(array as Float32Array);
  }
  return {
    task,
    until: until ?? undefined,
    symbols,
    classes,
    scale: scale === null ? undefined : new TargetScale(scale),
    temperature,
    network,
    report,
  };
}

/** A file may come from anybody: kernels trust that its parts fit together. */
function checkShape(shape: SequenceShape, symbols: number, outputs: number): void {
  const { family, width, hidden, times } = shape;
  need(family === "gru" || family === "convolution", "a network's family");
  const isSane = [width, hidden].every((each) => each >= 16 && each <= 4096 && each % 16 === 0);
  need(isSane && Number.isInteger(times) && times >= 1 && times <= MOST_TIMES, "a network's shape");
  need(shape.symbols === symbols, "the symbols that a network reads");
  need(shape.outputs === outputs, "a network's outputs");
  const isSmall = sequenceTensors(shape).every((each) => lengthOf(each) <= 2 ** 28);
  need(isSmall, "the size of a network");
}
