import type { Outcome } from "../model/model-storage.ts";
import { CHOSEN, OUTCOME_FIELDS } from "./patterns.ts";
import { COST_FIELDS, Fields, SUCCESS_FIELDS, successOf } from "./record-fields.ts";
import type { TrainingRecord } from "./training-file.ts";

/** What came of an operation, as it is told and kept. */
export type OutcomeData = {
  /** What was done, as `review` or a task's text. */
  readonly operation?: string;
  /** `success`, `failure`, or any label. */
  readonly outcome?: string;
  /** What else is known: `agent`, `durationMs`, `topology`, `setting`, …. */
  readonly metadata?: Readonly<Record<string, unknown>>;
};

/** The pattern type that an outcome tells about, when it is not said. */
export function typeOfOutcome({ metadata = {} }: OutcomeData): string {
  const fields = new Fields(metadata);
  const found = [...CHOSEN].find(([, [first]]) => fields.first(first) !== undefined);
  return found?.[0] ?? "prediction";
}

/** The record that an outcome is to whoever learns: what is known before, and what came of it. */
export function recordOfOutcome(
  type: string,
  { operation, outcome, metadata = {} }: OutcomeData,
  place = "outcome",
): TrainingRecord {
  const fields = new Fields(metadata);
  const told = [...OUTCOME_FIELDS, ...(CHOSEN.get(type) ?? []).flat()];
  const known = fields.without(told);
  const isOwn = Object.keys(known).length === 1 && Object.hasOwn(known, "input");
  const input =
    isOwn && operation === undefined ? known.input : { ...present(operation), ...known };
  const rest = Object.entries(metadata).filter(([name]) => !Object.hasOwn(known, name));
  return {
    place,
    fields: { input, ...Object.fromEntries(rest), ...(outcome === undefined ? {} : { outcome }) },
  };
}

function present(operation: string | undefined): { operation?: string } {
  return operation === undefined ? {} : { operation };
}

/** What some outcomes of one kind came to. */
export interface OutcomeSummary {
  readonly name: string;
  readonly outcomes: number;
  /** Share that succeeded, of those that say; null when none does. */
  readonly successRate: number | null;
  /** Median of what they cost, and the name of that; null when none says. */
  readonly medianCost: number | null;
  readonly costName: string | null;
  /** When the newest was recorded, milliseconds since 1970. */
  readonly newest: number;
}

/** What outcomes came to, by what they are of: the most frequent first. */
export function summarize(
  outcomes: readonly Outcome[],
  nameOf: (outcome: Outcome) => string | undefined,
): OutcomeSummary[] {
  const groups = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const name = nameOf(outcome);
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [outcome]);
    else group.push(outcome);
  }
  return [...groups]
    .map(([name, group]) => summaryOf(name, group))
    .sort((a, b) => b.outcomes - a.outcomes || (a.name < b.name ? -1 : 1));
}

function summaryOf(name: string, group: readonly Outcome[]): OutcomeSummary {
  const read = group.map(({ data }) => readOutcome(data as OutcomeData));
  const successes = read.flatMap(({ success }) => success ?? []);
  const costName = read.find((each) => each.costName !== undefined)?.costName ?? null;
  const costs = read
    .flatMap((each) => (each.costName === costName && each.cost !== undefined ? [each.cost] : []))
    .sort((a, b) => a - b);
  return {
    name,
    outcomes: group.length,
    successRate:
      successes.length === 0
        ? null
        : successes.reduce((sum, each) => sum + each, 0) / successes.length,
    medianCost: costs[costs.length >> 1] ?? null,
    costName: costs.length === 0 ? null : costName,
    newest: Math.max(...group.map(({ at }) => at)),
  };
}

function readOutcome({ outcome, metadata = {} }: OutcomeData): {
  readonly success: number | undefined;
  readonly cost: number | undefined;
  readonly costName: string | undefined;
} {
  const fields = new Fields(metadata);
  const said = fields.first(SUCCESS_FIELDS);
  const cost = fields.first(COST_FIELDS);
  const number = Number(cost?.value);
  const isCost = cost !== undefined && Number.isFinite(number);
  return {
    success: successOf(said === undefined ? outcome : said.value),
    cost: isCost ? number : undefined,
    costName: isCost ? cost.name : undefined,
  };
}
