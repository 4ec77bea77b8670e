import type { Assignment, AssignmentPlan } from "../matching/assignment-plan.ts";
import type { CheckedRequest } from "./assign-input.ts";
import type { TaskSolver } from "./assign-solve.ts";
import type { Stage } from "./stage.ts";
import type { TaskRow } from "./task-rows.ts";

/** What goes on from a plan, as long as that is held. */
export interface PlanMemory {
  readonly key: string;
  /** What the key does not tell; not the whole request, which holds the plan before it. */
  readonly of: Pick<CheckedRequest, "history" | "types" | "embedder" | "explain">;
  readonly stage: Stage;
  readonly rows: ReadonlyMap<string, TaskRow>;
  readonly told: ReadonlyMap<TaskRow, Assignment>;
  /** The first plan that goes on from it takes it, since solving changes it. */
  solver: TaskSolver | undefined;
}

/** A constructor that returns what it is given, so that a class that extends it adds its private fields to that. */
const Given = function (given: object): object {
  return given;
} as unknown as new (given: object) => object;

/**
 * A plan with its memory in a private field, which nobody sees and copies do not have. Memories in a WeakMap
 * would outlive their plans until the next collection of all garbage.
 */
class Remembering extends Given {
  readonly #memory: PlanMemory;

  constructor(plan: AssignmentPlan, memory: PlanMemory) {
    super(plan);
    this.#memory = memory;
  }

  static memoryOf(plan: object): PlanMemory | undefined {
    return #memory in plan ? plan.#memory : undefined;
  }
}

/** The same plan, with what is kept as long as it is; it must not have a memory yet. */
export function withMemory(plan: AssignmentPlan, memory: PlanMemory): AssignmentPlan {
  return new Remembering(plan, memory) as object as AssignmentPlan;
}

/** What is kept with a plan; undefined for one that was not made here, or is a copy. */
export function memoryOf(plan: AssignmentPlan): PlanMemory | undefined {
  return Remembering.memoryOf(plan);
}
