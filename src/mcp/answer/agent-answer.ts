import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AgentTypes } from "../../agents/types/agent-types.ts";
import type { Agent } from "../../agents/registry/live-agent.ts";
import type { Measured } from "../../agents/registry/measured-outcomes.ts";
import type { AgentRegistry } from "../../agents/registry/registry.ts";
import { plannedTask } from "../../agents/registry/task-brief.ts";
import { taskLines } from "../../agents/registry/task-lines.ts";
import type { MemoryStore } from "../../memory/memory-store.ts";
import { isoTime, present } from "./entry-answer.ts";

// What tools and commands of agents share. The catalogue is loaded when it is first asked for: it holds
// the prompts of every role, and few calls need it.

/** The live agents of a store. */
export async function agentsOf(memory: MemoryStore): Promise<AgentRegistry> {
  return (await import("../../swarm/agents.ts")).agentsOf(memory);
}

/** The agent types of a store's project. */
export async function agentTypesOf(memory: MemoryStore): Promise<AgentTypes> {
  return (await import("../../swarm/agent-types.ts")).loadAgentTypes(memory.folder);
}

/** Where sub-agents of Claude Code's stand in a project. */
const CLIENT_FOLDER = join(".claude", "agents");

/** What is told of an agent. */
export function agentAnswer(agent: Agent, types?: AgentTypes): Record<string, unknown> {
  const { id, type, name, status, starts, load, capacity, skills, swarm, metadata } = agent;
  const { description, restart, restarts, ended } = agent;
  const known = types?.find(type);
  return {
    agentId: id,
    id,
    type,
    agentType: type,
    name,
    status,
    starts,
    load,
    capacity,
    capabilities: [...(agent.capabilities ?? known?.capabilities ?? []), ...skills],
    ...present({ description, swarmId: swarm, metadata, costClass: known?.costClass, ended }),
    restart,
    restarts: restarts.map(({ at, reason }) => ({ at: isoTime(at), reason })),
    createdAt: isoTime(agent.createdAt),
    startedAt: isoTime(agent.startedAt),
    lastHeartbeat: isoTime(agent.heartbeatAt),
  };
}

/** What is told of an agent's measured work. */
export function measuredAnswer(measured: Measured | undefined): Record<string, unknown> {
  const none = { tasks: 0, successRate: null, medianMs: null };
  return { ...(measured ?? { ...none, kinds: [], sinceStart: none }) };
}

/** Live agents, or one, also a stopped one, with their measured work, and `problems` where outcomes can't be read. */
export async function measuredAgents(
  memory: MemoryStore,
  agentId: string | undefined,
): Promise<{
  readonly agents: readonly Agent[];
  readonly measured: ReadonlyMap<string, Measured>;
  readonly problems: { readonly problems?: readonly string[] };
}> {
  const registry = await agentsOf(memory);
  const agents = agentId === undefined ? await registry.list() : [await registry.get(agentId)];
  let damaged = 0;
  const measured = await registry.measure(agents, (outcomes) => (damaged = outcomes));
  const problems = damaged === 0 ? {} : { problems: [damagedOutcomes(damaged)] };
  return { agents, measured, problems };
}

/** What is said when recorded outcomes could not be read. */
export function damagedOutcomes(count: number): string {
  return `recorded outcomes that can't be read and were left out: ${count}; stigmergy memory verify tells which, stigmergy memory repair mends the store without them`;
}

/** Agents with their tasks as calls that a client can issue in one message. */
export function linesFor(
  root: string,
  agents: readonly { readonly agent: Agent; readonly task: string | undefined }[],
): {
  readonly lines: readonly string[];
  readonly missingTypes: readonly string[];
  readonly hint?: string;
} {
  const hasFile = (type: string): boolean =>
    /^[a-z0-9-]+$/.test(type) && existsSync(join(root, CLIENT_FOLDER, `${type}.md`));
  const lines = taskLines(
    agents.map((each) => plannedTask({ ...each, knowsRole: hasFile(each.agent.type) })),
  );
  const types = [...new Set(agents.map(({ agent }) => agent.type))];
  const missingTypes = types.filter((type) => !hasFile(type));
  const hint = `the client may not know these types as sub-agents; stigmergy agent export --to .claude/agents gives them to Claude Code, or issue the lines with a type that it has`;
  return { lines, missingTypes, ...(missingTypes.length === 0 ? {} : { hint }) };
}
