import type { Outcome } from "../../neural/model/model-storage.ts";
import { Fields, SUCCESS_FIELDS, successOf } from "../../neural/patterns/record-fields.ts";

/** What some tasks came to. */
export interface TaskFigures {
  readonly tasks: number;
  /** 0 to 1, of those that say; null when none does. */
  readonly successRate: number | null;
  /** Median, milliseconds, of those that say; null when none does. */
  readonly medianMs: number | null;
}

/** What the recorded outcomes say of an agent. */
export interface Measured extends TaskFigures {
  /** By kind of task, the most frequent first. */
  readonly kinds: readonly (TaskFigures & { readonly kind: string })[];
  /** Since it was last started. */
  readonly sinceStart: TaskFigures;
}

interface TaskResult {
  readonly kind: string;
  readonly at: number;
  readonly success: number | undefined;
  readonly ms: number | undefined;
}

const KIND_FIELDS = ["kind", "tasktype"];
const DURATION_FIELDS = ["durationms"];
/** Of a task whose outcome names none. */
const ANY_KIND = "any";
const MOST_KINDS = 20;

/** The outcomes of tasks, by the agent that did them. */
export class MeasuredOutcomes {
  readonly #results = new Map<string, TaskResult[]>();

  /** @param outcomes recorded ones, of any pattern; those that name no agent say nothing here */
  constructor(outcomes: readonly Outcome[]) {
    for (const { agent: recordedBy, at, data } of outcomes) {
      const metadata = isObject(data.metadata) ? data.metadata : {};
      const agent = typeof metadata.agent === "string" ? metadata.agent : recordedBy;
      if (agent === undefined) continue;
      const fields = new Fields(metadata);
      const said = fields.first(SUCCESS_FIELDS);
      const success = successOf(said === undefined ? data.outcome : said.value);
      const duration = Number(fields.first(DURATION_FIELDS)?.value);
      const result = {
        kind: kindOf(fields, data.operation),
        at,
        success,
        ms: Number.isFinite(duration) ? duration : undefined,
      };
      const known = this.#results.get(agent);
      if (known === undefined) this.#results.set(agent, [result]);
      else known.push(result);
    }
  }

  /** What an agent's tasks came to. @param startedAt milliseconds since 1970 */
  of(agent: string, startedAt: number): Measured {
    const results = this.#results.get(agent) ?? [];
    const names = new Set(results.map(({ kind }) => kind));
    const kinds = [...names]
      .map((name) => ({ kind: name, ...figuresOf(results.filter(({ kind }) => kind === name)) }))
      .sort((a, b) => b.tasks - a.tasks || (a.kind < b.kind ? -1 : 1))
      .slice(0, MOST_KINDS);
    const since = results.filter(({ at }) => at >= startedAt);
    return { ...figuresOf(results), kinds, sinceStart: figuresOf(since) };
  }
}

function figuresOf(results: readonly TaskResult[]): TaskFigures {
  const successes = results.flatMap(({ success }) => success ?? []);
  const times = results.flatMap(({ ms }) => ms ?? []).sort((a, b) => a - b);
  return {
    tasks: results.length,
    successRate: successes.length === 0 ? null : sum(successes) / successes.length,
    medianMs: times[times.length >> 1] ?? null,
  };
}

/** What is said to be its kind; else what was done, where that is a word and no description. */
function kindOf(fields: Fields, operation: unknown): string {
  const said = fields.first(KIND_FIELDS)?.value;
  if (typeof said === "string" && said !== "") return said.slice(0, 100);
  return typeof operation === "string" && /^[\p{L}\p{N}_.:-]{1,64}$/u.test(operation)
    ? operation
    : ANY_KIND;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
