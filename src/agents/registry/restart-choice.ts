import { StigmergyError } from "../../errors.ts";
import type { OptionNames } from "../../util/option-names.ts";
import type { RestartPolicy } from "./agent.ts";
import type { Measured } from "./measured-outcomes.ts";
import type { Agent } from "./live-agent.ts";

/** Which agents to restart. */
export interface RestartRequest {
  /** Those whose success since their start is below this, 0 to 1. */
  readonly threshold?: number | undefined;
  /** Outcomes that an agent must have since its start to be judged; default 5. */
  readonly minTasks?: number | undefined;
  /** Those that gave no sign of life for too long. */
  readonly stale?: boolean | undefined;
}

/** The names of a `RestartRequest`. */
export const RESTART_NAMES: OptionNames<RestartRequest> = {
  threshold: true,
  minTasks: true,
  stale: true,
};

/** Whether an agent is restarted, and why, or why not. */
export interface RestartChoice {
  readonly agent: Agent;
  /** Whether it is restarted. */
  readonly isChosen: boolean;
  /** Why, or why not, in words. */
  readonly reason: string;
  /** Of what it did since its start, 0 to 1; null when no outcome says. */
  readonly successRate: number | null;
  /** Outcomes since its start. */
  readonly tasks: number;
}

/** Outcomes since its start that say something of an agent. */
export const LEAST_TASKS = 5;

/**
 * Judges each agent by what it did since it was last started: what went wrong before a restart is no
 * reason for the next.
 * @throws {StigmergyError} INVALID_INPUT
 */
export function chooseForRestart(
  agents: readonly Agent[],
  measured: ReadonlyMap<string, Measured>,
  { threshold, minTasks = LEAST_TASKS, stale = false }: RestartRequest,
): RestartChoice[] {
  if (threshold === undefined && !stale) {
    throw new StigmergyError("INVALID_INPUT", "restart: expected a threshold, stale or an agent");
  }
  if (threshold !== undefined) checkSuccessRate("performance threshold", threshold);
  if (!Number.isInteger(minTasks) || minTasks < 1) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `min tasks: expected a whole number from 1, received ${minTasks}`,
    );
  }
  return agents.map((agent) => {
    const { tasks = 0, successRate = null } = measured.get(agent.id)?.sinceStart ?? {};
    const [isWanted, why] = judge(agent, tasks, successRate);
    const [isAllowed, objection] = isWanted ? allows(agent) : [false, ""];
    const reason = isWanted && !isAllowed ? `${why}, but ${objection}` : why;
    return { agent, isChosen: isWanted && isAllowed, reason, successRate, tasks };
  });

  function judge(agent: Agent, tasks: number, rate: number | null): [boolean, string] {
    if (agent.state === "restarting") return [false, "is to begin again already"];
    if (stale && agent.status === "stale") return [true, "gave no sign of life"];
    if (threshold === undefined) return [false, "gives signs of life"];
    if (tasks < minTasks || rate === null) {
      return [false, `only ${tasks} of ${minTasks} outcomes since its start`];
    }
    const share = `${(100 * rate).toFixed(0)} % of ${tasks} tasks succeeded`;
    if (rate < threshold) return [true, `${share}, below ${(100 * threshold).toFixed(0)} %`];
    return [false, share];
  }
}

/** @throws {StigmergyError} INVALID_INPUT for what is no share */
export function checkSuccessRate(name: string, rate: number): void {
  if (rate >= 0 && rate <= 1) return;
  throw new StigmergyError(
    "INVALID_INPUT",
    `${name}: expected a success rate from 0 to 1, received ${rate}`,
  );
}

/** A policy, and the restarts that it counts. */
interface Restarted {
  readonly restart: RestartPolicy;
  readonly restarts: readonly { readonly at: number }[];
}

/** Whether an agent's policy allows one more restart that nobody asked for by name. */
export function allows(agent: Restarted): [isAllowed: boolean, objection: string] {
  const { when, most, withinSeconds } = agent.restart;
  if (when === "never") return [false, "its policy is never to restart"];
  const recent = recentRestarts(agent);
  if (recent < most) return [true, ""];
  return [false, `it was restarted ${recent} times within ${withinSeconds} s`];
}

/** How often an agent was restarted within the time that its policy looks at. */
export function recentRestarts({ restart, restarts }: Restarted): number {
  const since = Date.now() - restart.withinSeconds * 1000;
  return restarts.filter(({ at }) => at > since).length;
}
