import type { AgentFacts, AgentRecord } from "./agent.ts";

/** How an agent is doing: `stale` when its last sign of life is too long ago. */
export type AgentStatus = "idle" | "busy" | "stale" | "restarting" | "stopped";

/** A live agent, or one that was stopped lately. */
export interface Agent extends Omit<AgentRecord, "facts">, AgentFacts {
  readonly status: AgentStatus;
}

/** An agent as it is at this moment. */
export function liveAgent({ facts, ...record }: AgentRecord, staleAfterMs: number): Agent {
  const { state, heartbeatAt, load } = record;
  // A sign of life that is to come is of a clock that has been set back since: it tells as little.
  const isStale = Math.abs(Date.now() - heartbeatAt) > staleAfterMs;
  const doing = isStale ? "stale" : load > 0 ? "busy" : "idle";
  return { ...record, ...facts, status: state === "running" ? doing : state };
}

/** What an agent has beside its facts. */
const OF_LIFE: ReadonlySet<string> = new Set([
  ...[
    "id",
    "state",
    "starts",
    "createdAt",
    "startedAt",
    "heartbeatAt",
    "load",
    "version",
    "status",
  ],
]);

/** What of an agent its life does not change. */
export function factsOf(agent: Agent): AgentFacts {
  const facts = Object.entries(agent).filter(([name]) => !OF_LIFE.has(name));
  return Object.fromEntries(facts) as unknown as AgentFacts;
}
