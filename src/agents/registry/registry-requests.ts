import type { OptionNames } from "../../util/option-names.ts";
import type { Agent } from "./live-agent.ts";
import { RESTART_NAMES, type RestartRequest } from "./restart-choice.ts";

// What a registry of live agents is asked, and what it answers.

/** What an agent says at a sign of life. */
export interface HeartbeatOptions {
  /** Tasks that it has in hand; default as it said last. */
  readonly load?: number | undefined;
  /** The start that it works for; default the one in force. */
  readonly starts?: number | undefined;
}

/** What an agent is told at a sign of life. */
export interface HeartbeatAnswer {
  readonly agent: Agent;
  /** It is to drop what it does and begin again, as the start of the number in `agent.starts`. */
  readonly restart: boolean;
  /** It is to end. */
  readonly stop: boolean;
}

/** What ending a start of an agent came to. */
export interface EndedStart {
  readonly agent: Agent;
  /** What it had claimed, and others may now take. */
  readonly claims: readonly string[];
  /** Notes of its own that were removed, or moved when they were to be kept. */
  readonly notes: number;
  /** A handler of this process runs again; else its client finds out at its next sign of life. */
  readonly by: "handler" | "client";
}

/** How an agent is stopped. */
export interface StopOptions {
  /** Also while it has tasks in hand, which are then free; default false. */
  readonly force?: boolean | undefined;
  /** Keep its notes where all agents find them; default false. */
  readonly promote?: boolean | undefined;
  /** What others read in its record. */
  readonly reason?: string | undefined;
}

/** Which agents to restart, and whether only to tell. */
export interface RestartManyRequest extends RestartRequest {
  /** Tell which would be restarted, and restart none; default false. */
  readonly dryRun?: boolean | undefined;
}

/** The names of options of `list`. */
export const LIST_NAMES = { stopped: true };
/** The names of `HeartbeatOptions`. */
export const HEARTBEAT_NAMES: OptionNames<HeartbeatOptions> = { load: true, starts: true };
/** The names of `StopOptions`. */
export const STOP_NAMES: OptionNames<StopOptions> = { force: true, promote: true, reason: true };
/** The names of a `RestartManyRequest`. */
export const RESTART_MANY_NAMES: OptionNames<RestartManyRequest> = {
  ...RESTART_NAMES,
  dryRun: true,
};
