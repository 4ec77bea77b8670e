import type { AgentTask, Assignment } from "../../agents/matching/assignment-plan.ts";
import type { Agent } from "../../agents/registry/live-agent.ts";
import { taskLines } from "../../agents/registry/task-lines.ts";
import type { ProjectPlan } from "../../swarm/assignment.ts";
import { damagedOutcomes, linesFor } from "./agent-answer.ts";

/** What is told of a plan: who does what, and the calls that start it. */
export function planAnswer(
  root: string,
  { plan, agents, live, damaged }: ProjectPlan,
  tasks: readonly AgentTask[],
): Record<string, unknown> {
  const { assignments, unassigned, totalCost, gap, topology, moved, learned } = plan;
  const types = new Map(agents.map(({ id, type }) => [id, type]));
  return {
    assignments,
    unassigned,
    totalCost,
    gap,
    topology,
    moved,
    learned,
    loads: loadsOf(assignments, [...types.keys()]),
    ...planLines(root, assignments, tasks, types, live),
    ...(damaged === 0 ? {} : { problems: [damagedOutcomes(damaged)] }),
  };
}

/** Each agent's tasks, by number. */
function loadsOf(
  assignments: readonly Assignment[],
  agents: readonly string[],
): { readonly agent: string; readonly tasks: number }[] {
  const counts = new Map(agents.map((agent) => [agent, 0]));
  for (const { agent } of assignments) counts.set(agent, (counts.get(agent) ?? 0) + 1);
  return [...counts].map(([agent, count]) => ({ agent, tasks: count }));
}

/** One call for each agent that has tasks, with all of them. */
function planLines(
  root: string,
  assignments: readonly Assignment[],
  tasks: readonly AgentTask[],
  types: ReadonlyMap<string, string>,
  live: ReadonlyMap<string, Agent>,
): { readonly lines: readonly string[]; readonly hint?: string } {
  const texts = new Map(tasks.map(({ id, text }) => [id, text]));
  const work = new Map<string, string[]>();
  for (const { agent, task } of assignments) {
    const known = work.get(agent) ?? [];
    known.push(`${task}: ${texts.get(task)}`);
    work.set(agent, known);
  }
  const registered: { agent: Agent; task: string }[] = [];
  const others: { name: string; prompt: string; type: string }[] = [];
  for (const [id, list] of work) {
    const agent = live.get(id);
    const prompt = list.join("\n");
    if (agent === undefined) others.push({ name: id, prompt, type: types.get(id) ?? id });
    else registered.push({ agent, task: prompt });
  }
  const { lines, hint } = linesFor(root, registered);
  return {
    lines: [...lines, ...taskLines(others)],
    ...(registered.length === 0 || hint === undefined ? {} : { hint }),
  };
}
