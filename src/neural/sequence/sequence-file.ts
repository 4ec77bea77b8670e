import { StigmergyError } from "../../errors.ts";
import { Classes } from "../classes.ts";
import { decodeFile, encodeFile, type FileArray } from "../model-bytes.ts";
import { TargetScale, type TargetScaleState } from "../target-scale.ts";
import type { SequenceTask } from "./options.ts";
import type { SequenceReport } from "./report.ts";
import { SequenceNetwork } from "./sequence-network.ts";
import type { SequenceParts } from "./sequence-parts.ts";
import type { SequenceShape } from "./shape.ts";
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
  const { content, arrays } = decodeFile(bytes);
  const model = content as SequenceContent;
  if (model.kind !== KIND) {
    throw new StigmergyError(
      "FORMAT",
      "model file: expected a model of sequences; this one is a pattern model, load it with PatternModel",
    );
  }
  const network = new SequenceNetwork(model.shape);
  for (const { name } of network.tensors.list) {
    const values = network.tensors.values(name);
    const array = arrays.get(name);
    if (!(array instanceof Float32Array) || array.length !== values.length) {
      throw new StigmergyError("DAMAGED", `model file: expected the array ${name}`);
    }
    values.set(array);
  }
  const { task, until, labels, scale, temperature, symbols, report } = model;
  return {
    task,
    until: until ?? undefined,
    symbols: new EventSymbols(symbols),
    classes: labels === null ? undefined : new Classes(labels),
    scale: scale === null ? undefined : new TargetScale(scale),
    temperature,
    network,
    report,
  };
}
