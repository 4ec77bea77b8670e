import { DimensionError, StigmergyError } from "../../errors.ts";
import { Classes, labelText, splitByClass, type Split } from "./classes.ts";
import { flattenInputs } from "../features/encoder.ts";
import type { FlatInput } from "../features/flat-input.ts";
import { invalidOption } from "./option.ts";
import type { Task, TrainingSet, TrainOptions } from "./train-options.ts";

/** Samples as they were given, checked and flat. */
export interface TrainingData {
  readonly task: Task;
  readonly inputs: readonly FlatInput[];
  /** To classify; those of samples of the second set stand after those of the first. */
  readonly classes: Classes | undefined;
  /** The class of each sample, when there are classes. */
  readonly numbers: Uint32Array;
  /** The target of each sample, when there are targets. */
  readonly targets: Float64Array;
  readonly groups: readonly (string | number)[];
  readonly split: Split;
  /** Whether what is held out was carved out of the samples given to learn from. */
  readonly isCarved: boolean;
}

const DEFAULT_SHARE = 0.1;

/**
 * Reads and checks the samples of a training, and holds some of them out.
 * @throws {StigmergyError} INVALID_INPUT, DIMENSION: saying which sample or option, and what was expected
 */
export function readTrainingData(options: TrainOptions, seed: number): TrainingData {
  const task = taskOf(options);
  const { validation = DEFAULT_SHARE } = options;
  const first = readSet(options, task);
  const second =
    typeof validation === "number" ? undefined : readHeldOut(validation, task, first.inputs[0]);
  const inputs = second === undefined ? first.inputs : [...first.inputs, ...second.inputs];
  const classes = task === "classify" ? Classes.of(first.labels) : undefined;
  const labels = [...first.labels, ...(second?.labels ?? [])];
  const data = {
    task,
    inputs,
    classes,
    numbers: classes === undefined ? new Uint32Array(inputs.length) : classes.numbersOf(labels),
    targets: Float64Array.from([...first.targets, ...(second?.targets ?? [])]),
    groups: [...first.groups, ...(second?.groups ?? [])],
  };
  if (typeof validation !== "number") {
    const count = first.inputs.length;
    const positions = inputs.map((_, i) => i);
    const split = {
      learning: Uint32Array.from(positions.slice(0, count)),
      heldOut: Uint32Array.from(positions.slice(count)),
    };
    if (task === "rank") checkPairs(data, split.learning);
    return { ...data, split, isCarved: false };
  }
  if (!(validation >= 0 && validation < 1)) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `validation: expected a share from 0 to below 1, or samples, received ${validation}`,
    );
  }
  const split = splitBy(data, validation, seed);
  return { ...data, split: task === "rank" ? withPairs(data, split) : split, isCarved: true };
}

/** Classes keep their shares; groups stay whole; else at random. */
function splitBy(
  data: Omit<TrainingData, "split" | "isCarved">,
  share: number,
  seed: number,
): Split {
  if (data.task === "score") {
    return splitByClass(
      Uint32Array.from(data.targets, (each) => (each >= 0.5 ? 1 : 0)),
      share,
      seed,
    );
  }
  if (data.task !== "rank") return splitByClass(data.numbers, share, seed);
  const names = [...new Set(data.groups)];
  const kept = splitByClass(new Uint32Array(names.length), share, seed);
  const held = new Set([...kept.heldOut].map((i) => names[i]));
  const learning: number[] = [];
  const heldOut: number[] = [];
  data.groups.forEach((group, i) => (held.has(group) ? heldOut : learning).push(i));
  return { learning: Uint32Array.from(learning), heldOut: Uint32Array.from(heldOut) };
}

/** A split of groups with something to learn: where all pairs were to be held out, nothing is. */
function withPairs(data: Pick<TrainingData, "targets" | "groups">, split: Split): Split {
  const { learning, heldOut } = split;
  if (hasPairs(data, learning)) return split;
  const all = Uint32Array.from([...learning, ...heldOut]).sort();
  checkPairs(data, all);
  return { learning: all, heldOut: new Uint32Array(0) };
}

function hasPairs(
  { targets, groups }: Pick<TrainingData, "targets" | "groups">,
  positions: Uint32Array,
): boolean {
  const first = new Map<string | number, number>();
  return positions.some((position) => {
    const target = first.get(groups[position]);
    if (target === undefined) first.set(groups[position], targets[position]);
    return target !== undefined && target !== targets[position];
  });
}

function checkPairs(data: Pick<TrainingData, "targets" | "groups">, positions: Uint32Array): void {
  if (hasPairs(data, positions)) return;
  throw new StigmergyError(
    "INVALID_INPUT",
    "groups: expected samples of one group with different targets, received none; there is nothing to rank",
  );
}

interface CheckedSet {
  readonly inputs: readonly FlatInput[];
  readonly labels: readonly string[];
  readonly targets: readonly number[];
  readonly groups: readonly (string | number)[];
}

const TASKS: readonly Task[] = ["classify", "score", "estimate", "rank"];

