import { StigmergyError } from "../../errors.ts";
import { checkEmbedder } from "../../text/embedder.ts";
import { checkSignal } from "../../util/signal.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import { COST_CLASSES, type AgentType } from "../types/agent-type.ts";
import type {
  AgentTask,
  AssignableAgent,
  AssignmentPlan,
  AssignRequest,
  ExploreOptions,
  TaskOutcome,
} from "../matching/assignment-plan.ts";
import { CAPABILITY_NAMES } from "../types/capabilities.ts";
import { COST_PARTS, COST_WEIGHTS, type CostParts } from "../matching/cost.ts";
import type { Exploration } from "../outcomes/outcome-scorer.ts";
import { memoryOf } from "./plan-memory.ts";
import { TOPOLOGIES, type Topology } from "../matching/topology.ts";

/** A request with nothing left open, and nothing that makes no sense. */
export interface CheckedRequest extends AssignRequest {
  readonly history: readonly TaskOutcome[];
  readonly topology: Topology;
  readonly seed: number;
  readonly weights: CostParts;
  readonly halfLifeDays: number;
  readonly now: number;
  readonly network: NonNullable<AssignRequest["network"]>;
  readonly exploration: Omit<Exploration, "random"> | undefined;
}

const REQUEST_NAMES: OptionNames<AssignRequest> = {
  tasks: true,
  agents: true,
  history: true,
  capacity: true,
  topology: true,
  explain: true,
  seed: true,
  previous: true,
  explore: true,
  balance: true,
  types: true,
  embedder: true,
  network: true,
  weights: true,
  halfLifeDays: true,
  now: true,
  signal: true,
};
const EXPLORE_NAMES: OptionNames<ExploreOptions> = { method: true, amount: true };

const EXPLORE = { method: "thompson", amount: 0.15 } as const;
const HALF_LIFE_DAYS = 30;
const NETWORKS: readonly CheckedRequest["network"][] = ["wait", "background", "none"];

/** @throws {StigmergyError} INVALID_INPUT, which names what is wrong and what was expected */
export function checkAssignRequest(request: AssignRequest): CheckedRequest {
  if (!isObject(request)) throw wrong("request", "an object {tasks, agents}", request);
  knownOptions("assignAgents", request, REQUEST_NAMES);
  const { tasks, agents, history = [], topology = "mesh", seed = 1 } = request;
  const { capacity, halfLifeDays = HALF_LIFE_DAYS, now = Date.now(), network = "wait" } = request;
  checkSignal(request.signal);
  checkList("tasks", tasks);
  checkList("agents", agents);
  checkList("history", history);
  checkUnique("task", tasks, checkTask);
  checkUnique("agent", agents, checkAgent);
  checkCapacity("capacity", capacity);
  if (!TOPOLOGIES.includes(topology)) throw wrong("topology", TOPOLOGIES.join(", "), topology);
  if (!Number.isSafeInteger(seed)) throw wrong("seed", "a whole number", seed);
  checkNumber("halfLifeDays", halfLifeDays, Number.MIN_VALUE);
  checkNumber("now", now, -Infinity);
  checkFlag("explain", request.explain);
  checkFlag("balance", request.balance);
  if (request.previous !== undefined) checkPrevious(request.previous);
  if (request.types !== undefined) checkTypes(request.types);
  if (request.embedder !== undefined) checkEmbedder(request.embedder);
  if (!NETWORKS.includes(network)) throw wrong("network", NETWORKS.join(", "), network);
  return {
    ...request,
    agents: capacity === undefined ? agents : agents.map((each) => withCapacity(each, capacity)),
    history,
    topology,
    seed,
    halfLifeDays,
    now,
    network,
    weights: checkWeights(request.weights),
    exploration: checkExplore(request.explore),
  };
}

/**
 * Checks outcomes of a history.
 * @param from the first that was not checked before
 * @throws {StigmergyError} INVALID_INPUT
 */
export function checkOutcomes(history: readonly TaskOutcome[], from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const outcome: TaskOutcome | undefined = history[i];
    if (!isObject(outcome)) {
      throw wrong(`history[${i}]`, "an outcome {text, agent, success}", outcome);
    }
    const { text, agent, type, success, durationMs, at } = outcome;
    if (typeof text !== "string") throw wrong(`history[${i}].text`, "the task's words", text);
    checkName(`history[${i}].agent`, agent);
    if (type !== undefined) checkName(`history[${i}].type`, type);
    const isShare = typeof success === "number" && success >= 0 && success <= 1;
    if (!isShare && typeof success !== "boolean") {
      throw wrong(`history[${i}].success`, "true, false, or 0 to 1", success);
    }
    if (durationMs !== undefined) checkNumber(`history[${i}].durationMs`, durationMs, 0);
    if (at !== undefined) checkNumber(`history[${i}].at`, at, -Infinity);
  }
}

/** Of a plan that was made here nothing can be wrong. */
function checkPrevious(previous: AssignmentPlan): void {
  if (!isObject(previous)) throw wrong("previous", "a plan", previous);
  if (memoryOf(previous) !== undefined) return;
  const { assignments } = previous;
  checkList("previous.assignments", assignments);
  for (let i = 0; i < assignments.length; i++) {
    if (isObject(assignments[i])) continue;
    throw wrong(`previous.assignments[${i}]`, "a task and its agent", assignments[i]);
  }
}

function checkTypes(types: readonly AgentType[]): void {
  checkList("types", types);
  for (let i = 0; i < types.length; i++) {
    if (!isObject(types[i])) throw wrong(`types[${i}]`, "an agent type", types[i]);
    const { name, description, capabilities, costClass } = types[i];
    checkName(`types[${i}].name`, name);
    checkName(`types[${i}].description`, description);
    checkList(`types[${i}].capabilities`, capabilities);
    capabilities.forEach((each, j) =>
      checkOneOf(`types[${i}].capabilities[${j}]`, each, CAPABILITY_NAMES, "a capability"),
    );
    checkOneOf(`types[${i}].costClass`, costClass, COST_CLASSES, COST_CLASSES.join(", "));
  }
}

