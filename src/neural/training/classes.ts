import { StigmergyError } from "../../errors.ts";
import { seededRandom } from "../../util/random.ts";
import { told } from "./option.ts";

/** A label as it is given: numbers and booleans stand for their own text. */
export type Label = string | number | boolean;

/** The labels of a model, in the order first met, and the number of each. */
export class Classes {
  readonly labels: readonly string[];
  readonly #numbers: Map<string, number>;

  constructor(labels: readonly string[]) {
    this.labels = labels;
    this.#numbers = new Map(labels.map((label, number) => [label, number]));
  }

  /** @throws {StigmergyError} INVALID_INPUT for fewer than two labels, or one that is empty */
  static of(labels: readonly Label[]): Classes {
    const distinct = [...new Set(labels.map((label, i) => labelText(label, i)))];
    if (distinct.length < 2) {
      throw new StigmergyError(
        "INVALID_INPUT",
        `labels: expected at least 2 different ones, received ${distinct.length}; with one there is nothing to tell apart`,
      );
    }
    return new Classes(distinct);
  }

  /** The number of a label, or undefined. */
  numberOf(label: Label): number | undefined {
    return this.#numbers.get(String(label));
  }

  /** The number of each label; those never met get the number of labels, which no answer is. */
  numbersOf(labels: readonly Label[]): Uint32Array {
    return Uint32Array.from(labels, (label) => this.numberOf(label) ?? this.labels.length);
  }
}

/** @throws {StigmergyError} INVALID_INPUT for what is no label */
export function labelText(label: unknown, position: number): string {
  const isLabel =
    typeof label === "boolean" ||
    (typeof label === "number" && Number.isFinite(label)) ||
    (typeof label === "string" && label !== "");
  if (isLabel) return String(label);
  throw new StigmergyError(
    "INVALID_INPUT",
    `label ${position}: expected text, a number or a boolean, received ${label === "" ? "empty text" : told(label)}`,
  );
}

/** How many samples each class has. */
export function countClasses(numbers: Uint32Array, classes: number): Uint32Array {
  const counts = new Uint32Array(classes);
  for (const number of numbers) if (number < classes) counts[number]++;
  return counts;
}

/** Positions to learn from, and positions held out. */
export interface Split {
  readonly learning: Uint32Array;
  readonly heldOut: Uint32Array;
}

/**
 * Holds out a share of every class, at random by the seed, and never the last one of a class.
 * @param share 0 to below 1
 */
export function splitByClass(numbers: Uint32Array, share: number, seed: number): Split {
  const random = seededRandom(seed);
  const byClass = new Map<number, number[]>();
  numbers.forEach((number, position) => {
    const members = byClass.get(number);
    if (members === undefined) byClass.set(number, [position]);
    else members.push(position);
  });
  const learning: number[] = [];
  const heldOut: number[] = [];
  let owed = 0; // so that many small classes together give their share
  for (const members of byClass.values()) {
    shuffle(members, random);
    owed += members.length * share;
    const count = Math.min(members.length - 1, Math.floor(owed));
    owed -= count;
    heldOut.push(...members.slice(0, count));
    learning.push(...members.slice(count));
  }
  return { learning: sorted(learning), heldOut: sorted(heldOut) };
}

function sorted(positions: number[]): Uint32Array {
  return Uint32Array.from(positions).sort();
}

/** In place; `width` neighbors stay together. Source: Fisher and Yates, 1938. */
export function shuffle(values: number[] | Uint32Array, random: () => number, width = 1): void {
  for (let i = values.length / width - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    for (let k = 0; k < width; k++) {
      const held = values[i * width + k];
      values[i * width + k] = values[j * width + k];
      values[j * width + k] = held;
    }
  }
}
