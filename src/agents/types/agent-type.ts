import type { Capability } from "./capabilities.ts";

/** The groups of the catalogue, and that of users' own types. */
export const AGENT_GROUPS = [
  "core-development",
  "swarm-coordination",
  "consensus",
  "performance",
  "github",
  "sparc",
  "specialized",
  "testing",
  "migration",
  "custom",
] as const;
/** One of `AGENT_GROUPS`. */
export type AgentGroup = (typeof AGENT_GROUPS)[number];

/** What an agent costs to run: `low` suits a small model, `high` asks for the best. */
export const COST_CLASSES = ["low", "medium", "high"] as const;
/** One of `COST_CLASSES`. */
export type CostClass = (typeof COST_CLASSES)[number];

/** A kind of agent: what it is good at, what it needs, and what it is told. */
export interface AgentType {
  /** Lower case with hyphens, as `backend-dev`. */
  readonly name: string;
  /** Which of the nine groups of the catalogue it belongs to. */
  readonly group: AgentGroup;
  /** What it is good at, in a sentence or two and in the words that people use for such work. */
  readonly description: string;
  /** The strongest first. */
  readonly capabilities: readonly Capability[];
  /** Tools it needs, by the names that Claude Code's sub-agents use. */
  readonly tools: readonly string[];
  /** What its work costs beside that of others; the default of an agent's price. */
  readonly costClass: CostClass;
  /** Its role, in Markdown; what all roles share is added by `rolePrompt`. */
  readonly prompt: string;
  /** The model that a user's file names, where that says more than the cost class. */
  readonly model?: string;
}
