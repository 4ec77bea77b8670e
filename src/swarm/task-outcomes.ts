import type { TaskOutcome } from "../agents/matching/assignment-plan.ts";
import type { ProjectOutcome } from "../agents/matching/select-agents.ts";
import { TOPOLOGIES } from "../agents/matching/topology.ts";
import { StigmergyError } from "../errors.ts";
import type { MemoryStore } from "../memory/memory-store.ts";
import { MOST_OUTCOMES } from "../memory/shelves/outcomes.ts";
import type { Outcome } from "../neural/model/model-storage.ts";
import { Fields, SUCCESS_FIELDS, successOf } from "../neural/patterns/record-fields.ts";
import { knownOptions, type OptionNames } from "../util/option-names.ts";
import { Mutex } from "../util/mutex.ts";
import { Turns } from "../util/turns.ts";
import { agentsOf } from "./agents.ts";

// Recorded outcomes as agents are assigned by them. Of the metadata count `agent` (or who recorded it),
// `type`, `success`, `durationMs`; the task's words are the operation.

/** The project's outcomes, as an array that grows, so that what was learned of it stays learned. */
interface KnownHistory {
  readonly outcomes: TaskOutcome[];
  /** Ids of those that can't be read. */
  readonly damaged: Set<number>;
  lastId: number;
  /** Recorded outcomes when it was read last. */
  recorded: number;
}

const known = new WeakMap<MemoryStore, KnownHistory>();
const reading = new WeakMap<MemoryStore, Mutex>(); // nothing is read twice at once

/** So many are held before those that the store does not hold any more are let go of. */
const MOST_HELD = 1.25 * MOST_OUTCOMES;

/** What agents did, and how many recorded outcomes can't be read. */
export interface TaskHistory {
  readonly outcomes: readonly TaskOutcome[];
  readonly damaged: number;
}

/**
 * What agents of a project did, the oldest first: of its recorded outcomes those that tell of a task's words, who
 * did it and whether it succeeded. The same array at nearly each call, with what was recorded since. With how many
 * can't be read and were left out.
 * @throws {StigmergyError} FORBIDDEN
 */
export async function taskHistory(store: MemoryStore): Promise<TaskHistory> {
  const mutex = reading.get(store) ?? new Mutex();
  reading.set(store, mutex);
  return mutex.run(async () => readHistory(store));
}

async function readHistory(store: MemoryStore): Promise<TaskHistory> {
  const counts = await store.models.countOutcomes();
  const recorded = counts.reduce((sum, { outcomes }) => sum + outcomes, 0);
  let history = known.get(store);
  // Fewer than before: the store was restored, or old ones were forgotten.
  if (history === undefined || recorded < history.recorded) {
    history = { outcomes: [], damaged: new Set(), lastId: 0, recorded: 0 };
    known.set(store, history);
  }
  if (history.outcomes.length > MOST_HELD) {
    // What the store has long forgotten goes in one piece: all is learned anew from what is left.
    const { outcomes, damaged, lastId } = history;
    history = {
      ...history,
      outcomes: outcomes.slice(-MOST_OUTCOMES),
      damaged: new Set([...damaged].filter((id) => id > lastId - MOST_OUTCOMES)),
    };
    known.set(store, history);
  }
  const { outcomes: fresh, damaged } = await outcomesSince(store, history.lastId);
  for (const id of damaged) history.damaged.add(id);
  const agents = fresh.length === 0 ? [] : await agentsOf(store).list({ stopped: true });
  const types = new Map(agents.map(({ id, type }) => [id, type]));
  for (const outcome of fresh) {
    const told = taskOutcomeOf(outcome, types);
    if (told !== undefined) history.outcomes.push(told);
    history.lastId = outcome.id;
  }
  history.recorded = recorded;
  return { outcomes: history.outcomes, damaged: history.damaged.size };
}

const PAGE = 1000; // outcomes: some milliseconds

/** Outcomes recorded after an id, the oldest first, and ids of those that can't be read. Others have the thread between. */
async function outcomesSince(
  store: MemoryStore,
  after: number,
): Promise<{ readonly outcomes: Outcome[]; readonly damaged: number[] }> {
  const pages: (readonly Outcome[])[] = [];
  const damaged: number[] = [];
  const turns = new Turns();
  for (let before: number | undefined; ;) {
    const unread: number[] = [];
    const onDamaged = (_: number, ids: readonly number[]): void => void unread.push(...ids);
    const page = await store.models.listOutcomes({ after, before, limit: PAGE, onDamaged });
    pages.push(page);
    damaged.push(...unread);
    if (page.length + unread.length < PAGE) break;
    before = Math.min(...unread, page[0]?.id ?? Infinity);
    await turns.pass();
  }
  return { outcomes: pages.toReversed().flat(), damaged };
}

