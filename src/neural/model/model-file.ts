import { StigmergyError } from "../../errors.ts";
import type { Answerer } from "../network/answerer.ts";
import { Classes } from "../training/classes.ts";
import { InputEncoder } from "../features/encoder.ts";
import { keptTensors, openingNetwork, type KeptNetwork } from "./kept-network.ts";
import { encodeFile, type FileArray, type FileContent } from "./model-bytes.ts";
import { checkEmbedderName, checkLater, checkReplay, checkShape } from "./model-checks.ts";
import type { ModelParts } from "./model-parts.ts";
import { Network } from "../network/network.ts";
import { QuantizedNetwork, type QuantizedTensor } from "../network/quantized-network.ts";
import type { TrainReport } from "./report.ts";
import type { CodeBits } from "../network/table-codes.ts";
import { TargetScale, type TargetScaleState } from "../training/target-scale.ts";
import type { EmbedderName } from "../features/text-vectors.ts";
import type { Task } from "../training/train-options.ts";

/** The JSON of a model's file; its arrays are named as below. */
interface ModelContent {
  readonly task: Task;
  readonly labels: readonly string[] | null;
  readonly scale: TargetScaleState | null;
  readonly temperature: number;
  readonly threshold: number;
  readonly report: TrainReport;
  readonly names: readonly string[] | null;
  readonly texts: {
    readonly count: number;
    readonly hasRuns: boolean;
    /** Absent in files of before there were stems. */
    readonly hasStems?: boolean;
    readonly hasPlaces?: boolean;
  } | null;
  readonly networks: readonly KeptNetwork[];
  readonly replay: { readonly count: number; readonly seen: number } | null;
  /** Absent where no label came after training. */
  readonly laterFrom?: number;
  /** Absent where texts are not embedded. */
  readonly embedder?: EmbedderName;
}

/** The bytes of a model; the same model gives the same bytes. */
export function encodeModel(parts: ModelParts): Uint8Array {
  const { encoder, replay } = parts;
  const { dense, text } = encoder.state;
  const arrays = new Map<string, FileArray>();
  if (dense !== undefined) arrays.set("means", dense.means).set("scales", dense.scales);
  if (text !== undefined) {
    arrays.set("hashes", text.hashes).set("kinds", text.kinds).set("weights", text.weights);
  }
  const networks = parts.networks.map((network, i) => addNetwork(arrays, network, i));
  if (replay !== undefined) {
    arrays.set("replay.targets", replay.targets);
    if (replay.samples.dense !== undefined) arrays.set("replay.dense", replay.samples.dense);
    if (replay.samples.sparse !== undefined) {
      const { starts, ids, values } = replay.samples.sparse;
      arrays.set("replay.starts", starts).set("replay.ids", ids).set("replay.values", values);
    }
  }
  const content: ModelContent = {
    task: parts.task,
    labels: parts.classes?.labels ?? null,
    scale: parts.scale?.state ?? null,
    temperature: parts.temperature,
    threshold: parts.threshold,
    report: parts.report,
    names: dense?.names ?? null,
    texts:
      text === undefined
        ? null
        : {
            count: text.texts,
            hasRuns: text.hasRuns,
            hasStems: text.hasStems,
            hasPlaces: text.hasPlaces,
          },
    networks,
    replay: replay === undefined ? null : { count: replay.samples.count, seen: replay.seen },
    ...(parts.laterFrom === undefined ? {} : { laterFrom: parts.laterFrom }),
    ...(parts.embedder === undefined ? {} : { embedder: parts.embedder }),
  };
  return encodeFile({ content, arrays });
}

function addNetwork(arrays: Map<string, FileArray>, network: Answerer, index: number): KeptNetwork {
  if (network instanceof QuantizedNetwork) {
    let tableBits: CodeBits = 8;
    for (const [name, tensor] of network.tensors) {
      if (tensor instanceof Float32Array) arrays.set(`${index}/${name}`, tensor);
      else addCodes(arrays, `${index}/${name}`, tensor);
      if ("bits" in tensor) tableBits = tensor.bits;
    }
    return { bits: 8, tableBits, shape: network.shape };
  }
  if (!(network instanceof Network)) {
    throw new StigmergyError("NOT_SUPPORTED", "model file: a network of an unknown kind");
  }
  const { tensors } = network;
  for (const { name, isTable } of tensors.list) {
    if (isTable) addCodes(arrays, `${index}/${name}`, tensors.table(name));
    else arrays.set(`${index}/${name}`, tensors.values(name));
  }
  return { bits: 32, tableBits: 8, shape: network.shape };
}

