import { StigmergyError } from "../../errors.ts";
import type { Agent } from "./live-agent.ts";

// What the registry of agents says no with.

/** There is no agent of an id. */
export function absentAgent(id: string): StigmergyError {
  return new StigmergyError(
    "NOT_FOUND",
    `agent ${JSON.stringify(id.slice(0, 100))}: there is none of this id; stigmergy agent list tells who there is`,
  );
}

/** Whether an error says that others have changed what was to be changed. */
export function isConflict(error: unknown): boolean {
  return error instanceof StigmergyError && error.code === "CONFLICT";
}

/** Others change an agent too often. */
export function busyAgent(id: string): StigmergyError {
  return new StigmergyError("CONFLICT", `agent ${JSON.stringify(id)}: others change it; try again`);
}

/** An agent that is stopped can't begin again. */
export function stoppedAgent(id: string): StigmergyError {
  return new StigmergyError(
    "INVALID_INPUT",
    `agent ${JSON.stringify(id)}: expected a running one, found it stopped; spawn it again`,
  );
}

/** An agent has begun again since it was looked at. */
export function restartedAgent(id: string): StigmergyError {
  return new StigmergyError("CONFLICT", `agent ${JSON.stringify(id)}: was restarted meanwhile`);
}

/** An agent with tasks in hand is not stopped just so. */
export function agentWithTasks({ id, load }: Agent): StigmergyError {
  return new StigmergyError(
    "CONFLICT",
    `agent ${JSON.stringify(id)}: has ${load} tasks in hand; wait, or force it, which ends its claims`,
  );
}

/** Whether an error says that an agent is no longer as it was when it was looked at. */
export function isOutdated(error: unknown): error is StigmergyError {
  return (
    error instanceof StigmergyError &&
    ["INVALID_INPUT", "CONFLICT", "NOT_FOUND"].includes(error.code)
  );
}
