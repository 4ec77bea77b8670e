import type { AgentType } from "../types/agent-type.ts";
import type { Capability } from "../types/capabilities.ts";
import { allStems } from "./task-words.ts";

/** How agents are arranged, which decides who may have which task. */
export const TOPOLOGIES = ["mesh", "hierarchical", "star", "ring", "adaptive"] as const;
/**
 * One of `TOPOLOGIES`:
 *
 *     mesh          equals: anybody may have anything
 *     hierarchical  leads have what is to be coordinated and nothing else; that is nobody else's
 *     star          the first lead is the hub, as in a hierarchy; all others are spokes, and work
 *     ring          work is handed on in one direction: a task's agent stands where the agent of the task
 *                   before it stands, or later, in the order in which agents are given
 *     adaptive      as mesh, as long as nothing else was chosen
 *
 * Leads are agents whose type is first of all there to coordinate. Where there are none, or nobody else, a
 * hierarchy or a star assigns as a mesh does.
 */
export type Topology = (typeof TOPOLOGIES)[number];

const LEADING: ReadonlySet<string> = new Set<Capability>(["coordination", "task-scheduling"]);
const COORDINATING: ReadonlySet<string> = new Set<Capability>([
  ...(["coordination", "task-scheduling", "topology"] as const),
]);
const LEADING_WORDS = new Set(
  allStems("coordinate coordinator orchestrate delegate supervise oversee"),
);
const MOST_IMPORTANT = 2; // capabilities of a type, which stand first

/** Whether a type is first of all there to coordinate others. */
export function isLead(type: AgentType | undefined): boolean {
  const first = type?.capabilities.slice(0, MOST_IMPORTANT) ?? [];
  return first.some((capability) => LEADING.has(capability));
}

/** Whether a task is to coordinate others, by what it needs, or else by its words. */
export function isCoordination(text: string, needs: readonly string[]): boolean {
  if (needs.length > 0) return needs.some((need) => COORDINATING.has(need));
  return allStems(text).some((stem) => LEADING_WORDS.has(stem));
}

/**
 * Which agents a topology leaves to tasks of either kind.
 * @param leads whether each agent is a lead
 * @returns for tasks that coordinate and for others, whether each agent may have them
 */
export function allowedAgents(
  topology: Topology,
  leads: readonly boolean[],
): { readonly coordination: readonly boolean[]; readonly work: readonly boolean[] } {
  const hub = leads.indexOf(true);
  const leading =
    topology === "hierarchical"
      ? leads
      : topology === "star"
        ? leads.map((_, agent) => agent === hub)
        : [];
  const isDivided = leading.includes(true) && leading.includes(false);
  if (!isDivided) {
    const all = leads.map(() => true);
    return { coordination: all, work: all };
  }
  return { coordination: leading, work: leading.map((leads) => !leads) };
}
