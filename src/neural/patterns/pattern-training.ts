import { StigmergyError } from "../../errors.ts";
import { seededRandom } from "../../util/random.ts";
import { shuffle } from "../training/classes.ts";
import type { PatternInput } from "../features/flat-input.ts";
import { PatternModel } from "../model/pattern-model.ts";
import {
  choiceName,
  expectedCost,
  withChoice,
  type Choice,
  type PatternSample,
  type PatternSamples,
} from "./patterns.ts";
import type { TrainReport } from "../model/report.ts";
import type { EpochReport, TrainOptions } from "../training/train-options.ts";
import { progressOver, type Told } from "../training/training-progress.ts";

/** What one of the models of a pattern tells. */
export type MemberName = "label" | "agents" | "success" | "cost";

type Shared =
  | ("hidden" | "activation" | "normalize" | "wide" | "ensemble" | "epochs" | "batchSize")
  | ("learningRate" | "classWeights" | "seed" | "patience" | "rejectRate" | "threads" | "signal");

/** How the models of a pattern are trained: as one is, without what its records say. */
export type PatternTrainOptions = {
  readonly [Name in Shared]?: TrainOptions[Name] | undefined;
} & {
  /** Share of the records held out; default 0.1. */
  readonly validation?: number | undefined;
  /** Models of the pattern to start from, by what they tell. */
  readonly from?: ReadonlyMap<MemberName, PatternModel> | undefined;
  /** Epochs done of all that there are, over all of the pattern's models, and the last one that was measured. */
  readonly onProgress?: ((done: number, total: number, report: EpochReport) => void) | undefined;
};

/** How often the choice made is the best one of those that were tried for the same input. */
export interface ChoiceReport {
  /** Inputs held out for which more than one choice had been tried. */
  readonly inputs: number;
  readonly accuracy: number;
  /** What always making the choice that is best on the whole would reach. */
  readonly baselineAccuracy: number;
}

/** What training the models of a pattern came to. */
export interface PatternReport {
  readonly samples: number;
  /** Of each model, by what it tells. */
  readonly members: Readonly<Partial<Record<MemberName, TrainReport>>>;
  /** What could not be learned, and why. */
  readonly notLearned: Readonly<Partial<Record<MemberName, string>>>;
  readonly choice: ChoiceReport | null;
}

/** The models of a pattern, fresh from training. */
export interface TrainedMembers {
  readonly members: ReadonlyMap<MemberName, PatternModel>;
  readonly report: PatternReport;
}

const REFIT_BELOW = 5000; // samples
const HELD_OUT = 0.1;
const LEAST_INPUTS = 10; // different ones, for some to be held out whole

/**
 * Trains a model for each thing that records tell.
 * @throws {StigmergyError} INVALID_INPUT when nothing of it can be learned; as `PatternModel.train`
 */
export async function trainMembers(
  pattern: PatternSamples,
  options: PatternTrainOptions,
): Promise<TrainedMembers> {
  const plans = plansOf(pattern);
  const members = new Map<MemberName, PatternModel>();
  const reports: Partial<Record<MemberName, TrainReport>> = {};
  const notLearned: Partial<Record<MemberName, string>> = {};
  const split = pattern.form === "choices" ? splitByInput(pattern, options) : undefined;
  const isTwice = split !== undefined && pattern.samples.length < REFIT_BELOW;
  const learned = plans.filter((plan) => reasonAgainst(plan) === undefined);
  const told = progressOver(learned.length * (isTwice ? 2 : 1), options.onProgress);
  for (const plan of plans) {
    const reason = reasonAgainst(plan);
    if (reason !== undefined) {
      notLearned[plan.name] = reason;
      continue;
    }
    const model = await trainMember(plan, split, options, told());
    members.set(plan.name, model);
    reports[plan.name] = model.report;
  }
  if (members.size === 0) throw nothingToLearn(notLearned);
  const choice = split === undefined ? null : measureChoices(pattern.samples, split, members);
  if (isTwice) {
    // They have been measured: what is kept may learn from what was held out, too.
    for (const plan of learned) {
      const epochs = reports[plan.name]?.bestEpoch || options.epochs;
      const whole = { ...options, validation: 0, ...(epochs === undefined ? {} : { epochs }) };
      members.set(plan.name, await trainMember(plan, undefined, whole, told()));
    }
  }
  const report = { samples: pattern.samples.length, members: reports, notLearned, choice };
  return { members, report };
}

/** What one model learns, of which samples. */
interface Plan {
  readonly name: MemberName;
  /** Places of the samples that tell it. */
  readonly places: readonly number[];
  readonly inputs: readonly PatternInput[];
  readonly values: readonly (string | number | boolean)[];
}

/** What each model of a pattern learns from samples. */
export function plansOf({ form, samples }: Pick<PatternSamples, "form" | "samples">): Plan[] {
  const names: readonly MemberName[] =
    form === "labels" ? ["label", "agents"] : ["success", "cost"];
  return names.flatMap((name) => {
    const places = [...samples.keys()].filter((i) => samples[i][name] !== undefined);
    if (places.length === 0) return [];
    return [
      {
        name,
        places,
        inputs: places.map((i) => inputOf(samples[i])),
        values: places.map((i) => samples[i][name] as string | number | boolean),
      },
    ];
  });
}

function inputOf({ input, choice }: PatternSample): PatternInput {
  return choice === undefined ? input : withChoice(input, choice);
}

function reasonAgainst({ name, values }: Plan): string | undefined {
  const [first] = values;
  // Labels are told by who trains: one class is an error that says so.
  if (name === "label" || vary(values)) return undefined;
  return `it is ${String(first)} in all ${values.length} records`;
}

