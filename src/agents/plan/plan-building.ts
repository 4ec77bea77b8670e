import type { Turns } from "../../util/turns.ts";
import { successOf } from "./agent-groups.ts";
import type { CheckedRequest } from "./assign-input.ts";
import type { Alternative, Assignment, AssignmentPlan } from "../matching/assignment-plan.ts";
import type { Stage } from "./stage.ts";
import type { TaskRow } from "./task-rows.ts";

const MOST_ALTERNATIVES = 4;
const ROUNDING = 1e-12; // of sums of costs

/** What a plan is told from. */
export interface PlanParts {
  readonly request: CheckedRequest;
  readonly rows: readonly TaskRow[];
  /** The agent of each row, −1 if none. */
  readonly agents: Int32Array;
  /** The agent that had it before, −1 if none. */
  readonly had: Int32Array;
  readonly stage: Stage;
  /** How much the costs may be above the least. */
  readonly excess: number;
  /** What was told of rows before, by row. */
  readonly told: ReadonlyMap<TaskRow, Assignment>;
  readonly turns: Turns;
}

/** Tells a plan, and what was told of each row. */
export async function buildPlan(parts: PlanParts): Promise<{
  readonly plan: AssignmentPlan;
  readonly told: ReadonlyMap<TaskRow, Assignment>;
}> {
  const { request, rows, agents, had, stage, excess } = parts;
  const { scene, words } = stage;
  const assignments: Assignment[] = [];
  const unassigned: { task: string; why: string }[] = [];
  const moved: string[] = [];
  const told = new Map<TaskRow, Assignment>();
  let totalCost = 0;
  for (const [i, row] of rows.entries()) {
    if (parts.turns.isOver) await parts.turns.pass();
    const agent = agents[i];
    const isMoved = had[i] !== -1 && agent !== -1 && had[i] !== agent;
    if (isMoved) moved.push(row.task.id);
    if (agent === -1) {
      unassigned.push({ task: row.task.id, why: words.whyNot(row) });
      continue;
    }
    const before = parts.told.get(row);
    const isSame = before !== undefined && before.agent === scene.agents[agent].id;
    const assignment = isSame ? before : assignmentOf(parts, row, agent, isMoved ? had[i] : -1);
    // That it moved is told once.
    if (!isMoved) told.set(row, assignment);
    assignments.push(assignment);
    totalCost += assignment.cost;
  }
  const plan = {
    assignments,
    unassigned,
    totalCost,
    gap: excess <= ROUNDING * totalCost ? 0 : Math.min(1, excess / totalCost),
    topology: request.topology,
    moved,
    learned: stage.learned,
  };
  return { plan, told };
}

function assignmentOf(
  { request, stage }: PlanParts,
  row: TaskRow,
  agent: number,
  had: number,
): Assignment {
  const { agents, groups, groupOf } = stage.scene;
  const group = groupOf[agent];
  const alternative = (each: number, id: string): Alternative => ({
    agent: id,
    expectedSuccess: successOf(groups[each], row.success),
    cost: row.costs[each],
    ...(request.explain === true ? { parts: stage.maker.parts(row, each) } : {}),
  });
  const best = cheapest(row.costs, group);
  const first = best.length > 0 && row.costs[best[0]] < row.costs[group] ? best[0] : group;
  return {
    task: row.task.id,
    ...alternative(group, agents[agent].id),
    why: stage.words.why(row, group, first, had === -1 ? undefined : agents[had].id),
    alternatives: best.map((each) => alternative(each, agents[groups[each].members[0]].id)),
  };
}

/** The cheapest groups but one, the cheapest first. */
function cheapest(costs: Float64Array, besides: number): number[] {
  const best: number[] = [];
  for (let group = 0; group < costs.length; group++) {
    if (group === besides || costs[group] === Infinity) continue;
    if (best.length === MOST_ALTERNATIVES && costs[group] >= costs[best[best.length - 1]]) continue;
    let at = best.length;
    while (at > 0 && costs[best[at - 1]] > costs[group]) at--;
    best.splice(at, 0, group);
    best.length = Math.min(best.length, MOST_ALTERNATIVES);
  }
  return best;
}
