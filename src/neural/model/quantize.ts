import { StigmergyError } from "../../errors.ts";
import { forwardMean, type Answerer } from "../network/answerer.ts";
import { largest } from "../training/calibration.ts";
import type { ModelParts } from "./model-parts.ts";
import { encodeModel } from "./model-file.ts";
import { Network } from "../network/network.ts";
import {
  isQuantized,
  QuantizedNetwork,
  type KeptTensor,
  type QuantizedTensor,
  type QuantizedTensors,
} from "../network/quantized-network.ts";
import { paddedDim } from "../../wasm/vectors/distance.ts";
import type { TensorShape } from "../network/shape.ts";
import type { CompressionReport } from "./report.ts";
import { codedLengths, readCodes, writeCodes, type CodedTable } from "../network/table-codes.ts";

const TABLE_BITS = 4;

/**
 * A model whose weights are 8-bit values and its tables 4-bit ones, with a scale for each output or row. Sums of
 * many rows bear that, because what rounding adds to them is as often more as less.
 *
 * Source: Jacob et al., Quantization and training of neural networks for efficient integer-arithmetic-only inference, 2018.
 *
 * @throws {StigmergyError} NOT_SUPPORTED when it is compressed already
 */
export function quantizeModel(parts: ModelParts): {
  readonly parts: ModelParts;
  readonly report: CompressionReport;
} {
  const networks = parts.networks.map((network): Answerer => {
    if (network instanceof Network) return quantizeNetwork(network);
    throw new StigmergyError("NOT_SUPPORTED", "compress: this model is compressed already");
  });
  const small: ModelParts = { ...parts, networks, replay: undefined };
  return { parts: small, report: compare(parts, small) };
}

/** The same network with weights of 8 bits and tables of 4. */
export function quantizeNetwork(network: Network): QuantizedNetwork {
  const tensors: [string, KeptTensor][] = network.tensors.list.map((tensor) => {
    if (tensor.isTable) return [tensor.name, halved(network.tensors.table(tensor.name), tensor)];
    const values = network.tensors.values(tensor.name);
    return [tensor.name, isQuantized(tensor) ? quantizeColumns(values, tensor) : values.slice()];
  });
  return QuantizedNetwork.of(network.shape, new Map(tensors) satisfies QuantizedTensors);
}

/** A table of 8 bits in 4. */
function halved(table: CodedTable, tensor: TensorShape): CodedTable {
  const { values, scales } = codedLengths(tensor, TABLE_BITS);
  const out: CodedTable = {
    bits: TABLE_BITS,
    stride: tensor.stride,
    values: new Int8Array(values),
    scales: new Float32Array(scales),
  };
  const row = new Float32Array(tensor.stride);
  for (let i = 0; i < tensor.rows; i++) {
    readCodes(table, i, row);
    writeCodes(out, i, row);
  }
  return out;
}

/** Weights: i8[cols][rows rounded up to 16], a scale for each output. */
function quantizeColumns(
  values: Float32Array,
  { rows, cols, stride }: TensorShape,
): QuantizedTensor {
  const depth = paddedDim(rows);
  const out = { values: new Int8Array(cols * depth), scales: new Float32Array(cols) };
  for (let col = 0; col < cols; col++) {
    const column = Float32Array.from({ length: rows }, (_, row) => values[row * stride + col]);
    out.scales[col] = scaleOf(column);
    column.forEach((value, row) => {
      out.values[col * depth + row] = step(value, out.scales[col]);
    });
  }
  return out;
}

function scaleOf(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
}

function step(value: number, scale: number): number {
  return scale === 0 ? 0 : Math.max(-127, Math.min(127, Math.round(value / scale)));
}

function compare(before: ModelParts, after: ModelParts): CompressionReport {
  const bytes = {
    bytesBefore: encodeModel(before).length,
    bytesAfter: encodeModel(after).length,
  };
  const { replay } = before;
  const none = { agreement: null, accuracyBefore: null, accuracyAfter: null };
  if (replay === undefined) return { ...bytes, ...none, samples: 0, outputError: 0 };
  const { samples, targets } = replay;
  const old = forwardMean(before.networks, samples);
  const now = forwardMean(after.networks, samples);
  const apart = old.reduce((sum, value, i) => sum + Math.abs(value - now[i]), 0);
  const report = { ...bytes, samples: samples.count, outputError: apart / old.length };
  if (before.classes === undefined) return { ...report, ...none };
  const width = before.classes.labels.length;
  const answers = (outputs: Float32Array): number[] =>
    Array.from(targets, (_, i) => largest(outputs.subarray(i * width, (i + 1) * width)));
  const oldAnswers = answers(old);
  const newAnswers = answers(now);
  const share = (isSo: (i: number) => boolean): number =>
    oldAnswers.filter((_, i) => isSo(i)).length / samples.count;
  return {
    ...report,
    agreement: share((i) => oldAnswers[i] === newAnswers[i]),
    accuracyBefore: share((i) => oldAnswers[i] === targets[i]),
    accuracyAfter: share((i) => newAnswers[i] === targets[i]),
  };
}
