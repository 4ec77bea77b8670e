import { StigmergyError } from "../errors.ts";
import type { Outcome } from "../neural/model/model-storage.ts";
import {
  recordOfOutcome,
  summarize,
  typeOfOutcome,
  type OutcomeData,
  type OutcomeSummary,
} from "../neural/patterns/outcome-records.ts";
import { readPatterns } from "../neural/patterns/patterns.ts";
import type { LearnAnswer, Models } from "./models.ts";

/** An outcome to record, and to learn from. */
export interface LearnFromRequest extends OutcomeData {
  /** Default by what the metadata hold: a topology, a setting, or neither: prediction. */
  readonly type?: string | undefined;
  readonly agent?: string | undefined;
  /** The model that learns; default the one named as the type, if there is one. */
  readonly model?: string | undefined;
  /** Ends learning; what was recorded stays. */
  readonly signal?: AbortSignal | undefined;
}

/** What came of recording an outcome. */
export interface LearnFromAnswer {
  readonly outcome: Outcome;
  /** What the model learned; absent when there is none, or it could not learn this. */
  readonly learned?: LearnAnswer;
  /** Why nothing was learned. */
  readonly reason?: string;
}

/**
 * Records an outcome, and lets the model of its type learn from it at once when there is one. What was
 * recorded stays recorded, whether or not a model could learn from it.
 * @throws {StigmergyError} INVALID_INPUT for what says nothing to learn from, and nothing is recorded;
 * NOT_FOUND when a model is named and there is none; FORBIDDEN
 */
export async function learnFrom(
  models: Models,
  { type: named, agent, model, signal, ...data }: LearnFromRequest,
): Promise<LearnFromAnswer> {
  const type = named ?? typeOfOutcome(data);
  const record = recordOfOutcome(type, data);
  readPatterns(type, [record]);
  const name = model ?? type;
  const found = await models.storage.findModel(name);
  if (model !== undefined && found === undefined) {
    throw new StigmergyError(
      "NOT_FOUND",
      `model ${JSON.stringify(model)}: there is none; train it first`,
    );
  }
  const outcome = await models.storage.recordOutcome({ pattern: type, data: { ...data }, agent });
  if (found === undefined) {
    return {
      outcome,
      reason: `there is no model ${JSON.stringify(name)} yet; train it from the outcomes`,
    };
  }
  try {
    return { outcome, learned: await models.learn(name, [record], signal) };
  } catch (error) {
    if (!(error instanceof StigmergyError)) throw error;
    return { outcome, reason: error.message };
  }
}

/** What the recorded outcomes come to. */
export interface OutcomeAnalysis {
  readonly outcomes: number;
  readonly patterns: readonly OutcomeSummary[];
  /** The most frequent first, at most twenty of each. */
  readonly operations: readonly OutcomeSummary[];
  readonly agents: readonly OutcomeSummary[];
  /** Topologies and settings. */
  readonly choices: readonly OutcomeSummary[];
}

const MOST_LINES = 20;

/** Looks at the recorded outcomes, of one type, operation or agent, or all. */
export async function analyzeOutcomes(
  models: Models,
  of: {
    readonly type?: string | undefined;
    readonly operation?: string | undefined;
    readonly agent?: string | undefined;
  } = {},
): Promise<OutcomeAnalysis> {
  const all = await models.storage.listOutcomes({ pattern: of.type, agent: of.agent });
  const outcomes = all.filter(
    ({ data }) => of.operation === undefined || data.operation === of.operation,
  );
  const by = (nameOf: (outcome: Outcome) => unknown): OutcomeSummary[] =>
    summarize(outcomes, (outcome) => {
      const name = nameOf(outcome);
      return name === undefined || name === null ? undefined : textOf(name);
    }).slice(0, MOST_LINES);
  return {
    outcomes: outcomes.length,
    patterns: by(({ pattern }) => pattern),
    operations: by(({ data }) => data.operation),
    agents: by(({ agent, data }) => (data as OutcomeData).metadata?.agent ?? agent),
    choices: by(({ data }) => {
      const { topology, setting } = (data as OutcomeData).metadata ?? {};
      return topology ?? setting;
    }),
  };
}

function textOf(name: unknown): string {
  return typeof name === "string" ? name : JSON.stringify(name);
}
