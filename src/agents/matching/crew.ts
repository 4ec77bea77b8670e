import type { AgentType } from "../types/agent-type.ts";
import { AgentTypes } from "../types/agent-types.ts";
import type { AssignableAgent } from "./assignment-plan.ts";
import { otherTypes, profilesOf, type Profiles } from "./profiles.ts";
import { TextMatcher } from "./text-match.ts";

/** Agents as they were looked at. */
export interface Crew {
  readonly types: AgentTypes;
  readonly profiles: Profiles;
  readonly matcher: TextMatcher;
}

const MOST_CREWS = 8;

/** Crews met last, by all that they depend on, the oldest first. */
const crews = new Map<
  string,
  { readonly own: readonly AgentType[] | undefined; readonly crew: Crew }
>();

/**
 * Looks at agents; those it has met lately it knows already.
 * @param own types that the catalogue does not have, or that stand in for its own
 * @throws {StigmergyError} INVALID_INPUT for a type that says nothing
 */
export async function crewOf(
  agents: readonly AssignableAgent[],
  own: readonly AgentType[] | undefined,
): Promise<Crew> {
  const key = JSON.stringify(
    agents.map(({ id, type, skills, description }) => [id, type, skills, description]),
  );
  const known = crews.get(key);
  if (known !== undefined && known.own === own) return known.crew;
  const { AGENT_CATALOG } = await import("../types/catalog.ts");
  const types = new AgentTypes(AGENT_CATALOG, own);
  const profiles = profilesOf(agents, types);
  const matcher = new TextMatcher(
    profiles.profiles.map(({ text }) => text),
    otherTypes(profiles.profiles, types),
  );
  const crew = { types, profiles, matcher };
  crews.delete(key);
  crews.set(key, { own, crew });
  for (const oldest of crews.keys()) {
    if (crews.size <= MOST_CREWS) break;
    crews.delete(oldest);
  }
  return crew;
}
