import { StigmergyError } from "../../errors.ts";
import { labelText, type Label } from "../training/classes.ts";
import { flattenInput, type PatternInput } from "../features/flat-input.ts";
import {
  COST_FIELDS,
  countOf,
  Fields,
  INPUT_FIELDS,
  LABEL_FIELDS,
  MORE_LABEL_FIELDS,
  SUCCESS_FIELDS,
  successOf,
  wrongField,
} from "./record-fields.ts";
import type { TrainingRecord } from "./training-file.ts";

// Records of a pattern type, and what is learned from them:
//
//   prediction     {input, success, durationMs}        how probable success is, and how long it takes
//   coordination   {input, topology, agents, success, durationMs}      which topology and how many
//                  agents get a project done with the least cost
//   optimization   {input, setting, durationMs}        which setting costs least
//   any            {input, label}                      which label
//
// A record without an input has the rest of its fields as one. What something cost is any of
// `COST_FIELDS`; of several the first counts, and the same one of all records.

/** What is learned from records. */
export type PatternForm =
  /** Which label. */
  | "labels"
  /** Success and cost of what is done. */
  | "outcomes"
  /** Which choice comes off best, by the success and cost of each. */
  | "choices";

/** One of several ways to do something, as `{topology: "mesh", agents: 5}`. */
export type Choice = Readonly<Record<string, unknown>>;

/** A record as it is learned from. */
export interface PatternSample {
  readonly input: PatternInput;
  readonly label?: Label;
  /** How many agents there were where only the topology is known: no choice can be weighed. */
  readonly agents?: number;
  readonly choice?: Choice;
  /** 0 to 1. */
  readonly success?: number;
  readonly cost?: number;
}

/** Records of one pattern type. */
export interface PatternSamples {
  readonly type: string;
  readonly form: PatternForm;
  /** What costs are: the name of their field. */
  readonly costName: string | undefined;
  readonly samples: readonly PatternSample[];
  /** Records that say something else than most, where those may be left out. */
  readonly skipped: number;
}

/** Names of the fields that a type chooses: the first must be there. */
export const CHOSEN: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  ["coordination", [["topology"], ["agents", "agentcount", "maxagents", "numagents"]]],
  ["optimization", [["setting", "settings", "config", "option", "variant"]]],
]);

interface ReadRecord {
  readonly place: string;
  readonly form: PatternForm;
  readonly costName: string | undefined;
  readonly sample: PatternSample;
}

/**
 * Reads records as a pattern type means them.
 * @param mayLeaveOut whether records of another form than most are left out instead of refused
 * @throws {StigmergyError} INVALID_INPUT naming the place of a record that fits no form
 */
export function readPatterns(
  type: string,
  records: readonly TrainingRecord[],
  mayLeaveOut = false,
): PatternSamples {
  const read = records.flatMap((record, i) => {
    try {
      return [readRecord(type, record, i)];
    } catch (error) {
      if (mayLeaveOut && error instanceof StigmergyError) return [];
      throw error;
    }
  });
  if (read.length === 0) {
    throw new StigmergyError(
      "INVALID_INPUT",
      records.length === 0
        ? `${type}: expected records to learn from, received none`
        : `${type}: expected records to learn from, received ${records.length} that say nothing to learn`,
    );
  }
  const form = mayLeaveOut ? commonest(read.map((each) => each.form)) : read[0].form;
  const shapes = read.filter((each) => each.form === form).map(shapeOf);
  const shape = mayLeaveOut ? commonest(shapes) : shapes[0];
  const costName = read.find((each) => each.form === form && each.costName !== undefined)?.costName;
  const samples = read.flatMap((each) => {
    if (each.form === form && shapeOf(each) === shape) {
      const { cost: _, ...rest } = each.sample;
      return [each.costName === costName ? each.sample : rest];
    }
    if (mayLeaveOut) return [];
    const [expected, received] =
      each.form === form ? [shape, shapeOf(each)] : [SAID[form], SAID[each.form]];
    throw new StigmergyError(
      "INVALID_INPUT",
      `${each.place}: expected ${expected}, as the records before it have, received ${received}`,
    );
  });
  return { type, form, costName, samples, skipped: records.length - samples.length };
}

const SAID: Readonly<Record<PatternForm, string>> = {
  labels: "a label",
  outcomes: "success or a duration",
  choices: "a choice with what came of it",
};

/** Vectors are learned from together only when all have one length, and nothing else beside them. */
function shapeOf({ sample: { input } }: ReadRecord): string {
  const isVector = Array.isArray(input) || ArrayBuffer.isView(input);
  if (!isVector) return "a text or an object";
  return `a vector of ${(input as ArrayLike<number>).length} numbers`;
}

function commonest<Value>(values: readonly Value[]): Value {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((most, each) => (each[1] > most[1] ? each : most))[0];
}

