import { CLAIMS_NAMESPACE, STATE_NAMESPACE } from "../types/conventions.ts";
import type { Agent } from "./live-agent.ts";
import type { PlannedTask } from "./task-lines.ts";

/** What a sub-agent is to be told. */
export interface Brief {
  readonly agent: Pick<Agent, "id" | "name" | "type" | "starts" | "description">;
  /** What is to be done; without it the agent looks for work. */
  readonly task?: string | undefined;
  /** The client has a sub-agent of this type, whose prompt is the role's. */
  readonly knowsRole: boolean;
}

/**
 * The call that has a client's sub-agent work as a registered agent: its task, who it is, and where its
 * role, its claims and its notes are.
 */
export function plannedTask({ agent, task, knowsRole }: Brief): PlannedTask {
  const { id, name, type, starts, description } = agent;
  const who = `You are the agent ${JSON.stringify(id)} of type ${JSON.stringify(type)}`;
  const role =
    description !== undefined
      ? `. You are good at: ${description}`
      : knowsRole
        ? "."
        : `; agent_types with {"type": ${JSON.stringify(type)}} answers your role, which you follow.`;
  const life = JSON.stringify({ agentId: id, starts });
  const lines = [
    task?.trim() || "Find the task that you are to do: memory_search for it, and claim it.",
    "",
    who + role,
    `Begin with agent_heartbeat ${life}, and repeat it at each step; do what it answers.`,
    `Claim in the namespace "${CLAIMS_NAMESPACE}" with value ${JSON.stringify({ agent: id })} and upsert: false; keep notes in "${STATE_NAMESPACE}" under "${id}/".`,
  ];
  return { name, prompt: lines.join("\n"), type };
}
