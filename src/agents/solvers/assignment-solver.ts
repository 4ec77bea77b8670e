import { StigmergyError } from "../../errors.ts";
import { knownOptions } from "../../util/option-names.ts";
import { finish } from "../../util/turns.ts";
import { checkedCosts, checkedCount, checkedNumbers } from "./assignment-costs.ts";
import {
  AGENT_CHANGE_NAMES,
  SOLVER_NAMES,
  type SolverAgentChange,
  type AssignmentSolverOptions,
} from "./solver-options.ts";
import { NOBODY, TransportNetwork } from "./transport-network.ts";

/** Who has which task, at the least total cost. */
export interface TaskAssignment {
  /** The agent of each task, −1 if none; also of tasks that were removed. */
  readonly agents: Int32Array;
  /** Tasks without an agent, ascending. */
  readonly unassigned: readonly number[];
  /** Total cost of what is assigned, without what moving adds. */
  readonly cost: number;
  /** Tasks that another agent had before, ascending. */
  readonly moved: readonly number[];
  /**
   * The price of each agent, 0 where there is room: every task is where cost (with what moving adds) and
   * price are least in sum, which proves that no plan costs less.
   */
  readonly prices: Float64Array;
}

const TIE = 1e-9; // of the largest cost

/**
 * Assigns many tasks to agents that can have several each, optimally, and again after changes from what is
 * known: the work is about as large as the change. Changes are collected and take effect by `solve`. Each
 * `solve` holds tasks to be at work where it put them, and moving them costs.
 *
 * Memory for one copy of the costs as f64. A task costs O(agents²) at worst.
 *
 * @example
 * const cost = Float64Array.of(1, 2, 1, 2); // 2 tasks, 2 agents
 * const solver = new AssignmentSolver({ cost, tasks: 2, agents: 2, capacities: [1, 1] });
 * solver.solve().cost; // → 3
 * solver.removeTask(0);
 * solver.solve().agents; // → Int32Array.of(-1, 0)
 */
export class AssignmentSolver {
  readonly #network: TransportNetwork;
  readonly #isTask: boolean[] = [];
  readonly #asked: number | undefined;
  readonly #switchingCost: number;
  #scale = 0;
  #undone = Number.NaN;

  /**
   * @throws {StigmergyError} INVALID_INPUT for NaN, −Infinity, capacities below 0 or agents that there are not
   * @throws {DimensionError} when lengths do not agree
   */
  constructor(options: AssignmentSolverOptions) {
    const {
      cost,
      tasks,
      agents,
      capacities,
      running,
      switchingCost = 0,
    } = knownOptions("AssignmentSolver", options, SOLVER_NAMES);
    checkedCosts(cost, tasks, agents, ["task", "agent"]);
    if (!(switchingCost >= 0 && switchingCost < Infinity)) {
      throw new StigmergyError(
        "INVALID_INPUT",
        `switchingCost: expected a number from 0, received ${switchingCost}`,
      );
    }
    if (capacities.length !== agents) checkedNumbers("capacities", capacities, agents);
    if (running !== undefined) checkedNumbers("running", running, tasks, -1);
    if (options.unassignedCost !== undefined) {
      checkedNumbers("unassignedCost", [options.unassignedCost], 1, -Number.MAX_VALUE);
    }
    this.#asked = options.unassignedCost;
    this.#switchingCost = switchingCost;
    this.#network = new TransportNetwork(agents + 1, tasks, switchingCost);
    this.#network.slots = tasks;
    for (let agent = 0; agent < agents; agent++) {
      this.#network.capacities[agent + 1] = checkedCapacity(agent, capacities[agent]);
    }
    for (let task = 0; task < tasks; task++) {
      this.#isTask.push(true);
      this.#write(task, cost.subarray(task * agents, (task + 1) * agents));
      const agent = running?.[task] ?? -1;
      if (agent >= 0) this.#network.homes[task] = this.#checkedAgent(agent) + 1;
    }
    this.#rescale();
    for (let task = 0; task < tasks; task++) this.#network.loosen(task);
  }

  /** Places for tasks, removed ones among them. */
  get tasks(): number {
    return this.#network.slots;
  }

  get agents(): number {
    return this.#network.nodes - 1;
  }

  /**
   * Adds a task, and returns its number: that of a removed one, or one more than the last.
   * @param costs of each agent
   * @throws {StigmergyError} as the constructor
   */
  addTask(costs: ArrayLike<number>): number {
    this.#checkCosts(costs, this.agents);
    const network = this.#network;
    let task = this.#isTask.indexOf(false);
    if (task < 0) {
      task = network.slots;
      network.grow(task + 1, network.nodes);
      network.slots++;
    }
    this.#isTask[task] = true;
    this.#write(task, costs);
    network.loosen(task);
    return task;
  }

  /**
   * Gives a task other costs. It stays where it is when that is still best.
   * @throws {StigmergyError} as the constructor, NOT_FOUND when there is no such task
   */
  setTask(task: number, costs: ArrayLike<number>): void {
    this.#checkTask(task);
    this.#checkCosts(costs, this.agents);
    this.#write(task, costs);
    this.#network.recost(task);
  }

