import type { Agent } from "./live-agent.ts";
import type { Measured } from "./measured-outcomes.ts";
import { checkSuccessRate, LEAST_TASKS, recentRestarts } from "./restart-choice.ts";

/** How an agent is, and what says so. */
export interface AgentHealth {
  readonly agent: Agent;
  /** Share of its tasks since its start that succeeded, 0 to 1; 0 without a sign of life; null when too little is known. */
  readonly health: number | null;
  /** It gives signs of life, has no more in hand than it can, and is not known to do worse than asked. */
  readonly isHealthy: boolean;
  /** What was looked at, in plain words: first what is wrong. */
  readonly reasons: readonly string[];
  readonly tasks: number;
}

const DEFAULT_THRESHOLD = 0.5;

/**
 * Judges agents by their signs of life, their load and what they did since they were last started.
 * @param threshold least success rate of a healthy agent, 0 to 1
 * @throws {StigmergyError} INVALID_INPUT for another threshold
 */
export function healthOf(
  agents: readonly Agent[],
  measured: ReadonlyMap<string, Measured>,
  threshold: number = DEFAULT_THRESHOLD,
): AgentHealth[] {
  checkSuccessRate("threshold", threshold);
  return agents.map((agent) => {
    const { tasks = 0, successRate = null } = measured.get(agent.id)?.sinceStart ?? {};
    const rate = tasks < LEAST_TASKS ? null : successRate;
    const isGone = agent.status === "stale" || agent.status === "stopped";
    const wrong = faultsOf(agent, rate, threshold);
    const restarts = recentRestarts(agent);
    const known =
      rate === null
        ? `only ${tasks} of ${LEAST_TASKS} outcomes since its start, too few to judge by`
        : `${percent(rate)} of ${tasks} tasks since its start succeeded`;
    const often = `restarted ${restarts} ${restarts === 1 ? "time" : "times"} within ${agent.restart.withinSeconds} s`;
    return {
      agent,
      health: isGone ? 0 : rate,
      isHealthy: wrong.length === 0,
      reasons: [...wrong, known, ...(restarts === 0 ? [] : [often])],
      tasks,
    };
  });
}

function faultsOf(
  { status, load, capacity, heartbeatAt, ended }: Agent,
  rate: number | null,
  threshold: number,
): string[] {
  const silent = Math.round((Date.now() - heartbeatAt) / 1000);
  return [
    ...(status === "stopped" ? [`was stopped: ${ended ?? "no reason was given"}`] : []),
    ...(status === "stale" && silent >= 0 ? [`no sign of life for ${silent} s`] : []),
    ...(status === "stale" && silent < 0
      ? [`its last sign of life is ${-silent} s ahead: the clock was set back since`]
      : []),
    ...(status === "restarting" ? ["is to begin again, and has not said yet that it did"] : []),
    ...(load > capacity ? [`has ${load} tasks in hand, and room for ${capacity}`] : []),
    ...(rate !== null && rate < threshold
      ? [`success of ${percent(rate)} is below ${percent(threshold)}`]
      : []),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
