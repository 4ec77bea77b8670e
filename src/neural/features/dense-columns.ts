import { DimensionError } from "../../errors.ts";
import type { FlatInput } from "./flat-input.ts";

/** Numbers of inputs that a model reads: of more, the first. */
const MOST_COLUMNS = 4096;
/** Half a step of f32 at 1: how far a mean is rounded, so that what deviates less can't be told apart. */
const ROUNDED = 2 ** -24;

/** What a file keeps of dense columns; arrays by column. */
export interface DenseColumnsState {
  /** Names of the numbers; empty when inputs are vectors. */
  readonly names: readonly string[];
  readonly means: Float32Array;
  readonly scales: Float32Array;
}

/**
 * The numbers of inputs, each column brought to mean 0 and deviation 1 as found in training; beside
 * texts to deviation 1 / √columns. A number that an input lacks counts as the mean.
 */
export class DenseColumns {
  readonly #names: readonly string[];
  readonly #means: Float32Array;
  readonly #scales: Float32Array;

  private constructor({ names, means, scales }: DenseColumnsState) {
    this.#names = names;
    this.#means = means;
    this.#scales = scales;
  }

  /**
   * Finds the columns of inputs; undefined when they have no numbers.
   * @param besideText whether inputs have texts, too
   */
  static learn(inputs: readonly FlatInput[], besideText: boolean): DenseColumns | undefined {
    const vector = inputs.find((each) => each.vector !== undefined)?.vector;
    const names = vector === undefined ? namesOf(inputs) : [];
    const width = vector?.length ?? names.length;
    if (width === 0) return undefined;
    const means = new Float32Array(width);
    const scales = new Float32Array(width).fill(1);
    const columns = new DenseColumns({ names, means, scales });
    // A text has length 1: numbers beside it have that all together, and many do not drown its words.
    const spread = besideText ? 1 / Math.sqrt(width) : 1;
    const moments = columns.#moments(inputs);
    for (let j = 0; j < width; j++) {
      const { mean, deviation } = moments[j];
      means[j] = mean;
      // A column that is always the same says nothing; a later difference in it should not shout.
      const varies = deviation > ROUNDED * Math.abs(mean);
      scales[j] = spread / (varies ? deviation : Math.max(1, Math.abs(mean)));
    }
    return columns;
  }

  /** What a file kept. */
  static from(state: DenseColumnsState): DenseColumns {
    return new DenseColumns(state);
  }

  /** What a file keeps. */
  get state(): DenseColumnsState {
    return { names: this.#names, means: this.#means, scales: this.#scales };
  }

  /** Numbers of an input. */
  get width(): number {
    return this.#means.length;
  }

  /** Whether inputs have vectors; else they have numbers with names. */
  get isOfVectors(): boolean {
    return this.#names.length === 0;
  }

  /** Whether an object has any of the numbers. */
  knows(numbers: ReadonlyMap<string, number>): boolean {
    return this.isOfVectors
      ? numbers.has("vector.0")
      : numbers.size > 0 && this.#names.some((name) => numbers.has(name));
  }

  /** What a column is called: its field, or its place in a vector. */
  nameOf(column: number): string {
    return this.#names[column] ?? `value ${column}`;
  }

  /**
   * f32[inputs.length × width].
   * @throws {DimensionError} for a vector of another length
   */
  encode(inputs: readonly FlatInput[]): Float32Array {
    const width = this.#means.length;
    const rows = new Float32Array(inputs.length * width);
    inputs.forEach((input, i) => {
      this.#eachNumber(input, i, (number, j) => {
        // The difference of two large numbers, such as times: in f64.
        rows[i * width + j] = (number - this.#means[j]) * this.#scales[j];
      });
    });
    return rows;
  }

  /** Mean and standard deviation of each column, where it has a number. Source: Welford, 1962. */
  #moments(inputs: readonly FlatInput[]): { readonly mean: number; readonly deviation: number }[] {
    const width = this.#means.length;
    const counts = new Uint32Array(width);
    const means = new Float64Array(width);
    const squares = new Float64Array(width);
    inputs.forEach((input, i) => {
      this.#eachNumber(input, i, (number, j) => {
        const apart = number - means[j];
        means[j] += apart / ++counts[j];
        squares[j] += apart * (number - means[j]);
      });
    });
    return Array.from(means, (mean, j) => ({
      mean,
      deviation: Math.sqrt(squares[j] / Math.max(1, counts[j])),
    }));
  }

  /** Calls back with each number that an input has, and its column. */
  #eachNumber(
    { vector, numbers }: FlatInput,
    i: number,
    found: (number: number, column: number) => void,
  ): void {
    const width = this.#means.length;
    const given = this.isOfVectors ? (vector ?? vectorIn(numbers)) : undefined;
    if (given !== undefined) {
      if (given.length !== width) throw new DimensionError(`input ${i}`, width, given.length);
      for (let j = 0; j < width; j++) found(given[j], j);
      return;
    }
    for (let j = 0; j < width; j++) {
      const number = numbers.get(this.#names[j]);
      if (number !== undefined) found(number, j);
    }
  }
}

/** The vector of an object, `{text, vector}`: how one is asked for that was learned beside a text. */
function vectorIn(numbers: ReadonlyMap<string, number>): number[] | undefined {
  const values: number[] = [];
  for (let i = 0; numbers.has(`vector.${i}`); i++) values.push(numbers.get(`vector.${i}`) ?? 0);
  return values.length === 0 ? undefined : values;
}

function namesOf(inputs: readonly FlatInput[]): string[] {
  const names = new Set<string>();
  for (const { numbers } of inputs) {
    for (const name of numbers.keys()) if (names.size < MOST_COLUMNS) names.add(name);
  }
  return [...names];
}