function addCodes(
  arrays: Map<string, FileArray>,
  name: string,
  { values, scales }: QuantizedTensor,
): void {
  arrays.set(name, values).set(`${name}/scales`, scales);
}

/**
 * A model's parts from the content of its file, some of them at a step. Nothing of the file's bytes is held on to.
 * @throws {StigmergyError} FORMAT, DAMAGED
 */
export function* openingModel(file: FileContent): Generator<void, ModelParts> {
  try {
    return yield* openingParts(file);
  } catch (cause) {
    if (cause instanceof StigmergyError) throw cause;
    throw new StigmergyError("DAMAGED", "model file: its parts do not fit together", { cause });
  }
}

function* openingParts({ content, arrays, heap }: FileContent): Generator<void, ModelParts> {
  const model = content as ModelContent;
  if (model.networks === undefined) {
    throw new StigmergyError(
      "FORMAT",
      "model file: expected a pattern model; this one is of another kind, such as of sequences",
    );
  }
  const array = arrayOf(arrays);
  const encoder = yield* openingEncoder(model, array);
  yield;
  const classes = model.labels === null ? undefined : new Classes(model.labels);
  for (const { shape } of model.networks) checkShape(shape, encoder, classes);
  checkLater(model.laterFrom, classes);
  checkEmbedderName(model.embedder, encoder);
  const replay = readReplay(model, arrays);
  if (replay !== undefined) {
    checkReplay(replay, encoder.text?.size ?? 0, classes?.labels.length ?? 0);
  }
  yield;
  const networks: Answerer[] = [];
  for (const [i, each] of model.networks.entries()) {
    networks.push(yield* openingNetwork(each, keptTensors(each, i, array), heap));
  }
  return {
    task: model.task,
    encoder,
    classes,
    networks,
    scale: model.scale === null ? undefined : new TargetScale(model.scale),
    temperature: model.temperature,
    threshold: model.threshold,
    report: model.report,
    replay,
    laterFrom: model.laterFrom,
    embedder: model.embedder,
  };
}

/** Gives arrays by name. */
type ArrayOf = <Kind extends FileArray>(name: string) => Kind;

function arrayOf(arrays: FileContent["arrays"]): ArrayOf {
  return <Kind extends FileArray>(name: string): Kind => {
    const found = arrays.get(name);
    if (found !== undefined) return found as Kind;
    throw new StigmergyError("DAMAGED", `model file: expected the array ${name}`);
  };
}

function* openingEncoder(
  { names, texts }: ModelContent,
  array: ArrayOf,
): Generator<void, InputEncoder> {
  const kept = <Kind extends FileArray>(name: string): Kind => array<Kind>(name).slice() as Kind;
  const dense =
    names === null
      ? undefined
      : { names, means: kept<Float32Array>("means"), scales: kept<Float32Array>("scales") };
  const text =
    texts === null
      ? undefined
      : {
          texts: texts.count,
          hasRuns: texts.hasRuns,
          hasStems: texts.hasStems ?? false,
          hasPlaces: texts.hasPlaces ?? false,
          hashes: array<Uint32Array>("hashes"),
          kinds: kept<Uint8Array>("kinds"),
          weights: kept<Float32Array>("weights"),
        };
  return yield* InputEncoder.opening({ dense, text });
}

function readReplay(
  { replay }: ModelContent,
  arrays: ReadonlyMap<string, FileArray>,
): ModelParts["replay"] {
  if (replay === null) return undefined;
  const get = (name: string): unknown => arrays.get(`replay.${name}`)?.slice();
  const dense = get("dense") as Float32Array | undefined;
  const starts = get("starts") as Uint32Array | undefined;
  return {
    samples: {
      count: replay.count,
      ...(dense === undefined ? {} : { dense }),
      ...(starts === undefined
        ? {}
        : {
            sparse: {
              starts,
              ids: get("ids") as Uint32Array,
              values: get("values") as Float32Array,
            },
          }),
    },
    targets: get("targets") as Float32Array,
    seen: replay.seen,
  };
}