/** Outcomes of whole projects: those that tell of a topology. */
export async function projectHistory(store: MemoryStore): Promise<ProjectOutcome[]> {
  const recorded = await store.models.listOutcomes({ pattern: "coordination" });
  return recorded.flatMap((outcome) => {
    const { text, success, metadata } = partsOf(outcome);
    const topology = TOPOLOGIES.find((each) => each === metadata.topology);
    if (text === undefined || success === undefined || topology === undefined) return [];
    const { agents } = metadata;
    const names = Array.isArray(agents) ? agents.filter((each) => typeof each === "string") : [];
    return [{ text, topology, agents: names, success }];
  });
}

/** What came of a task, to be recorded. */
export interface TaskReport extends Omit<TaskOutcome, "at"> {
  /** What kind of task it was, by which agents are measured. */
  readonly kind?: string | undefined;
}

/** What came of recording. */
export interface RecordedTask {
  readonly outcomeId: number;
  /** Whether a model of outcomes has learned from it. */
  readonly learned: boolean;
  /**
   * Told when no agent, type or earlier outcome has a name that was given, with the nearest that there is: what is
   * recorded of a misspelled name counts for nobody.
   */
  readonly note?: string;
}

const REPORT_NAMES: OptionNames<TaskReport> = {
  text: true,
  agent: true,
  type: true,
  success: true,
  durationMs: true,
  kind: true,
};

/**
 * Records in a store what came of a task, for whoever is assigned (`taskHistory`), measured or restarted by outcomes,
 * in any process, and lets a model of outcomes learn from it where there is one: `learned` tells whether.
 * @throws {StigmergyError} INVALID_INPUT, FORBIDDEN
 *
 * @example
 * await recordTask(store, { text: "unit tests of the lexer", agent: "bob", success: true });
 * const { outcomes: history } = await taskHistory(store);
 * const { assignments } = await assignAgents({ tasks, agents, history });
 */
export async function recordTask(store: MemoryStore, report: TaskReport): Promise<RecordedTask> {
  const { text, agent, type, success, durationMs, kind } = knownOptions(
    "recordTask",
    report,
    REPORT_NAMES,
  );
  for (const [name, said] of Object.entries({ text, agent, type, kind })) {
    const isLeftOut = said === undefined && (name === "type" || name === "kind");
    if (isLeftOut || (typeof said === "string" && said.trim() !== "")) continue;
    const received = typeof said === "string" ? JSON.stringify(said.slice(0, 20)) : typeof said;
    throw new StigmergyError(
      "INVALID_INPUT",
      `${name} of the task: expected some text, received ${received}`,
    );
  }
  if (typeof success !== "boolean" && !(success >= 0 && success <= 1)) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `success: expected true, false, or 0 to 1, received ${success}`,
    );
  }
  // Loaded here: who only reads a history needs no models.
  const [{ learnFrom }, { modelsOf }, { noteOfNames }] = await Promise.all([
    import("./outcomes.ts"),
    import("./models.ts"),
    import("./known-names.ts"),
  ]);
  const note = await noteOfNames(store, agent, type);
  const metadata = Object.entries({ agent, type, success, durationMs, kind });
  const told = metadata.filter(([, value]) => value !== undefined);
  const { outcome, learned } = await learnFrom(modelsOf(store), {
    operation: text,
    metadata: Object.fromEntries(told),
  });
  const recorded = { outcomeId: outcome.id, learned: learned !== undefined };
  return note === undefined ? recorded : { ...recorded, note };
}

/** @param types of agents, also of stopped ones: what they did tells of whoever is of their type */
function taskOutcomeOf(
  outcome: Outcome,
  types: ReadonlyMap<string, string>,
): TaskOutcome | undefined {
  const { text, success, metadata } = partsOf(outcome);
  const agent = typeof metadata.agent === "string" ? metadata.agent : outcome.agent;
  const isTold = text !== undefined && success !== undefined && agent !== undefined;
  if (!isTold || agent.trim() === "") return undefined;
  const { type = types.get(agent), durationMs } = metadata;
  return {
    text,
    agent,
    success,
    at: outcome.at,
    ...(typeof type === "string" && type.trim() !== "" ? { type } : {}),
    ...(typeof durationMs === "number" && durationMs >= 0 && Number.isFinite(durationMs)
      ? { durationMs }
      : {}),
  };
}

function partsOf({ data }: Outcome): {
  readonly text: string | undefined;
  readonly success: number | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
} {
  const isObject = typeof data.metadata === "object" && data.metadata !== null;
  const metadata = isObject ? (data.metadata as Record<string, unknown>) : {};
  const said = new Fields(metadata).first(SUCCESS_FIELDS);
  const { operation } = data;
  return {
    text: typeof operation === "string" && operation.trim() !== "" ? operation : undefined,
    success: successOf(said === undefined ? data.outcome : said.value),
    metadata,
  };
}