function nothingToLearn(notLearned: PatternReport["notLearned"]): StigmergyError {
  const reasons = Object.entries(notLearned).map(([name, reason]) => `${name}: ${reason}`);
  return new StigmergyError(
    "INVALID_INPUT",
    `training data: expected records that differ in what came of them; ${reasons.join("; ")}`,
  );
}

function trainMember(
  { name, places, inputs, values }: Plan,
  split: ReadonlySet<number> | undefined,
  options: PatternTrainOptions,
  told: Told,
): Promise<PatternModel> {
  const { validation = HELD_OUT, from, onProgress: _, ...rest } = options;
  const isHeld = (i: number): boolean => split?.has(places[i]) === true;
  const of = (held: boolean) => {
    const chosen = [...places.keys()].filter((i) => isHeld(i) === held);
    const told = chosen.map((i) => values[i]);
    const known = name === "label" ? { labels: told } : { targets: told as number[] };
    return { inputs: chosen.map((i) => inputs[i]), ...known };
  };
  const heldOut = of(true);
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  return PatternModel.train({
    ...(Object.fromEntries(given) as Pick<TrainOptions, Shared>),
    ...told,
    ...of(false),
    task: name === "label" ? "classify" : name === "success" ? "score" : "estimate",
    // Where all that is held out says the same of this, it is no measure: a share is taken instead.
    validation: "targets" in heldOut && vary(heldOut.targets) ? heldOut : validation,
    ...(from?.get(name) === undefined ? {} : { from: from.get(name) }),
  });
}

function vary(values: Plan["values"] = []): boolean {
  return values.some((each) => each !== values[0]);
}

/**
 * Places of samples to hold out, all of an input together: so that the choice made for one that was
 * never met can be measured. Undefined when there are too few inputs, or when nothing would be left to tell apart.
 */
function splitByInput(
  pattern: PatternSamples,
  { validation = HELD_OUT, seed = 1 }: PatternTrainOptions,
): ReadonlySet<number> | undefined {
  const { samples } = pattern;
  const groups = groupsOf(samples);
  if (groups.length < LEAST_INPUTS || validation === 0) return undefined;
  const order = [...groups.keys()];
  shuffle(order, seededRandom(seed));
  const held = new Set(
    order.slice(0, Math.ceil(groups.length * validation)).flatMap((i) => groups[i]),
  );
  const isTold = plansOf(pattern).every((plan) => {
    const left = plan.values.filter((_, i) => !held.has(plan.places[i]));
    return reasonAgainst(plan) !== undefined || vary(left);
  });
  return isTold ? held : undefined;
}

/** Places of samples with the same input. */
function groupsOf(samples: readonly PatternSample[]): number[][] {
  const groups = new Map<string, number[]>();
  samples.forEach(({ input }, i) => {
    const name = JSON.stringify(input);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [i]);
    else group.push(i);
  });
  return [...groups.values()];
}

function measureChoices(
  samples: readonly PatternSample[],
  heldOut: ReadonlySet<number>,
  members: ReadonlyMap<MemberName, PatternModel>,
): ChoiceReport | null {
  const usual = worthOf(samples.filter((_, i) => !heldOut.has(i)));
  let inputs = 0;
  let right = 0;
  let baseline = 0;
  for (const group of groupsOf(samples).filter(([first]) => heldOut.has(first))) {
    const tried = group.map((i) => samples[i]);
    const truth = worthOf(tried);
    if (truth.size < 2) continue;
    const best = leastOf(truth);
    const { input } = tried[0];
    const choices = new Map(tried.map(({ choice }) => [choiceName(choice ?? {}), choice ?? {}]));
    const told = new Map(
      [...choices].map(([name, choice]) => [name, weigh(members, input, choice).expected]),
    );
    const common = new Map([...choices.keys()].map((name) => [name, usual.get(name) ?? Infinity]));
    inputs++;
    if (leastOf(told) === best) right++;
    if (leastOf(common) === best) baseline++;
  }
  if (inputs === 0) return null;
  return { inputs, accuracy: right / inputs, baselineAccuracy: baseline / inputs };
}

/** What each choice came to among some samples, the less the better. */
function worthOf(samples: readonly PatternSample[]): Map<string, number> {
  const sums = new Map<string, { success: number[]; cost: number[] }>();
  for (const { choice = {}, success, cost } of samples) {
    const name = choiceName(choice);
    const sum = sums.get(name) ?? { success: [], cost: [] };
    if (success !== undefined) sum.success.push(success);
    if (cost !== undefined) sum.cost.push(cost);
    sums.set(name, sum);
  }
  return new Map(
    [...sums].map(([name, { success, cost }]) => [
      name,
      expectedCost(meanOf(success), meanOf(cost)),
    ]),
  );
}

function meanOf(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}

function leastOf(costs: ReadonlyMap<string, number>): string {
  return [...costs].reduce((least, each) => (each[1] < least[1] ? each : least))[0];
}

/** What the models of a pattern say of an input, or of a choice for it, and what that is worth. */
export function weigh(
  members: ReadonlyMap<MemberName, PatternModel>,
  input: PatternInput,
  choice: Choice | undefined,
  leastCost = 0,
): {
  readonly told: { readonly success?: number; readonly cost?: number };
  readonly expected: number;
} {
  const whole = choice === undefined ? input : withChoice(input, choice);
  const success = members.get("success")?.score(whole);
  const estimate = members.get("cost")?.score(whole);
  const cost = estimate === undefined ? undefined : Math.max(leastCost, estimate);
  const told = {
    ...(success === undefined ? {} : { success }),
    ...(cost === undefined ? {} : { cost }),
  };
  return { told, expected: expectedCost(success, cost) };
}