function taskOf(options: TrainOptions): Task {
  const { task: given, labels, targets } = options;
  if (given !== undefined && !TASKS.includes(given)) {
    throw invalidOption("task", '"classify", "score", "estimate" or "rank"', given);
  }
  if (labels === undefined && targets === undefined) {
    throw new StigmergyError(
      "INVALID_INPUT",
      "labels: expected labels to classify, or targets to score, estimate or rank; received neither",
    );
  }
  const task = given ?? usualTask(options);
  if ((task === "classify" ? labels : targets) !== undefined) return task;
  const [wanted, received] = task === "classify" ? ["labels", "targets"] : ["targets", "labels"];
  throw new StigmergyError(
    "INVALID_INPUT",
    `${wanted}: expected ${wanted} to ${task}, received ${received} alone`,
  );
}

function usualTask({ labels, targets = [], groups }: TrainingSet): Task {
  if (labels !== undefined) return "classify";
  if (groups !== undefined) return "rank";
  return Array.from(targets, numberOf).every((each) => each >= 0 && each <= 1)
    ? "score"
    : "estimate";
}

function readSet(set: TrainingSet, task: Task): CheckedSet {
  const inputs = readInputs(set);
  if (inputs.length === 0) {
    throw new StigmergyError("INVALID_INPUT", "inputs: expected samples, received none");
  }
  if (task === "classify") {
    const labels = (set.labels ?? []).map((label, i) => labelText(label, i));
    checkCount("labels", inputs.length, labels.length);
    return { inputs, labels, targets: [], groups: [] };
  }
  const given: ArrayLike<unknown> = set.targets ?? [];
  const targets = Array.from(given, numberOf);
  checkCount("targets", inputs.length, targets.length);
  checkTargets(targets, given, task);
  const groups = task === "rank" ? (set.groups ?? targets.map(() => 0)) : [];
  if (task === "rank") checkCount("groups", inputs.length, groups.length);
  return { inputs, labels: [], targets, groups };
}

/** Samples held out that are given apart. @throws as `readSet`, saying that it is of those */
function readHeldOut(set: TrainingSet, task: Task, learned: FlatInput): CheckedSet {
  try {
    const read = readSet(set, task);
    checkSameKind([learned, ...read.inputs], "those learned from are", -1);
    return read;
  } catch (error) {
    if (error instanceof StigmergyError) error.message = `validation: ${error.message}`;
    throw error;
  }
}

/** Inputs, texts, or the two of each sample together. */
function readInputs({ inputs, dim, texts }: TrainingSet): FlatInput[] {
  if (inputs === undefined && texts === undefined) {
    throw new StigmergyError(
      "INVALID_INPUT",
      "inputs: expected texts, vectors or objects to learn from, received none",
    );
  }
  if (inputs === undefined) return flattenInputs(texts ?? [], undefined);
  const flat = flattenInputs(inputs, dim);
  checkSameKind(flat, "input 0 is", 0);
  if (texts === undefined) return flat;
  const beside = flattenInputs(texts, undefined);
  checkCount("texts", flat.length, texts.length);
  return flat.map((each, i) => ({
    ...each,
    text: [each.text, beside[i].text].join("\n").trim(),
  }));
}

/** A target as a number; NaN for what is none, as null would be 0. */
export function numberOf(target: unknown): number {
  return typeof target === "number" || typeof target === "boolean" ? Number(target) : NaN;
}

/**
 * Either all inputs are vectors of one length by themselves, or none is.
 * @param first  how an error calls the first of them
 * @param number of the first of them
 */
function checkSameKind(inputs: readonly FlatInput[], first: string, number: number): void {
  const vector = inputs.at(0)?.vector;
  inputs.forEach((input, i) => {
    const width = input.vector?.length;
    if (width === vector?.length) return;
    const name = `input ${number + i}`;
    if (vector !== undefined && width !== undefined) {
      throw new DimensionError(name, vector.length, width);
    }
    const [expected, received] = vector === undefined ? ["no vector", "one"] : ["a vector", "none"];
    throw new StigmergyError(
      "INVALID_INPUT",
      `${name}: expected ${expected}, as ${first}, received ${received}; give all inputs the same form`,
    );
  });
}

function checkTargets(targets: readonly number[], given: ArrayLike<unknown>, task: Task): void {
  const isScore = task === "score";
  const at = targets.findIndex(
    (each) => !Number.isFinite(each) || (isScore && (each < 0 || each > 1)),
  );
  if (at !== -1) {
    throw invalidOption(`target ${at}`, isScore ? "0 to 1" : "a finite number", given[at]);
  }
  if (task === "rank" || targets.some((each) => each !== targets[0])) return;
  throw new StigmergyError(
    "INVALID_INPUT",
    `targets: expected different ones, received ${targets[0]} for every sample; there is nothing to tell apart`,
  );
}

function checkCount(what: string, expected: number, received: number): void {
  if (received !== expected) {
    throw new DimensionError(`${what}, one for each sample`, expected, received);
  }
}