  /**
   * Removes a task: it is done, or not wanted any more.
   * @throws {StigmergyError} NOT_FOUND when there is no such task
   */
  removeTask(task: number): void {
    this.#checkTask(task);
    this.#isTask[task] = false;
    this.#network.drop(task);
  }

  /**
   * Adds an agent, and returns its number, one more than the last.
   * @param costs of each task's place; those of removed tasks are not looked at
   * @throws {StigmergyError} as the constructor
   */
  addAgent(costs: ArrayLike<number>, capacity: number): number {
    checkedCapacity(this.agents, capacity);
    this.#checkCosts(costs, this.tasks);
    const network = this.#network;
    network.grow(network.slots, network.nodes + 1);
    const node = network.nodes++;
    network.capacities[node] = capacity;
    this.#writeAgent(node, costs);
    return node - 1;
  }

  /**
   * Gives an agent another capacity, or other costs. Whom it has no room for goes where that costs least;
   * capacity 0 removes it.
   * @throws {StigmergyError} as the constructor, NOT_FOUND when there is no such agent
   */
  setAgent(agent: number, change: SolverAgentChange): void {
    const { costs, capacity } = knownOptions("setAgent", change, AGENT_CHANGE_NAMES);
    const node = this.#checkedAgent(agent) + 1;
    if (capacity !== undefined) checkedCapacity(agent, capacity);
    if (costs !== undefined) this.#checkCosts(costs, this.tasks);
    if (capacity !== undefined) this.#network.capacities[node] = capacity;
    if (costs !== undefined) this.#writeAgent(node, costs);
  }

  /** The best plan for what there is; from now on tasks are at work where it has them. */
  solve(): TaskAssignment {
    return finish(this.solving());
  }

  /**
   * As `solve`, in steps of some milliseconds. A solver whose steps were not taken to the end is of no use any more.
   * @internal
   */
  *solving(): Generator<void, TaskAssignment> {
    const network = this.#network;
    this.#rescale();
    yield* network.settling();
    const agents = new Int32Array(network.slots).fill(-1);
    const unassigned: number[] = [];
    const moved: number[] = [];
    let cost = 0;
    for (let task = 0; task < network.slots; task++) {
      if (!this.#isTask[task]) continue;
      const node = network.nodeOf[task];
      if (node === NOBODY) unassigned.push(task);
      else cost += network.costs[task * network.stride + node];
      agents[task] = node - 1;
      if (network.homes[task] >= 0 && network.homes[task] !== node) moved.push(task);
    }
    network.settleHomes();
    const prices = network.prices.slice(1, network.nodes);
    return { agents, unassigned, cost, moved, prices };
  }

  #write(task: number, costs: ArrayLike<number>): void {
    const at = task * this.#network.stride;
    this.#network.costs[at + NOBODY] = this.#undone;
    for (let agent = 0; agent < costs.length; agent++) {
      this.#network.costs[at + 1 + agent] = costs[agent];
      this.#notice(costs[agent]);
    }
  }

  #writeAgent(node: number, costs: ArrayLike<number>): void {
    const network = this.#network;
    for (let task = 0; task < network.slots; task++) {
      network.costs[task * network.stride + node] = this.#isTask[task] ? costs[task] : Infinity;
      if (this.#isTask[task]) this.#notice(costs[task]);
    }
    network.reprice(node);
  }

  #notice(cost: number): void {
    const size = Math.abs(cost);
    if (size < Infinity && size > this.#scale) this.#scale = size;
  }

  /** What leaving a task undone costs, and what moving one does, for costs as large as they are. */
  #rescale(): void {
    const network = this.#network;
    // A chain of moves goes through each agent once at most, and each can cost twice the largest.
    const most = (network.nodes + 1) * (2 * this.#scale + this.#switchingCost);
    const undone = this.#asked ?? 2 ** Math.ceil(Math.log2(most === 0 ? 1 : most) + 1);
    if (undone === this.#undone || (this.#asked === undefined && most * 2 <= this.#undone)) return;
    this.#undone = undone;
    network.switchingCost = Math.max(this.#switchingCost, TIE * this.#scale);
    for (let task = 0; task < network.slots; task++) {
      network.costs[task * network.stride + NOBODY] = undone;
    }
    for (const task of network.tasksAt(NOBODY)) network.loosen(task);
    network.rescan();
  }

  #checkTask(task: number): void {
    if (this.#isTask[task] === true) return;
    throw new StigmergyError("NOT_FOUND", `task ${task}: there is no task of this number`);
  }

  #checkedAgent(agent: number): number {
    if (Number.isInteger(agent) && agent >= 0 && agent < this.agents) return agent;
    throw new StigmergyError("NOT_FOUND", `agent ${agent}: there is no agent of this number`);
  }

  #checkCosts(costs: ArrayLike<number>, count: number): void {
    checkedCount("costs length", costs.length);
    checkedCosts(Float64Array.from(costs), 1, count, ["place", "entry"]);
  }
}

function checkedCapacity(agent: number, capacity: number): number {
  if (capacity === Infinity || (Number.isSafeInteger(capacity) && capacity >= 0)) return capacity;
  throw new StigmergyError(
    "INVALID_INPUT",
    `capacity of agent ${agent}: expected a whole number from 0, or Infinity, received ${capacity}`,
  );
}
