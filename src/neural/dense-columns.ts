import { DimensionError } from "../errors.ts";
import type { FlatInput } from "./flat-input.ts";

/** Numbers of inputs that a model reads: of more, the first. */
const MOST_COLUMNS = 4096;

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
    const columns = new DenseColumns({
      names,
      means: new Float32Array(width),
      scales: new Float32Array(width).fill(1),
    });
    const rows = columns.#rows(inputs, NaN);
    const { means, scales } = columns.state;
    // A text has length 1: numbers beside it have that all together, and many do not drown its words.
    const spread = besideText ? 1 / Math.sqrt(width) : 1;
    for (let j = 0; j < width; j++) {
      const [mean, deviation] = momentsOf(rows, j, width);
      means[j] = mean;
      // A column that is always the same says nothing; a later difference in it should not shout.
      scales[j] = deviation > 1e-6 * (1 + Math.abs(mean)) ? spread / deviation : spread;
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
    const rows = this.#rows(inputs, undefined);
    const width = this.#means.length;
    for (let at = 0; at < rows.length; at++) {
      const column = at % width;
      rows[at] = (rows[at] - this.#means[column]) * this.#scales[column];
    }
    return rows;
  }

  /** Numbers as they are; `absent`, or the mean, where an input has none. */
  #rows(inputs: readonly FlatInput[], absent: number | undefined): Float32Array {
    const width = this.#means.length;
    const rows = new Float32Array(inputs.length * width);
    inputs.forEach(({ vector, numbers }, i) => {
      const given = this.isOfVectors ? (vector ?? vectorIn(numbers)) : undefined;
      if (given !== undefined) {
        if (given.length !== width) throw new DimensionError(`input ${i}`, width, given.length);
        rows.set(given, i * width);
        return;
      }
      for (let j = 0; j < width; j++) {
        rows[i * width + j] = numbers.get(this.#names[j]) ?? absent ?? this.#means[j];
      }
    });
    return rows;
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

/** Mean and standard deviation of a column, where it has a number. */
function momentsOf(rows: Float32Array, column: number, width: number): [number, number] {
  let count = 0;
  let mean = 0;
  let squares = 0;
  for (let at = column; at < rows.length; at += width) {
    if (Number.isNaN(rows[at])) continue;
    count++;
    const apart = rows[at] - mean;
    mean += apart / count;
    squares += apart * (rows[at] - mean); // Welford, 1962
  }
  return count === 0 ? [0, 0] : [mean, Math.sqrt(squares / count)];
}
