import type { Capability } from "../types/capabilities.ts";

/** running: it works or waits for work. restarting: it is to begin again. stopped: it has ended. */
const AGENT_STATES = ["running", "restarting", "stopped"] as const;
/** One of `AGENT_STATES`. */
export type AgentState = (typeof AGENT_STATES)[number];

/** When an agent is started again without anybody asking for it by name. */
export interface RestartPolicy {
  /** Always: when it ends, however it ends; on-failure: when it fails or does badly; never. */
  readonly when: "always" | "on-failure" | "never";
  /** Restarts within `withinSeconds`; one more, and it is stopped for good. */
  readonly most: number;
  /** The time that `most` looks back over, in seconds. */
  readonly withinSeconds: number;
}

/** What an agent is, which its life does not change. */
export interface AgentFacts {
  /** Its type: of the catalogue, a user's, or one described at its start. */
  readonly type: string;
  /** What people see. */
  readonly name: string;
  /** Tasks that it can have in hand at once. */
  readonly capacity: number;
  /** What it can do beside what its type can, in free words. */
  readonly skills: readonly string[];
  /** Of a type that is neither in the catalogue nor a user's: what it is good at. */
  readonly description?: string;
  readonly capabilities?: readonly Capability[];
  readonly restart: RestartPolicy;
  /** A label, by which agents are listed together. */
  readonly swarm?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** The latest restarts, the last one last. */
  readonly restarts: readonly { readonly at: number; readonly reason: string }[];
  /** Why it was stopped. */
  readonly ended?: string;
}

/** An agent as it is kept. Times in milliseconds since 1970. */
export interface AgentRecord {
  /** Of this agent, and no other that is kept. */
  readonly id: string;
  readonly state: AgentState;
  /** From 1: how often it was started. Who works for an earlier start is told to end. */
  readonly starts: number;
  readonly createdAt: number;
  /** When it was last started. */
  readonly startedAt: number;
  /** The last sign of life. */
  readonly heartbeatAt: number;
  /** Tasks in hand. */
  readonly load: number;
  /** Changes with every write but signs of life. */
  readonly version: number;
  readonly facts: AgentFacts;
}
