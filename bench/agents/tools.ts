// MetaTool as agents: each of its tools is one, each request a task that one of them can do.

import type { AssignableAgent, TaskOutcome } from "#dist/agents/assignment-plan.js";
import { metaTool, toolDescriptions, type LabeledText } from "../support/labeled-texts.js";

/** Requests, and the tools as agents. */
export interface ToolTasks {
  readonly agents: readonly AssignableAgent[];
  readonly learning: readonly LabeledText[];
  readonly asked: readonly LabeledText[];
}

/** Reads MetaTool; undefined, and told, when it is not on this machine. */
export function toolTasks(part: string): ToolTasks | undefined {
  const split = metaTool();
  const descriptions = toolDescriptions();
  if (split === undefined || descriptions === undefined) {
    console.log(`\nagents ${part} left out: no ../shared/data/metatool-toole`);
    return undefined;
  }
  const agents = Object.entries(descriptions).map(([id, description]) => ({
    ...{ id, type: id, description },
  }));
  return { agents, ...split };
}

/** Requests as tasks that were done by the right tool. */
export function asOutcomes(texts: readonly LabeledText[]): TaskOutcome[] {
  return texts.map(({ text, label }) => ({ text, agent: label, success: true }));
}

/** Requests as tasks, numbered. */
export function asTasks(texts: readonly LabeledText[]): { id: string; text: string }[] {
  return texts.map(({ text }, i) => ({ id: `${i}`, text }));
}

/** A share in percent. */
export function percent(share: number): string {
  return (100 * share).toFixed(1);
}
