import { Mutex } from "../../util/mutex.ts";
import { Turns, unlessAborted } from "../../util/turns.ts";
import { checkAssignRequest, checkOutcomes, type CheckedRequest } from "./assign-input.ts";
import { agentsInRing, agentsOf, solveGroups, type TaskSolver } from "./assign-solve.ts";
import type {
  AgentTask,
  Assignment,
  AssignmentPlan,
  AssignRequest,
  TaskOutcome,
} from "../matching/assignment-plan.ts";
import { buildPlan } from "./plan-building.ts";
import { memoryOf, withMemory, type PlanMemory } from "./plan-memory.ts";
import { makeStage, stageKey, type Stage } from "./stage.ts";
import type { RowMaker, TaskRow } from "./task-rows.ts";

const checkedOutcomes = new WeakMap<readonly TaskOutcome[], number>();
/** Growth of a fair share until it leaves nothing undone that need not be. */
const WIDER = 1.5;
const SLACK = 1e-9;
const CHECKED_AT_ONCE = 10_000; // outcomes: some milliseconds

/**
 * Says who does what: as many tasks as can be, at the least total cost, with a reason for each. What is expected of
 * an agent comes from its words where nothing else is known, and from outcomes the more there are. The same
 * request gives the same plan.
 *
 * The first call with a history of a thousand successes or more trains a network of the newest 25,000, on threads of
 * its own, which takes seconds; it is kept as long as the array. Others have this thread every few milliseconds; calls
 * with the same history come in turn. The first call with 100,000 outcomes takes some seconds, the next milliseconds.
 *
 * @throws {StigmergyError} INVALID_INPUT, which names what was expected where
 * @throws the reason of `signal` soon after it is aborted; nothing has changed then
 *
 * @example
 * const { assignments, unassigned } = await assignAgents({
 *   tasks: [{ id: "t1", text: "write unit tests for the parser" }],
 *   agents: [{ id: "ann", type: "coder" }, { id: "bob", type: "tester" }],
 * });
 * assignments.map(({ task, agent }) => [task, agent]); // → [["t1", "bob"]]
 */
export async function assignAgents(request: AssignRequest): Promise<AssignmentPlan> {
  const input = checkAssignRequest(request);
  const { history, signal } = input;
  signal?.throwIfAborted();
  if (history.length === 0) return assign(input);
  let mutex = turnsOf.get(history);
  if (mutex === undefined) turnsOf.set(history, (mutex = new Mutex()));
  return unlessAborted(
    signal,
    mutex.run(async () => assign(input)),
  );
}

/** What is learned of a history is not to be learned twice at once. */
const turnsOf = new WeakMap<readonly TaskOutcome[], Mutex>();

async function assign(input: CheckedRequest): Promise<AssignmentPlan> {
  const { history, tasks, signal } = input;
  const turns = new Turns(signal);
  await checkHistory(history, turns);
  const size = commonSize(tasks);
  const isAlone = size === undefined && input.agents.some(({ capacity }) => hasLimit(capacity));
  const key = stageKey(input, isAlone);
  const before = memoryFor(input, key);
  const stage = before?.stage ?? (await makeStage(input, isAlone, turns));
  const rows = await rowsOf(input, stage.maker, before?.rows ?? NO_ROWS, turns);
  const had = agentsBefore(input);
  const solved = await turns.finish(solving(input, { rows, stage, had, size, before }));
  const { plan, told } = await buildPlan({
    request: input,
    rows,
    had,
    stage,
    agents: solved.agents,
    excess: solved.excess,
    told: before?.told ?? NOTHING_TOLD,
    turns,
  });
  return withMemory(plan, {
    key,
    stage,
    told,
    of: { history, types: input.types, embedder: input.embedder, explain: input.explain },
    rows: new Map(rows.map((row) => [row.task.id, row])),
    solver: solved.solver,
  });
}

/** Checks what was added to a history since it was checked. */
async function checkHistory(history: readonly TaskOutcome[], turns: Turns): Promise<void> {
  const { length } = history;
  for (let from = checkedOutcomes.get(history) ?? 0; from < length; from += CHECKED_AT_ONCE) {
    const to = Math.min(length, from + CHECKED_AT_ONCE);
    checkOutcomes(history, from, to);
    checkedOutcomes.set(history, to);
    if (turns.isOver) await turns.pass();
  }
}

const NO_ROWS: ReadonlyMap<string, TaskRow> = new Map();
const NOTHING_TOLD: ReadonlyMap<TaskRow, Assignment> = new Map();

/** What is known of the plan before, when all but its tasks is as it was. */
function memoryFor(input: CheckedRequest, key: string): PlanMemory | undefined {
  if (input.previous === undefined || input.exploration !== undefined) return undefined;
  const memory = memoryOf(input.previous);
  if (memory === undefined || memory.key !== key) return undefined;
  const { history, types, embedder, explain } = memory.of;
  const isSame =
    (history === input.history || history.length === 0) &&
    types === input.types &&
    embedder === input.embedder &&
    (explain ?? false) === (input.explain ?? false);
  return isSame ? memory : undefined;
}

