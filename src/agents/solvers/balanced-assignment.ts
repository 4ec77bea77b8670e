import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import { layOutMakespan, makespanBytes } from "../../wasm/assignment/makespan.ts";
import { checkedCosts, type Costs } from "./assignment-costs.ts";
import { leastMakespan, type MakespanProblem } from "./makespan-bound.ts";
import { branchMakespan, improveMakespan, type Schedule } from "./makespan-search.ts";
import { takeHeap } from "./solver-heap.ts";

/** What `solveBalancedAssignment` is asked. */
export interface BalancedAssignmentInput {
  /** [tasks][agents], row-major, from 0: how long an agent takes for a task; +Infinity if it can't. */
  readonly times: Costs;
  readonly tasks: number;
  readonly agents: number;
  /** Most steps of the proof; default 20,000. */
  readonly effort?: number | undefined;
}

const INPUT_NAMES: OptionNames<BalancedAssignmentInput> = {
  times: true,
  tasks: true,
  agents: true,
  effort: true,
};

/** Who does which task, so that the last is done early. */
export interface BalancedAssignment {
  /** The agent of each task, −1 where no agent can do it. */
  readonly agents: Int32Array;
  /** Tasks that no agent can do, ascending. */
  readonly unassigned: readonly number[];
  /** How long each agent is busy. */
  readonly loads: Float64Array;
  /** The longest of those. */
  readonly makespan: number;
  /** Proven: no plan is done earlier. */
  readonly bound: number;
  /** (makespan − bound) / makespan; 0 means proven to be the best. */
  readonly gap: number;
}

/** A good schedule, and what is proven of it. */
function scheduleOnHeap(problem: MakespanProblem): { best: Schedule; proven: number } {
  const { tasks, agents, times } = problem;
  const { heap, giveBack } = takeHeap(makespanBytes(tasks, agents), "solve parts of it");
  try {
    const onHeap = layOutMakespan(heap, tasks, agents);
    for (let task = 0; task < tasks; task++) {
      onHeap.times.set(times.subarray(task * agents, (task + 1) * agents), task * onHeap.stride);
    }
    const bound = leastMakespan(problem, heap, onHeap);
    const best = improveMakespan(problem, bound.weights, bound.makespan, heap, onHeap);
    return { best, proven: Math.min(best.makespan, bound.makespan) };
  } finally {
    giveBack();
  }
}

/**
 * Assigns all tasks that can be done so that the busiest agent is done as early as can be, each agent doing
 * one after the other (unrelated machines). Small problems are solved to the proven optimum.
 *
 * @throws {StigmergyError} INVALID_INPUT for NaN or times below 0, DIMENSION when lengths do not agree
 *
 * @example
 * const times = Float64Array.of(3, 3, 2, 2, 2, 2); // 3 tasks, 2 agents
 * solveBalancedAssignment({ times, tasks: 3, agents: 2 }).makespan; // → 4
 */
export function solveBalancedAssignment(input: BalancedAssignmentInput): BalancedAssignment {
  const {
    times,
    tasks,
    agents,
    effort = 20_000,
  } = knownOptions("solveBalancedAssignment", input, INPUT_NAMES);
  checkedCosts(times, tasks, agents, ["task", "agent"], 0);
  const possible = [...Array(tasks).keys()].filter((task) =>
    times.subarray(task * agents, (task + 1) * agents).some((time) => time < Infinity),
  );
  const own = new Float64Array(possible.length * agents);
  possible.forEach((task, i) => {
    own.set(times.subarray(task * agents, (task + 1) * agents), i * agents);
  });
  const problem = { times: own, tasks: possible.length, agents };
  let { best, proven } = scheduleOnHeap(problem);
  if (best.makespan > proven) {
    const found = branchMakespan(problem, best, proven, effort);
    best = found.schedule;
    proven = found.bound;
  }
  const found = new Int32Array(tasks).fill(-1);
  possible.forEach((task, i) => (found[task] = best.agentOf[i]));
  const unassigned = [...found.keys()].filter((task) => found[task] < 0);
  const { loads, makespan } = best;
  const gap = makespan === proven ? 0 : (makespan - proven) / makespan;
  return { agents: found, unassigned, loads, makespan, bound: proven, gap };
}
