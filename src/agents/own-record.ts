import type { AssignableAgent } from "./assignment-plan.ts";
import type { Counts, Experience } from "./experience.ts";
import type { Profiles } from "./profiles.ts";

/** Outcomes of an agent below which it is judged by its kind alone. */
const FEWEST = 3;
/** Standard errors by which it must fall short of its kind: who failed by chance shares the work as before. */
const DOUBT = 2.5;
/** How often others of a kind succeed where nothing is known of them, and as how many outcomes that counts. */
const USUAL = { success: 0.9, outcomes: 8 } as const;
/** Outcomes of its kind that an agent's own are weighed beside. */
const OUTCOMES_OF_KIND = 4;

/** How an agent does that falls short of others that can do the same. */
export interface OwnRecord extends Counts {
  /** What the success expected of its kind is multiplied by, above 0 and below 1. */
  readonly factor: number;
}

/**
 * Agents that do far worse than others that can do the same, as one whose checkout is broken does; the rest of a
 * kind stay alike. Outcomes count that name the agent itself, not its type.
 * @returns for each agent, its record; undefined for one like its kind
 */
export function ownRecords(
  agents: readonly AssignableAgent[],
  { of }: Profiles,
  experience: Experience | undefined,
): (OwnRecord | undefined)[] {
  return agents.map(({ id, type }, i) => {
    const own = id === type ? undefined : experience?.byAgent.get(id);
    if (experience === undefined || own === undefined || own.weight < FEWEST) return undefined;
    const others = experience.weights[of[i]] - own.weight + USUAL.outcomes;
    const succeeded = experience.successes[of[i]] - own.successes;
    const usual = (succeeded + USUAL.outcomes * USUAL.success) / others;
    const error = Math.sqrt(own.weight * usual * (1 - usual));
    if (own.successes >= own.weight * usual - DOUBT * error) return undefined;
    const expected = (own.successes + OUTCOMES_OF_KIND * usual) / (own.weight + OUTCOMES_OF_KIND);
    return { ...own, factor: expected / usual };
  });
}
