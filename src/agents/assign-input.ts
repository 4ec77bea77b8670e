import { StigmergyError } from "../errors.ts";
import type { AgentTask, AssignableAgent, AssignRequest, TaskOutcome } from "./assignment-plan.ts";
import { COST_PARTS, COST_WEIGHTS, type CostParts } from "./cost.ts";
import type { Exploration } from "./outcome-scorer.ts";
import { TOPOLOGIES, type Topology } from "./topology.ts";

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

const EXPLORE = { method: "thompson", amount: 0.15 } as const;
const HALF_LIFE_DAYS = 30;
const NETWORKS: readonly CheckedRequest["network"][] = ["wait", "background", "none"];

/** @throws {StigmergyError} INVALID_INPUT, which names what is wrong and what was expected */
export function checkAssignRequest(request: AssignRequest): CheckedRequest {
  const { tasks, agents, history = [], topology = "mesh", seed = 1 } = request;
  const { halfLifeDays = HALF_LIFE_DAYS, now = Date.now(), network = "wait" } = request;
  if (request.signal !== undefined && !(request.signal instanceof AbortSignal)) {
    throw wrong("signal", "an AbortSignal", request.signal);
  }
  checkList("tasks", tasks);
  checkList("agents", agents);
  checkList("history", history);
  checkUnique("task", tasks, checkTask);
  checkUnique("agent", agents, checkAgent);
  if (!TOPOLOGIES.includes(topology)) throw wrong("topology", TOPOLOGIES.join(", "), topology);
  if (!Number.isSafeInteger(seed)) throw wrong("seed", "a whole number", seed);
  checkNumber("halfLifeDays", halfLifeDays, Number.MIN_VALUE);
  checkNumber("now", now, -Infinity);
  if (!NETWORKS.includes(network)) throw wrong("network", NETWORKS.join(", "), network);
  return {
    ...{ ...request, history, topology, seed, halfLifeDays, now, network },
    weights: checkWeights(request.weights),
    exploration: checkExplore(request.explore),
  };
}

/**
 * Checks outcomes of a history.
 * @param from the first that was not checked before
 * @throws {StigmergyError} INVALID_INPUT
 */
export function checkOutcomes(history: readonly TaskOutcome[], from = 0): void {
  for (let i = from; i < history.length; i++) {
    const outcome: TaskOutcome | undefined = history[i];
    if (typeof outcome !== "object" || outcome === null) {
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
  if (capacity !== undefined && !(capacity >= 0 && typeof capacity === "number")) {
    throw wrong(`${place}.capacity`, "a number from 0, or none for no limit", capacity);
  }
  if (price !== undefined) checkNumber(`${place}.price`, price, 0);
  if (load !== undefined && !(typeof load === "number" && load >= 0 && load <= 1)) {
    throw wrong(`${place}.load`, "0 (idle) to 1 (busy)", load);
  }
}

function checkUnique<Item extends { readonly id: string }>(
  what: string,
  items: readonly Item[],
  check: (place: string, item: Item) => void,
): void {
  const places = new Map<string, number>();
  items.forEach((item: Item | undefined, i) => {
    const place = `${what}s[${i}]`;
    if (typeof item !== "object" || item === null) throw wrong(place, "an object with an id", item);
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
  });
}

function checkWeights(given: AssignRequest["weights"] = {}): CostParts {
  for (const [name, weight] of Object.entries(given)) {
    if (!COST_PARTS.some((part) => part === name)) {
      throw wrong("weights", `parts of a cost (${COST_PARTS.join(", ")})`, name);
    }
    checkNumber(`weights.${name}`, weight, 0);
  }
  return { ...COST_WEIGHTS, ...given };
}

function checkExplore(explore: AssignRequest["explore"]): CheckedRequest["exploration"] {
  if (explore === undefined || explore === false) return undefined;
  if (explore === true) return EXPLORE;
  const { method = EXPLORE.method, amount = EXPLORE.amount } = explore;
  if (method !== "thompson" && method !== "linucb") {
    throw wrong("explore.method", '"thompson" or "linucb"', method);
  }
  checkNumber("explore.amount", amount, 0);
  return { method, amount };
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
