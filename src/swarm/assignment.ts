import { assignAgents } from "../agents/plan/assign.ts";
import type {
  AssignableAgent,
  AssignmentPlan,
  AssignRequest,
} from "../agents/matching/assignment-plan.ts";
import { matchCapabilities, type CapabilityMatch } from "../agents/matching/capability-match.ts";
import type { Agent } from "../agents/registry/live-agent.ts";
import { selectAgents, type ProjectTeam } from "../agents/matching/select-agents.ts";
import { StigmergyError } from "../errors.ts";
import type { MemoryStore } from "../memory/memory-store.ts";
import { createEmbedder } from "../text/create-embedder.ts";
import type { Embedder } from "../text/embedder.ts";
import { loadAgentTypes } from "./agent-types.ts";
import { agentsOf } from "./agents.ts";
import { projectHistory, taskHistory } from "./task-outcomes.ts";

/** Tasks up to which meaning is compared, too; of more it would take longer than the plan. */
const MOST_EMBEDDED = 2000;
let shared: Promise<Embedder> | undefined;

/** The one embedder, so that plans that go on from others know it again. */
function builtin(): Promise<Embedder> {
  shared ??= createEmbedder();
  return shared;
}

/** What to assign among a project's agents. */
export interface ProjectAssignRequest extends Omit<
  AssignRequest,
  "agents" | "history" | "types" | "network"
> {
  /** Default the live agents. Ids of live agents, names of types, or agents. */
  readonly agents?: readonly (string | AssignableAgent)[] | undefined;
  /** Only live agents with this label. */
  readonly swarm?: string | undefined;
}

/** A plan, and the live agents among those it was made for. */
export interface ProjectPlan {
  readonly plan: AssignmentPlan;
  readonly agents: readonly AssignableAgent[];
  readonly live: ReadonlyMap<string, Agent>;
  /** Recorded outcomes that can't be read and were left out. */
  readonly damaged: number;
}

/**
 * Assigns tasks among a project's agents, by what its recorded outcomes tell. A network of many outcomes is
 * trained while answers go on without it.
 * @throws {StigmergyError} NOT_FOUND when there are no agents, or none of a name; INVALID_INPUT; FORBIDDEN
 * @throws the reason of `signal`
 */
export async function assignTasks(
  store: MemoryStore,
  { agents: named, swarm, ...request }: ProjectAssignRequest,
): Promise<ProjectPlan> {
  const { agents, live, types } = await crewFor(store, named, swarm);
  const { outcomes: history, damaged } = await taskHistory(store);
  const embedder =
    request.embedder ?? (request.tasks.length > MOST_EMBEDDED ? undefined : await builtin());
  const plan = await assignAgents({
    ...request,
    agents,
    history,
    types,
    network: "background",
    ...(embedder === undefined ? {} : { embedder }),
  });
  return { plan, agents, live, damaged };
}

/** Which of a project's agents meet requirements; of the catalogue's types where there are no agents. */
export async function matchAgents(
  store: MemoryStore,
  requirements: readonly string[],
  named?: readonly (string | AssignableAgent)[],
): Promise<{ readonly matches: CapabilityMatch[]; readonly of: "agents" | "types" }> {
  const types = (await loadAgentTypes(store.folder)).list();
  const running = named === undefined ? await runningAgents(store) : [];
  if (named === undefined && running.length === 0) {
    const agents = types.map(({ name }) => ({ id: name, type: name }));
    return { matches: await matchCapabilities(requirements, agents, types), of: "types" };
  }
  const { agents } = await crewFor(store, named, undefined);
  return { matches: await matchCapabilities(requirements, agents, types), of: "agents" };
}

/** Agent types and a topology for a project, by its words and by what came of similar ones. */
export async function selectTeam(store: MemoryStore, description: string): Promise<ProjectTeam> {
  return selectAgents(description, { history: await projectHistory(store) });
}

async function runningAgents(store: MemoryStore): Promise<Agent[]> {
  return (await agentsOf(store).list()).filter(isRunning);
}

function isRunning({ status }: Agent): boolean {
  return status === "idle" || status === "busy";
}

/** @throws {StigmergyError} INVALID_INPUT when an id is that of an agent which does nothing now */
function refuseAbsent(id: string, registered: readonly Agent[]): void {
  const agent = registered.find((each) => each.id === id);
  if (agent === undefined) return;
  throw new StigmergyError(
    "INVALID_INPUT",
    `agent ${JSON.stringify(id)}: expected a running one, found it ${agent.status}; leave it out, or let it give a sign of life (agent_heartbeat)`,
  );
}

async function crewFor(
  store: MemoryStore,
  named: readonly (string | AssignableAgent)[] | undefined,
  swarm: string | undefined,
): Promise<{
  readonly agents: readonly AssignableAgent[];
  readonly live: ReadonlyMap<string, Agent>;
  readonly types: ReturnType<Awaited<ReturnType<typeof loadAgentTypes>>["list"]>;
}> {
  const known = await loadAgentTypes(store.folder);
  const registered = await agentsOf(store).list();
  const running = registered.filter(isRunning);
  const live = new Map(running.map((agent) => [agent.id, agent]));
  const types = known.list();
  if (named !== undefined && swarm !== undefined) {
    throw new StigmergyError(
      "INVALID_INPUT",
      "agents: expected agents, or the label of live ones, received both; leave one out",
    );
  }
  if (named === undefined) {
    const own = running.filter((agent) => swarm === undefined || agent.swarm === swarm);
    if (own.length > 0) return { agents: own.map(assignable), live, types };
    const where =
      swarm === undefined ? "" : ` with the label ${JSON.stringify(swarm.slice(0, 100))}`;
    throw new StigmergyError(
      "NOT_FOUND",
      `agents: there are no live ones${where}; spawn some (agent_spawn), or name types as agents`,
    );
  }
  const repeats = new Map<string, number>();
  const agents = named.map((each) => {
    if (typeof each !== "string") return each;
    const agent = live.get(each);
    if (agent !== undefined) return assignable(agent);
    if (known.find(each) === undefined) refuseAbsent(each, registered);
    const type = known.get(each).name;
    const count = (repeats.get(type) ?? 0) + 1;
    repeats.set(type, count);
    return { id: count === 1 ? type : `${type}-${count}`, type };
  });
  return { agents, live, types };
}

/** A live agent with the capacity that it has left. */
function assignable(agent: Agent): AssignableAgent {
  const { id, type, capacity, load, skills, capabilities = [], description } = agent;
  const all = [...capabilities, ...skills];
  return {
    id,
    type,
    capacity: Math.max(0, capacity - load),
    load: capacity === 0 ? 1 : Math.min(1, load / capacity),
    ...(all.length > 0 ? { skills: all } : {}),
    ...(description === undefined ? {} : { description }),
  };
}