function hasLimit(capacity: number | undefined): boolean {
  return capacity !== undefined && capacity < Infinity;
}

/** The size of all tasks; undefined when they differ. */
function commonSize(tasks: readonly AgentTask[]): number | undefined {
  const first = tasks[0]?.size ?? 1;
  return tasks.every(({ size = 1 }) => size === first) ? first : undefined;
}

async function rowsOf(
  { tasks, now }: CheckedRequest,
  maker: RowMaker,
  known: ReadonlyMap<string, TaskRow>,
  turns: Turns,
): Promise<TaskRow[]> {
  const fresh: number[] = [];
  const rows = tasks.map((task, i) => {
    const row = known.get(task.id);
    if (row !== undefined && isSameTask(row.task, task)) return row;
    fresh.push(i);
    return undefined;
  });
  const made = await maker.make(
    fresh.map((i) => tasks[i]),
    now,
    turns,
  );
  made.forEach((row, i) => (rows[fresh[i]] = row));
  return rows as TaskRow[];
}

/** Whether a task costs what it did; time goes on for one with a deadline. */
function isSameTask(before: AgentTask, after: AgentTask): boolean {
  return (
    before.text === after.text &&
    (before.size ?? 1) === (after.size ?? 1) &&
    before.deadline === undefined &&
    after.deadline === undefined &&
    (before.needs ?? []).join("\n") === (after.needs ?? []).join("\n")
  );
}

/** The agent that each task had in the plan before, −1 if none. */
function agentsBefore({ previous, tasks, agents }: CheckedRequest): Int32Array {
  if (previous === undefined) return new Int32Array(tasks.length).fill(-1);
  const places = new Map(agents.map(({ id }, i) => [id, i]));
  const had = new Map(previous.assignments.map(({ task, agent }) => [task, agent]));
  return Int32Array.from(tasks, ({ id }) => {
    const agent = had.get(id);
    return agent === undefined ? -1 : (places.get(agent) ?? -1);
  });
}

interface Solved {
  readonly agents: Int32Array;
  readonly excess: number;
  readonly solver: TaskSolver | undefined;
}

interface ToSolve {
  readonly rows: readonly TaskRow[];
  readonly stage: Stage;
  readonly had: Int32Array;
  readonly size: number | undefined;
  readonly before: PlanMemory | undefined;
}

function* solving(input: CheckedRequest, given: ToSolve): Generator<void, Solved> {
  const { size } = given;
  const limits = input.agents.map(({ capacity = Infinity }) => wholeTasks(capacity, size));
  if (input.balance !== true || input.agents.length === 0) {
    return yield* solveWithin(input, given, limits);
  }
  const free = yield* solveWithin(input, { ...given, before: undefined }, limits);
  const wanted = countOf(free.agents);
  const sizes = given.rows.map((row) => row.size);
  const total = sizes.reduce((sum, each) => sum + each, 0);
  const largest = sizes.reduce((most, each) => Math.max(most, each), 0);
  const even = total / input.agents.length;
  let share = size === undefined ? even + largest / 2 : Math.ceil(even / size - SLACK) * size;
  for (;;) {
    const capped = limits.map((limit) => Math.min(limit, wholeTasks(share, size)));
    const solved = yield* solveWithin(input, { ...given, before: undefined }, capped);
    if (countOf(solved.agents) >= wanted || share > total) return { ...solved, solver: undefined };
    share *= WIDER;
  }
}

function countOf(agents: Int32Array): number {
  return agents.reduce((count, agent) => count + (agent === -1 ? 0 : 1), 0);
}

/** What an agent can have of tasks of one size. */
function wholeTasks(capacity: number, size: number | undefined): number {
  if (size === undefined || capacity === Infinity) return capacity;
  return Math.floor(capacity / size + SLACK) * size;
}

function* solveWithin(
  { topology, seed }: CheckedRequest,
  { rows, stage, had, size, before }: ToSolve,
  limits: readonly number[],
): Generator<void, Solved> {
  const { groups, groupOf } = stage.scene;
  if (topology === "ring") {
    return { ...agentsInRing(rows, groupOf, limits, had), solver: undefined };
  }
  const solver = before?.solver;
  if (before !== undefined) before.solver = undefined;
  const capacities = groups.map(({ members }) =>
    members.reduce((sum, member) => sum + limits[member], 0),
  );
  const problem = {
    rows,
    groups,
    capacities,
    seed,
    size,
    had: had.map((agent) => (agent === -1 ? -1 : groupOf[agent])),
  };
  const plan = yield* solveGroups(problem, solver);
  return {
    agents: agentsOf(problem, plan.groups, limits, had),
    excess: plan.excess,
    solver: plan.solver,
  };
}
