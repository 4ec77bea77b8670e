import type { AssignableAgent } from "../matching/assignment-plan.ts";
import type { Deeds, Experience } from "./experience.ts";
import type { Profiles } from "../matching/profiles.ts";

/** Outcomes, or durations, of an agent below which it is judged by its kind alone. */
const FEWEST = 3;
/** Standard errors by which it must fall short of its kind: who failed by chance shares the work as before. */
const DOUBT = 2.5;
/** Times the middle duration of others that one has who is slow. */
const SLOW = 2;
/** How often others of a kind succeed where nothing is known of them, and as how many outcomes that counts. */
const USUAL = { success: 0.9, outcomes: 8 } as const;
/** Outcomes of its kind that an agent's own are weighed beside. */
const OUTCOMES_OF_KIND = 4;

/** How an agent does that falls short of others that can do the same. */
export interface OwnRecord extends Deeds {
  /** What the success expected of its kind is multiplied by, above 0; 1 for one that is slow and nothing else. */
  readonly factor: number;
  readonly isSlow: boolean;
}

/**
 * Agents that do far worse than others that can do the same, as one whose checkout is broken does, or take twice as
 * long; the rest of a kind stay alike. Outcomes count that name the agent itself, not its type.
 * @returns for each agent, its record; undefined for one like its kind
 */
export function ownRecords(
  agents: readonly AssignableAgent[],
  { of }: Profiles,
  experience: Experience | undefined,
): (OwnRecord | undefined)[] {
  if (experience === undefined) return agents.map(() => undefined);
  const deeds = agents.map(({ id, type }) =>
    id === type ? undefined : experience.byAgent.get(id),
  );
  const slow = slowOnes(deeds, of);
  return deeds.map((own, i) => {
    if (own === undefined) return undefined;
    const factor = factorOf(own, experience.weights[of[i]], experience.successes[of[i]]);
    return factor < 1 || slow.has(i) ? { ...own, factor, isSlow: slow.has(i) } : undefined;
  });
}

/** @param weight of all that its kind did, itself too; @param successes alike */
function factorOf(own: Deeds, weight: number, successes: number): number {
  if (own.weight < FEWEST) return 1;
  const succeeded = successes - own.successes + USUAL.outcomes * USUAL.success;
  const usual = succeeded / (weight - own.weight + USUAL.outcomes);
  const error = Math.sqrt(own.weight * usual * (1 - usual));
  if (own.successes >= own.weight * usual - DOUBT * error) return 1;
  const expected = (own.successes + OUTCOMES_OF_KIND * usual) / (own.weight + OUTCOMES_OF_KIND);
  return expected / usual;
}

/** Places of agents that take far longer than the middle one of the others of their kind does. */
function slowOnes(deeds: readonly (Deeds | undefined)[], of: Int32Array): ReadonlySet<number> {
  const kinds = new Map<number, { place: number; typical: number }[]>();
  deeds.forEach((own, place) => {
    if (own === undefined || own.durations.length < FEWEST) return;
    const kind = kinds.get(of[place]) ?? [];
    kind.push({ place, typical: middle(own.durations.toSorted((a, b) => a - b)) });
    kinds.set(of[place], kind);
  });
  const slow = new Set<number>();
  for (const kind of kinds.values()) {
    kind.sort((a, b) => a.typical - b.typical);
    kind.forEach(({ place, typical }, rank) => {
      const half = (kind.length - 2) >> 1; // of the others
      const other = kind[half < rank ? half : half + 1];
      if (other !== undefined && typical > SLOW * other.typical) slow.add(place);
    });
  }
  return slow;
}

function middle(sorted: readonly number[]): number {
  return sorted[(sorted.length - 1) >> 1];
}

/** How long tasks take each profile, in milliseconds: without those of agents that are slow; of all for one without. */
export function usualDurations(
  { profiles, of }: Profiles,
  records: readonly (OwnRecord | undefined)[],
  experience: Experience | undefined,
): readonly (readonly number[])[] {
  if (experience === undefined) return profiles.map(() => []);
  const left = profiles.map((_, profile) => [...experience.durations[profile]]);
  records.forEach((record, agent) => {
    if (record?.isSlow !== true) return;
    const durations = left[of[agent]];
    for (const duration of record.durations) {
      const at = durations.indexOf(duration);
      if (at !== -1) durations.splice(at, 1);
    }
  });
  return left.map((own) => (own.length > 0 ? own : experience.allDurations));
}
