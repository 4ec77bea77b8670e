import { StigmergyError } from "../../errors.ts";
import type { AgentType } from "../types/agent-type.ts";
import type { AssignableAgent } from "./assignment-plan.ts";
import { crewOf } from "./crew.ts";
import { skillKey } from "./profiles.ts";

/** How well an agent meets what is asked for. */
export interface CapabilityMatch {
  readonly agent: string;
  readonly type: string;
  /** 0 to 1: the mean over all that is asked for, of 1 for what it has, and at most a half for what its words fit. */
  readonly score: number;
  readonly met: readonly string[];
  readonly missing: readonly string[];
}

const MOST_FOR_WORDS = 0.5;

/**
 * Which agents meet requirements: capabilities, skills or types, or any words. The best first.
 * @throws {StigmergyError} INVALID_INPUT for no requirements, or agents that say nothing of themselves
 */
export async function matchCapabilities(
  requirements: readonly string[],
  agents: readonly AssignableAgent[],
  types?: readonly AgentType[],
): Promise<CapabilityMatch[]> {
  if (requirements.length === 0 || requirements.some((each) => each.trim() === "")) {
    throw new StigmergyError(
      "INVALID_INPUT",
      "requirements: expected capabilities, skills or words, received none",
    );
  }
  const { profiles, matcher } = await crewOf(agents, types);
  const fits = requirements.map((requirement) => {
    const scores = new Float64Array(matcher.count);
    matcher.addScores(requirement, scores);
    const best = scores.reduce((most, each) => Math.max(most, each), 0);
    return scores.map((score) => (best === 0 ? 0 : (MOST_FOR_WORDS * score) / best));
  });
  const matches = agents.map(({ id, type }, i) => {
    const { skills } = profiles.profiles[profiles.of[i]];
    const isMet = (requirement: string): boolean => skills.has(skillKey(requirement));
    const scores = requirements.map((each, at) => (isMet(each) ? 1 : fits[at][profiles.of[i]]));
    return {
      agent: id,
      type,
      score: scores.reduce((sum, score) => sum + score, 0) / requirements.length,
      met: requirements.filter(isMet),
      missing: requirements.filter((each) => !isMet(each)),
    };
  });
  return matches.sort((a, b) => b.score - a.score);
}