function readRecord(type: string, { place, fields: given }: TrainingRecord, i: number): ReadRecord {
  const fields = new Fields(given);
  const outcome = outcomeOf(type, fields, place);
  const chosen = CHOSEN.get(type) ?? [];
  const isOfLabels = type !== "prediction" && !CHOSEN.has(type);
  const label = fields.first(isOfLabels ? [...LABEL_FIELDS, ...MORE_LABEL_FIELDS] : LABEL_FIELDS);
  const hasChoice = chosen.length > 0 && fields.first(chosen[0]) !== undefined;
  const isOutcome = outcome.success !== undefined || outcome.cost !== undefined;
  if (hasChoice && isOutcome) {
    const choice = choiceOf(chosen, fields, place);
    const input = inputOf(fields, [...OUTCOME_FIELDS, ...chosen.flat()], place, i);
    return {
      place,
      form: "choices",
      costName: outcome.costName,
      sample: { input, choice, ...known(outcome) },
    };
  }
  if (type === "prediction" && isOutcome) {
    const input = inputOf(fields, OUTCOME_FIELDS, place, i);
    return {
      place,
      form: "outcomes",
      costName: outcome.costName,
      sample: { input, ...known(outcome) },
    };
  }
  const told = type === "coordination" && hasChoice ? fields.first(chosen[0]) : label;
  if (told === undefined) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `${place}: expected ${expectedOf(type)}, received ${fields.told}`,
    );
  }
  checkLabel(place, told.name, told.value);
  const input = inputOf(fields, [...chosen.flat(), told.field], place, i);
  const agents = hasChoice && chosen.length > 1 ? fields.first(chosen[1]) : undefined;
  const sample = {
    input,
    label: told.value,
    ...(agents === undefined ? {} : { agents: agentsOf(place, agents) }),
  };
  return { place, form: "labels", costName: undefined, sample };
}

/** What is known of what came of something, and so no part of the input. */
export const OUTCOME_FIELDS: readonly string[] = [
  ...[...SUCCESS_FIELDS, ...COST_FIELDS],
  ...["outcome", "result"],
];

interface Outcome {
  readonly success: number | undefined;
  readonly cost: number | undefined;
  readonly costName: string | undefined;
}

function outcomeOf(type: string, fields: Fields, place: string): Outcome {
  const none = { success: undefined, cost: undefined, costName: undefined };
  if (type !== "prediction" && !CHOSEN.has(type)) return none;
  const said = fields.first(SUCCESS_FIELDS);
  const word = fields.first(["outcome", "result"]);
  const success = said === undefined ? successOf(word?.value) : successOf(said.value);
  if (said !== undefined && success === undefined) {
    throw wrongField(place, said.name, "true, false, or 0 to 1", said.value);
  }
  // What has a label says that, whatever it cost.
  const label = fields.first(LABEL_FIELDS);
  const hasLabel = label !== undefined && said === undefined && success === undefined;
  if (hasLabel && fields.first(CHOSEN.get(type)?.[0] ?? []) === undefined) return none;
  const found = fields.first(COST_FIELDS);
  if (found === undefined) return { ...none, success };
  return { success, cost: countOf(place, found.name, found.value), costName: found.name };
}

function known({ success, cost }: Outcome): Pick<PatternSample, "success" | "cost"> {
  return { ...(success === undefined ? {} : { success }), ...(cost === undefined ? {} : { cost }) };
}

function choiceOf(chosen: readonly (readonly string[])[], fields: Fields, place: string): Choice {
  const parts = chosen.flatMap((names, i) => {
    const found = fields.first(names);
    if (found === undefined) return [];
    const value = i === 0 ? found.value : agentsOf(place, found);
    return [[names[0], value] as const];
  });
  return Object.fromEntries(parts);
}

/** How many: a number, or the length of a list of their names. */
function agentsOf(place: string, { name, value }: { name: string; value: unknown }): number {
  return Array.isArray(value) ? value.length : countOf(place, name, value);
}

function inputOf(
  fields: Fields,
  besides: readonly string[],
  place: string,
  i: number,
): PatternInput {
  const given = fields.first(INPUT_FIELDS);
  const input = (given === undefined ? fields.without(besides) : given.value) as PatternInput;
  if (given === undefined && Object.keys(input).length === 0) {
    throw new StigmergyError("INVALID_INPUT", `${place}: expected an input, received none`);
  }
  try {
    flattenInput(input, i);
  } catch (error) {
    if (!(error instanceof StigmergyError)) throw error;
    throw new StigmergyError(error.code, error.message.replace(/^input \d+/, place), {
      cause: error,
    });
  }
  return input;
}

function checkLabel(place: string, name: string, value: unknown): asserts value is Label {
  try {
    labelText(value, 0);
  } catch {
    const received = value === "" ? "empty text" : value;
    throw wrongField(place, name, "a text, a number or a boolean", received);
  }
}

function expectedOf(type: string): string {
  if (type === "coordination") return "a topology with success or durationMs, or a label";
  if (type === "optimization") return "a setting with durationMs or success, or a label";
  if (type === "prediction") return "success or durationMs, or a label";
  const names = [...LABEL_FIELDS, ...MORE_LABEL_FIELDS].join(", ");
  return `an input and a label, a field named ${names}`;
}

/** An input together with a choice that may be made for it. */
export function withChoice(input: PatternInput, choice: Choice): PatternInput {
  // The whole of a choice is a fact, too: what is good about it need not be in its parts.
  return { input, choice, chosen: choiceName(choice) };
}

/** A choice in one line. */
export function choiceName(choice: Choice): string {
  return Object.entries(choice)
    .map(
      ([name, value]) =>
        `${name}=${typeof value === "object" ? JSON.stringify(value) : String(value)}`,
    )
    .join(" ");
}

/**
 * What something costs until it has succeeded, when it is tried again after each failure: what a choice
 * is weighed by. Without a cost, each try counts one.
 */
export function expectedCost(success: number | undefined, cost: number | undefined): number {
  return (cost ?? 1) / Math.max(success ?? 1, 0.01);
}
