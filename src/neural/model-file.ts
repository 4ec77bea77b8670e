import process from "node:process";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { StigmergyError } from "../errors.ts";
import type { Answerer } from "./answerer.ts";
import { Classes } from "./classes.ts";
import { InputEncoder } from "./encoder.ts";
import { decodeFile, encodeFile, type FileArray, type FileContent } from "./model-bytes.ts";
import { checkLength, checkReplay, checkShape } from "./model-checks.ts";
import type { ModelParts } from "./model-parts.ts";
import { Network } from "./network.ts";
import {
  isQuantized,
  quantizedLengths,
  QuantizedNetwork,
  type QuantizedTensor,
} from "./quantized-network.ts";
import type { TrainReport } from "./report.ts";
import type { NetworkShape } from "./shape.ts";
import { lengthOf, tensorsOf } from "./shape.ts";
import { TargetScale, type TargetScaleState } from "./target-scale.ts";
import type { Task } from "./train-options.ts";

const MOST_BYTES = 2 ** 30;

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
  readonly networks: readonly { readonly bits: 32 | 8; readonly shape: NetworkShape }[];
  readonly replay: { readonly count: number; readonly seen: number } | null;
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
  };
  return encodeFile({ content, arrays });
}

function addNetwork(
  arrays: Map<string, FileArray>,
  network: Answerer,
  index: number,
): { bits: 32 | 8; shape: NetworkShape } {
  if (network instanceof QuantizedNetwork) {
    for (const [name, tensor] of network.tensors) {
      if (tensor instanceof Float32Array) arrays.set(`${index}/${name}`, tensor);
      else {
        arrays.set(`${index}/${name}`, tensor.values);
        arrays.set(`${index}/${name}/scales`, tensor.scales);
      }
    }
    return { bits: 8, shape: network.shape };
  }
  if (!(network instanceof Network)) {
    throw new StigmergyError("NOT_SUPPORTED", "model file: a network of an unknown kind");
  }
  for (const { name } of network.tensors.list) {
    arrays.set(`${index}/${name}`, network.tensors.values(name));
  }
  return { bits: 32, shape: network.shape };
}

/**
 * A model's parts from its bytes.
 * @throws {StigmergyError} FORMAT, DAMAGED
 */
export function decodeModel(bytes: Uint8Array): ModelParts {
  const file = decodeFile(bytes);
  try {
    return partsOf(file);
  } catch (cause) {
    if (cause instanceof StigmergyError) throw cause;
    throw new StigmergyError("DAMAGED", "model file: its parts do not fit together", { cause });
  }
}

function partsOf({ content, arrays }: FileContent): ModelParts {
  const model = content as ModelContent;
  if (model.networks === undefined) {
    throw new StigmergyError(
      "FORMAT",
      "model file: expected a pattern model; this one is of another kind, such as of sequences",
    );
  }
  const array = <Kind extends FileArray>(name: string): Kind => {
    const found = arrays.get(name);
    if (found !== undefined) return found as Kind;
    throw new StigmergyError("DAMAGED", `model file: expected the array ${name}`);
  };
  const dense =
    model.names === null
      ? undefined
      : {
          names: model.names,
          means: array<Float32Array>("means"),
          scales: array<Float32Array>("scales"),
        };
  const text =
    model.texts === null
      ? undefined
      : {
          texts: model.texts.count,
          hasRuns: model.texts.hasRuns,
          hasStems: model.texts.hasStems ?? false,
          hasPlaces: model.texts.hasPlaces ?? false,
          hashes: array<Uint32Array>("hashes"),
          kinds: array<Uint8Array>("kinds"),
          weights: array<Float32Array>("weights"),
        };
  const encoder = InputEncoder.from({ dense, text });
  const classes = model.labels === null ? undefined : new Classes(model.labels);
  for (const { shape } of model.networks) checkShape(shape, encoder, classes);
  const replay = readReplay(model, arrays);
  if (replay !== undefined) {
    checkReplay(replay, encoder.text?.size ?? 0, classes?.labels.length ?? 0);
  }
  return {
    task: model.task,
    encoder,
    classes,
    networks: model.networks.map((each, i) => readNetwork(each, i, array)),
    scale: model.scale === null ? undefined : new TargetScale(model.scale),
    temperature: model.temperature,
    threshold: model.threshold,
    report: model.report,
    replay,
  };
}

function readNetwork(
  { bits, shape }: { bits: 32 | 8; shape: NetworkShape },
  index: number,
  array: <Kind extends FileArray>(name: string) => Kind,
): Answerer {
  if (bits === 32) {
    const network = new Network(shape);
    for (const { name } of network.tensors.list) {
      const values = array<Float32Array>(`${index}/${name}`);
      checkLength(name, network.tensors.values(name).length, values.length);
      network.tensors.values(name).set(values);
    }
    return network;
  }
  const tensors = tensorsOf(shape).map((tensor): [string, QuantizedTensor | Float32Array] => {
    const { name } = tensor;
    const values = array<Int8Array | Float32Array>(`${index}/${name}`);
    if (!isQuantized(tensor)) {
      checkLength(name, lengthOf(tensor), values.length);
      return [name, values as Float32Array];
    }
    const scales = array<Float32Array>(`${index}/${name}/scales`);
    const { values: length, scales: count } = quantizedLengths(tensor);
    checkLength(name, length, values.length);
    checkLength(`${name}/scales`, count, scales.length);
    return [name, { values: values as Int8Array, scales }];
  });
  return new QuantizedNetwork(shape, new Map(tensors));
}

function readReplay(
  { replay }: ModelContent,
  arrays: ReadonlyMap<string, FileArray>,
): ModelParts["replay"] {
  if (replay === null) return undefined;
  const get = (name: string): unknown => arrays.get(`replay.${name}`);
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

/**
 * Reads a model's file.
 * @throws {StigmergyError} NOT_FOUND, IO_FAILED, FORMAT, DAMAGED
 */
export async function readModel(path: string): Promise<ModelParts> {
  return decodeModel(await readModelBytes(path));
}

/** The bytes of a model's file. @throws {StigmergyError} NOT_FOUND, IO_FAILED, TOO_LARGE */
export async function readModelBytes(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) {
      throw new StigmergyError(
        "TOO_LARGE",
        `model file: expected at most ${MOST_BYTES} bytes, received ${size}`,
      );
    }
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof StigmergyError) throw cause;
    const isAbsent = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new StigmergyError(
      isAbsent ? "NOT_FOUND" : "IO_FAILED",
      isAbsent
        ? "model file: nothing is there; save a model to it first"
        : "model file: could not be read",
      { cause },
    );
  }
}

/**
 * Writes the bytes of a model's file: under another name, to the disk, and then in place of what stood
 * there.
 * @throws {StigmergyError} IO_FAILED; what stood there is untouched
 */
export async function writeModelBytes(path: string, bytes: Uint8Array): Promise<void> {
  const fresh = `${path}.${process.pid}.new`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(fresh, "w", 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
    const folder = await open(dirname(path), "r");
    await folder.sync().finally(() => folder.close());
  } catch (cause) {
    // Where nothing could be made there is nothing to remove.
    await rm(fresh, { force: true }).catch(() => undefined);
    throw new StigmergyError("IO_FAILED", "model file: could not be written", { cause });
  }
}
