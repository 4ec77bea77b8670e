import { DimensionError, StigmergyError } from "../../errors.ts";
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

  /** What a file kept, some of it at a step. */
  static *opening({ dense, text }: EncoderState): Generator<void, InputEncoder> {
    return new InputEncoder(
      dense === undefined ? undefined : DenseColumns.from(dense),
      text === undefined ? undefined : yield* TextFeatures.opening(text),
    );
  }

  /** What a file keeps. */
  get state(): EncoderState {
    return { dense: this.dense?.state, text: this.text?.state };
  }

  /**
   * Inputs as a network reads them.
   * @throws {DimensionError} for a vector of another length than those learned from
   */
  encode(inputs: readonly FlatInput[]): Samples {
    return {
      count: inputs.length,
      ...(this.dense === undefined ? {} : { dense: this.dense.encode(inputs) }),
      ...(this.text === undefined ? {} : { sparse: this.text.encode(inputs) }),
    };
  }

  /**
   * Checks that inputs have something that was learned from: what says nothing at all to a model is a mistake of
   * whoever asks, and gets no answer. An empty text is one.
   * @throws {StigmergyError} INVALID_INPUT naming the input, and what was expected
   */
  check(inputs: readonly FlatInput[]): void {
    inputs.forEach((input, i) => {
      if (this.#reads(input)) return;
      const { vector, text, exact, numbers } = input;
      const isObject = exact.length > 0 || numbers.size > 0 || text === "";
      const received = vector !== undefined ? "a vector" : isObject ? "none of it" : "a text";
      throw new StigmergyError(
        "INVALID_INPUT",
        `input ${i}: expected what the model learned from, ${this.#told()}, received ${received}`,
      );
    });
  }

  #reads({ vector, text, exact, numbers }: FlatInput): boolean {
    if (vector !== undefined) return this.dense?.isOfVectors === true;
    if (this.dense?.knows(numbers)) return true;
    if (this.text === undefined) return false;
    return numbers.size === 0 || text !== "" || exact.length > 0;
  }

  #told(): string {
    const { dense, text } = this;
    const numbers =
      dense === undefined
        ? []
        : [
            dense.isOfVectors
              ? `vectors of ${dense.width} numbers`
              : `numbers as ${dense.nameOf(0)}`,
          ];
    return [...(text === undefined ? [] : ["texts"]), ...numbers].join(" or ");
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