function checkTask(place: string, task: AgentTask): void {
  const { text, needs, size, deadline } = task;
  checkNames(`${place}.needs`, needs);
  const hasNeeds = needs !== undefined && needs.length > 0;
  if (typeof text !== "string" || (text.trim() === "" && !hasNeeds)) {
    throw wrong(`${place}.text`, "what is to be done, in words", text);
  }
  if (size !== undefined) {
    checkNumber(`${place}.size`, size, 0);
    if (size === 0) throw wrong(`${place}.size`, "a number above 0", size);
  }
  if (deadline !== undefined) {
    checkNumber(`${place}.deadline`, deadline, -Infinity, "milliseconds since 1970");
  }
}

function checkAgent(place: string, agent: AssignableAgent): void {
  const { type, capacity, skills, description, load, price } = agent;
  checkName(`${place}.type`, type);
  checkNames(`${place}.skills`, skills);
  if (description !== undefined && typeof description !== "string") {
    throw wrong(`${place}.description`, "text", description);
  }
  checkCapacity(`${place}.capacity`, capacity);
  if (price !== undefined) checkNumber(`${place}.price`, price, 0);
  if (load !== undefined && !(typeof load === "number" && load >= 0 && load <= 1)) {
    throw wrong(`${place}.load`, "0 (idle) to 1 (busy)", load);
  }
}

/** The agent, or one as it with this capacity when it tells none. */
function withCapacity(agent: AssignableAgent, capacity: number): AssignableAgent {
  if (agent.capacity !== undefined) return agent;
  // By name: what an object of a class has by its getters, a spread would leave out.
  const { id, type, skills, description, load, price } = agent;
  return { id, type, capacity, skills, description, load, price };
}

function checkUnique<Item extends { readonly id: string }>(
  what: string,
  items: readonly Item[],
  check: (place: string, item: Item) => void,
): void {
  const places = new Map<string, number>();
  for (let i = 0; i < items.length; i++) {
    const item: Item | undefined = items[i];
    const place = `${what}s[${i}]`;
    if (!isObject(item)) throw wrong(place, "an object with an id", item);
    checkName(`${place}.id`, item.id);
    const first = places.get(item.id);
    if (first !== undefined) {
      throw wrong(
        `${place}.id`,
        `an id of its own, as ${what}s[${first}] has this one already`,
        item.id,
      );
    }
    places.set(item.id, i);
    check(place, item);
  }
}

function checkWeights(given: AssignRequest["weights"] = {}): CostParts {
  if (!isObject(given)) throw wrong("weights", "an object of weights by part", given);
  knownOptions("weights", given, COST_WEIGHTS);
  const weights = { ...COST_WEIGHTS };
  for (const [name, weight] of Object.entries(given)) {
    const part = COST_PARTS.find((each) => each === name);
    if (part === undefined || weight === undefined) continue;
    checkNumber(`weights.${name}`, weight, 0);
    weights[part] = weight;
  }
  return weights;
}

function checkExplore(explore: AssignRequest["explore"]): CheckedRequest["exploration"] {
  if (explore === undefined || explore === false) return undefined;
  if (explore === true) return EXPLORE;
  if (!isObject(explore)) throw wrong("explore", "true, false or an object", explore);
  const { method = EXPLORE.method, amount = EXPLORE.amount } = knownOptions(
    "explore",
    explore,
    EXPLORE_NAMES,
  );
  if (method !== "thompson" && method !== "linucb") {
    throw wrong("explore.method", '"thompson" or "linucb"', method);
  }
  checkNumber("explore.amount", amount, 0);
  return { method, amount };
}

function isObject<Given>(value: Given): value is Given & object {
  return typeof value === "object" && value !== null;
}

function checkFlag(what: string, value: unknown): void {
  if (value === undefined || typeof value === "boolean") return;
  throw wrong(what, "true or false", value);
}

function checkCapacity(what: string, capacity: unknown): void {
  if (capacity === undefined || (typeof capacity === "number" && capacity >= 0)) return;
  throw wrong(what, "a number from 0, or none for no limit", capacity);
}

function checkOneOf(
  what: string,
  value: unknown,
  allowed: readonly unknown[],
  expected: string,
): void {
  if (!allowed.includes(value)) throw wrong(what, expected, value);
}

function checkList(what: string, value: unknown): void {
  if (!Array.isArray(value)) throw wrong(what, "a list", value);
}

function checkNames(what: string, names: readonly string[] | undefined): void {
  if (names === undefined) return;
  checkList(what, names);
  names.forEach((name, i) => checkName(`${what}[${i}]`, name));
}

function checkName(what: string, name: unknown): void {
  if (typeof name !== "string" || name.trim() === "") throw wrong(what, "a name", name);
}

function checkNumber(
  what: string,
  value: unknown,
  least: number,
  expected = least === -Infinity ? "a finite number" : "a finite number from 0",
): void {
  if (typeof value === "number" && Number.isFinite(value) && value >= least) return;
  throw wrong(what, expected, value);
}

function wrong(what: string, expected: string, received: unknown): StigmergyError {
  const shown =
    typeof received === "string" ? JSON.stringify(received.slice(0, 100)) : describe(received);
  return new StigmergyError("INVALID_INPUT", `${what}: expected ${expected}, received ${shown}`);
}

function describe(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean" || value == null) return `${value}`;
  return Array.isArray(value) ? "a list" : typeof value;
}
