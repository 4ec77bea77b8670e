import type { OptionNames } from "../../util/option-names.ts";
import type { Costs } from "./assignment-costs.ts";

/** What an `AssignmentSolver` begins with. */
export interface AssignmentSolverOptions {
  /** [tasks][agents], row-major; +Infinity where an agent can't do a task. */
  readonly cost: Costs;
  /** Rows of `cost`. */
  readonly tasks: number;
  /** Columns of `cost`. */
  readonly agents: number;
  /** How many tasks each agent can have; Infinity is no limit. */
  readonly capacities: ArrayLike<number>;
  /**
   * What moving a task away from the agent that has it adds to the cost; default 0. Even then a task moves only
   * for a gain of more than 1e-9 of the largest cost.
   */
  readonly switchingCost?: number | undefined;
  /** The agent that has each task already, −1 if none. */
  readonly running?: ArrayLike<number> | undefined;
  /**
   * What leaving a task undone costs. Default more than any plan can save, so that as many as can be are
   * done.
   */
  readonly unassignedCost?: number | undefined;
}

/** The names of `AssignmentSolverOptions`. */
export const SOLVER_NAMES: OptionNames<AssignmentSolverOptions> = {
  cost: true,
  tasks: true,
  agents: true,
  capacities: true,
  switchingCost: true,
  running: true,
  unassignedCost: true,
};

/** What an agent of a solver is given anew. */
export interface SolverAgentChange {
  /** Of each task, also of those that were removed; default as they are. */
  readonly costs?: ArrayLike<number> | undefined;
  /** How many tasks it can have; default as it is. */
  readonly capacity?: number | undefined;
}

/** The names of an `SolverAgentChange`. */
export const AGENT_CHANGE_NAMES: OptionNames<SolverAgentChange> = { costs: true, capacity: true };
