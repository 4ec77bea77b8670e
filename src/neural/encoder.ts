import { DimensionError, StigmergyError } from "../errors.ts";
import { DenseColumns, type DenseColumnsState } from "./dense-columns.ts";
import { flattenInput, type FlatInput, type PatternInput } from "./flat-input.ts";
import type { Samples } from "./samples.ts";
import { TextFeatures, type TextFeaturesState } from "./text-features.ts";

/** What a file keeps of an encoder. */
export interface EncoderState {
  readonly dense: DenseColumnsState | undefined;
  readonly text: TextFeaturesState | undefined;
}

/** Turns inputs into what a network reads, as it was found from the inputs that it learned from. */
export class InputEncoder {
  readonly dense: DenseColumns | undefined;
  readonly text: TextFeatures | undefined;

  constructor(dense: DenseColumns | undefined, text: TextFeatures | undefined) {
    this.dense = dense;
    this.text = text;
  }

  /**
   * Finds which numbers, words and facts inputs have.
   * @throws {StigmergyError} INVALID_INPUT when there is nothing in them to learn from
   */
  static learn(inputs: readonly FlatInput[]): InputEncoder {
    const hasText = inputs.some(({ text, exact }) => text !== "" || exact.length > 0);
    const dense = DenseColumns.learn(inputs, hasText);
    const text = hasText ? TextFeatures.learn(inputs) : undefined;
    if (dense === undefined && (text === undefined || text.size === 0)) {
      throw new StigmergyError(
        "INVALID_INPUT",
        "inputs: expected texts with words, numbers, or objects of them; received nothing to learn from",
      );
    }
    return new InputEncoder(dense, text?.size === 0 ? undefined : text);
  }

  /** What a file kept. */
  static from({ dense, text }: EncoderState): InputEncoder {
    return new InputEncoder(
      dense === undefined ? undefined : DenseColumns.from(dense),
      text === undefined ? undefined : TextFeatures.from(text),
    );
  }

  /** What a file keeps. */
  get state(): EncoderState {
    return { dense: this.dense?.state, text: this.text?.state };
  }

  /**
   * Inputs as a network reads them.
   * @throws {DimensionError} for a vector of another length than those learned from
   * @throws {StigmergyError} INVALID_INPUT for a vector or a text where none was learned from
   */
  encode(inputs: readonly FlatInput[]): Samples {
    inputs.forEach((input, i) => this.#checkKind(input, i));
    return {
      count: inputs.length,
      ...(this.dense === undefined ? {} : { dense: this.dense.encode(inputs) }),
      ...(this.text === undefined ? {} : { sparse: this.text.encode(inputs) }),
    };
  }

  /** What says nothing at all to the model is a mistake of whoever asks, and no answer. */
  #checkKind({ text, exact, vector, numbers }: FlatInput, position: number): void {
    const { dense } = this;
    const isVector = vector !== undefined;
    const isText = !isVector && text !== "" && exact.length === 0 && numbers.size === 0;
    if (isVector ? dense?.isOfVectors === true : !isText || this.text !== undefined) return;
    const known = [
      this.text === undefined ? [] : ["texts"],
      dense === undefined ? [] : ["numbers"],
    ];
    throw new StigmergyError(
      "INVALID_INPUT",
      `input ${position}: received a ${isVector ? "vector" : "text"}, and the model learned from ${known.flat().join(" and ")}${dense?.isOfVectors === false ? ` as ${dense.nameOf(0)}; give an object` : ""}`,
    );
  }
}

/**
 * Inputs as callers give them, flat: rows of one array, texts, vectors, or objects.
 * @throws {StigmergyError} INVALID_INPUT for no list, or naming the input that is none of these, or has NaN or ±Infinity
 * @throws {DimensionError} when the array is no whole number of rows
 */
export function flattenInputs(
  inputs: Float32Array | readonly PatternInput[],
  dim: number | undefined,
): FlatInput[] {
  if (Array.isArray(inputs)) return inputs.map((each, i) => flattenInput(each, i));
  if (!(inputs instanceof Float32Array)) {
    const received = inputs === null ? "null" : typeof inputs;
    throw new StigmergyError(
      "INVALID_INPUT",
      `inputs: expected a list of texts, vectors or objects, or a Float32Array, received ${received}; one alone goes in brackets`,
    );
  }
  if (dim === undefined || !Number.isInteger(dim) || dim < 1) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `dim: expected how many values an input has, received ${dim}`,
    );
  }
  if (inputs.length % dim !== 0) {
    throw new DimensionError(
      "inputs length, a multiple of dim",
      Math.ceil(inputs.length / dim) * dim,
      inputs.length,
    );
  }
  return Array.from({ length: inputs.length / dim }, (_, i) =>
    flattenInput(inputs.subarray(i * dim, (i + 1) * dim), i),
  );
}
