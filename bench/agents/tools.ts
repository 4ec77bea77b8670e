// MetaTool as agents: each of its tools is one, each request a task that one of them can do. CLINC150 alike: each
// of its intents is an agent, whose name is all that it says of itself.

import type { AssignableAgent, TaskOutcome } from "#dist/agents/matching/assignment-plan.js";
import { shuffle } from "#dist/neural/training/classes.js";
import { seededRandom } from "#dist/util/random.js";
import {
  clinc150,
  metaTool,
  toolDescriptions,
  type LabeledText,
} from "../support/labeled-texts.js";

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
    id,
    type: id,
    description,
  }));
  return { agents, ...split };
}

/** Reads CLINC150 alike. */
export function intentTasks(part: string): ToolTasks | undefined {
  const split = clinc150();
  if (split === undefined) {
    console.log(`\nagents ${part} left out: no ../shared/data/clinc150`);
    return undefined;
  }
  const intents = [...new Set(split.learning.map(({ label }) => label))].sort();
  const agents = intents.map((id) => ({ id, type: id, description: id.replaceAll("_", " ") }));
  return { agents, learning: split.learning, asked: split.asked };
}

/** Requests as tasks that were done by the right tool. */
export function asOutcomes(texts: readonly LabeledText[]): TaskOutcome[] {
  return texts.map(({ text, label }) => ({ text, agent: label, success: true }));
}

/** Requests as tasks, numbered. */
export function asTasks(texts: readonly LabeledText[]): { id: string; text: string }[] {
  return texts.map(({ text }, i) => ({ id: `${i}`, text }));
}

/** The same texts in an order drawn by a seed: in the files those of one tool stand together. */
export function shuffled(texts: readonly LabeledText[]): LabeledText[] {
  const order = Uint32Array.from(texts.keys());
  shuffle(order, seededRandom(1));
  return Array.from(order, (i) => texts[i]);
}

/** A share in percent. */
export function percent(share: number): string {
  return (100 * share).toFixed(1);
}
