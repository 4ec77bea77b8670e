import type { Heap } from "../../wasm/heap.ts";
import type { Answerer } from "../network/answerer.ts";
import { ForwardPass } from "../network/forward-pass.ts";
import type { FileArray } from "./model-bytes.ts";
import { checkLength } from "./model-checks.ts";
import { Network } from "../network/network.ts";
import { PackedTensors } from "../network/packed-tensors.ts";
import {
  isQuantized,
  quantizedLengths,
  QuantizedNetwork,
  type KeptTensor,
  type QuantizedTensor,
} from "../network/quantized-network.ts";
import { lengthOf, tensorsOf, type NetworkShape } from "../network/shape.ts";
import {
  codedLengths,
  writeTable,
  type CodeBits,
  type CodedTable,
} from "../network/table-codes.ts";

const PIECE = 4 * 2 ** 20; // codes copied at a step
const ALIGN_BYTES = 64;

/** What the JSON of a model's file says of a network; its arrays are `<number>/<tensor>`. */
export interface KeptNetwork {
  /** Of weights. */
  readonly bits: 32 | 8;
  /** Of tables; absent in files of format 1, where it was that of weights. Such of 32 are rounded when read. */
  readonly tableBits?: CodeBits;
  readonly shape: NetworkShape;
}

/** The arrays of a network as a file has them. @throws {StigmergyError} DAMAGED when one has another length */
export function keptTensors(
  { bits, tableBits, shape }: KeptNetwork,
  index: number,
  array: <Kind extends FileArray>(name: string) => Kind,
): Map<string, KeptTensor> {
  const checked = (name: string, length: number): FileArray => {
    const values = array(`${index}/${name}`);
    checkLength(name, length, values.length);
    return values;
  };
  const codes = (
    name: string,
    lengths: { readonly values: number; readonly scales: number },
  ): QuantizedTensor => ({
    values: checked(name, lengths.values) as Int8Array,
    scales: checked(`${name}/scales`, lengths.scales) as Float32Array,
  });
  const kept = tensorsOf(shape).map((tensor): [string, KeptTensor] => {
    const { name, stride, isTable } = tensor;
    const isCoded = isTable ? bits === 8 || tableBits !== undefined : bits === 8;
    if (!isCoded || !isQuantized(tensor)) {
      return [name, checked(name, lengthOf(tensor)) as Float32Array];
    }
    if (!isTable) return [name, codes(name, quantizedLengths(tensor))];
    const coded = bits === 8 && tableBits === 4 ? 4 : 8;
    return [name, { bits: coded, stride, ...codes(name, codedLengths(tensor, coded)) }];
  });
  return new Map(kept);
}

/** A network of tensors as they stand where a heap is given over with them, else of copies. */
export function* openingNetwork(
  { bits, tableBits, shape }: KeptNetwork,
  kept: Map<string, KeptTensor>,
  heap: Heap | undefined,
): Generator<void, Answerer> {
  const isCurrent = bits === 8 || tableBits !== undefined;
  const stands = isCurrent && heap !== undefined && standOn(heap, kept, shape);
  if (bits === 8) {
    return stands ? new QuantizedNetwork(heap, shape, kept) : QuantizedNetwork.of(shape, kept);
  }
  if (stands) {
    const all = [...kept];
    const values = all.filter((each): each is [string, Float32Array] => !("scales" in each[1]));
    const tables = all.filter((each): each is [string, CodedTable] => "bits" in each[1]);
    const places = { values: new Map(values), tables: new Map(tables) };
    return new Network(heap, new PackedTensors(shape, places));
  }
  const network = Network.zeros(shape);
  const { tensors } = network;
  for (const { name, isTable } of tensors.list) {
    const tensor = kept.get(name) as KeptTensor;
    if (!isTable) tensors.values(name).set(tensor as Float32Array);
    else if (!("scales" in tensor)) writeTable(tensors.table(name), tensor);
    else {
      tensors.table(name).scales.set(tensor.scales);
      yield* copying(tensor.values, tensors.table(name).values);
    }
  }
  return network;
}

/** Whether tensors stand on a heap, at boundaries that kernels read from, with room beside them for a pass. */
function standOn(heap: Heap, kept: ReadonlyMap<string, KeptTensor>, shape: NetworkShape): boolean {
  const arrays = [...kept.values()].flatMap((tensor) =>
    "scales" in tensor ? [tensor.values, tensor.scales] : [tensor],
  );
  const stand = ({ buffer, byteOffset }: ArrayBufferView): boolean =>
    buffer === heap.memory.buffer && byteOffset % ALIGN_BYTES === 0;
  return arrays.every(stand) && heap.freeBytes >= ForwardPass.bytes(shape) + ALIGN_BYTES;
}

/** Copies codes, some of them at a step. */
function* copying(from: Int8Array, to: Int8Array): Generator<void> {
  for (let at = 0; at < from.length; at += PIECE) {
    to.set(from.subarray(at, at + PIECE), at);
    yield;
  }
}
