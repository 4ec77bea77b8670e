import type { OutcomeStorage } from "../../neural/model/model-storage.ts";
import type { AgentFacts, AgentRecord, AgentState } from "./agent.ts";

// What the registry of agents needs of whoever keeps them, and of what they leave. memory has it, and
// swarm brings them together.

/** An agent to keep. */
export interface NewAgent {
  readonly id: string;
  readonly facts: AgentFacts;
}

/** A change of an agent. */
export interface AgentChange {
  readonly id: string;
  /** Only if it has this version still. */
  readonly ifVersion: number;
  readonly state?: AgentState;
  /** Begin a start of the next number, with no load. */
  readonly start?: boolean;
  readonly facts?: AgentFacts;
}

/** A sign of life. */
export interface Beat {
  readonly id: string;
  /** Only if this start is in force still. */
  readonly starts: number;
  readonly load?: number | undefined;
}

/** Keeps agents, for any number of processes. */
export interface AgentStorage {
  /**
   * Keeps all of them or none; those who take the id of a stopped one take its place.
   * @throws {StigmergyError} CONFLICT for an id that is in use; LIMIT_REACHED when more than `most` would
   * not be stopped
   */
  addAgents(agents: readonly NewAgent[], most: number): Promise<readonly AgentRecord[]>;
  /** @throws {StigmergyError} CONFLICT when `ifVersion` is not met, NOT_FOUND */
  changeAgent(change: AgentChange): Promise<AgentRecord>;
  /** The agent after a sign of life; undefined when that start is not in force, or it does not run. */
  beatAgent(beat: Beat): Promise<AgentRecord | undefined>;
  findAgent(id: string): Promise<AgentRecord | undefined>;
  /** In the order in which they were added. */
  listAgents(): Promise<readonly AgentRecord[]>;
}

/** What agents leave in the memory that a restart takes away. */
export interface AgentTraces {
  /** Ends the claims of an agent; returns what it had claimed. */
  endClaims(id: string): Promise<readonly string[]>;
  /** Removes the notes of an agent, or moves them to where all find them; returns how many. */
  clearNotes(id: string, promote: boolean): Promise<number>;
}

/** Tells other processes that an agent was asked to begin again or to end, and hears of it. */
export interface AgentSignals {
  send(signal: AgentSignal): Promise<void>;
  /** What any process sends from now on. */
  watch(end: AbortSignal): AsyncIterable<AgentSignal>;
}

/** What happened to an agent. */
export interface AgentSignal {
  readonly id: string;
  readonly what: "restart" | "stop";
  /** The start that is in force since. */
  readonly starts: number;
}

/** What a registry needs of the rooms above it. */
export interface RegistryParts {
  readonly storage: AgentStorage;
  readonly traces: AgentTraces;
  readonly signals: AgentSignals;
  readonly outcomes: Pick<OutcomeStorage, "listOutcomes">;
}
