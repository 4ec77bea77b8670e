import { StigmergyError } from "../../errors.ts";
import { stemOf } from "../../text/stemmer.ts";
import type { AgentType } from "../types/agent-type.ts";
import type { AgentTypes } from "../types/agent-types.ts";
import type { AssignableAgent } from "./assignment-plan.ts";
import { CAPABILITIES } from "../types/capabilities.ts";
import type { AgentText } from "./text-match.ts";
import { isLead } from "./topology.ts";

const MOST_SKILL_WORDS = 8; // a longer one is a sentence, not a name

/** What agents that can do the same have in common. */
export interface Profile {
  /** The same for agents that can do the same. */
  readonly key: string;
  readonly typeName: string;
  readonly type: AgentType | undefined;
  readonly text: AgentText;
  /** Capabilities, skills and the type's name, as they were given. */
  readonly words: readonly string[];
  /** These as `skillKey` gives them, and what they are kinds of: unit-testing is testing. */
  readonly skills: ReadonlySet<string>;
  readonly isLead: boolean;
  /** Whether it is its type and nothing besides. */
  readonly isPlain: boolean;
}

/** Profiles of agents, and which each has. */
export interface Profiles {
  readonly profiles: readonly Profile[];
  /** Of each agent, its place in `profiles`. */
  readonly of: Int32Array;
}

/**
 * Finds what each agent can do.
 * @throws {StigmergyError} INVALID_INPUT for a type that says nothing, with the names most like it
 */
export function profilesOf(agents: readonly AssignableAgent[], types: AgentTypes): Profiles {
  const profiles: Profile[] = [];
  const places = new Map<string, number>();
  const of = Int32Array.from(agents, (agent) => {
    const type = types.find(agent.type);
    const key = keyOf(agent, type);
    let place = places.get(key);
    if (place === undefined) {
      place = profiles.length;
      places.set(key, place);
      profiles.push(profileOf(key, agent, type, types));
    }
    return place;
  });
  return { profiles, of };
}

function keyOf(agent: AssignableAgent, type: AgentType | undefined): string {
  const { id, skills = [], description } = agent;
  if (type !== undefined && skills.length === 0 && description === undefined) return type.name;
  // What an unknown type means can lie in the agent's own name.
  const name = type === undefined ? [agent.type, id] : [type.name];
  return JSON.stringify([...name, skills.toSorted(), description]);
}

function profileOf(
  key: string,
  { id, type: given, skills = [], description }: AssignableAgent,
  type: AgentType | undefined,
  types: AgentTypes,
): Profile {
  const typeName = type?.name ?? given;
  if (type === undefined && skills.length === 0 && description === undefined) {
    const near = types.nearest(typeName).map((each) => JSON.stringify(each));
    const hint = near.length === 0 ? "" : `did you mean ${near.join(" or ")}? else `;
    throw new StigmergyError(
      "INVALID_INPUT",
      `agent ${JSON.stringify(id)}: expected a type of the catalogue, received ${JSON.stringify(typeName.slice(0, 100))}; ${hint}give it skills or a description`,
    );
  }
  const own = type === undefined ? [typeName, ...(id === typeName ? [] : [id])] : [typeName];
  const capabilities = type?.capabilities ?? [];
  const usual = type === undefined ? undefined : typeText(type);
  const isPlain = key === typeName;
  const words = [typeName, ...capabilities, ...skills];
  return {
    key,
    typeName,
    type,
    text:
      usual !== undefined && isPlain
        ? usual
        : {
            name: [...own, ...skills].join(" "),
            description: description ?? usual?.description ?? "",
            hints: usual?.hints ?? [],
          },
    words,
    skills: new Set(words.flatMap(meanings)),
    isLead: isLead(type),
    isPlain,
  };
}

const typeTexts = new WeakMap<AgentType, AgentText>();

/** What a type of the catalogue says of itself; the same object each time. */
function typeText(type: AgentType): AgentText {
  let text = typeTexts.get(type);
  if (text === undefined) {
    text = {
      name: type.name,
      description: type.description,
      hints: type.capabilities.map((each) => `${each}: ${CAPABILITIES[each]}`),
    };
    typeTexts.set(type, text);
  }
  return text;
}

/**
 * Texts of types that no profile is, to tell by how rare words are where profiles are fewer than those.
 */
export function otherTypes(profiles: readonly Profile[], types: AgentTypes): AgentText[] {
  const all = types.list();
  if (profiles.length > all.length) return [];
  const met = new Set(profiles.map(({ typeName }) => typeName));
  return all.filter(({ name }) => !met.has(name)).map(typeText);
}

/** A skill's key, and those of the words that it is made of, alone and side by side. */
function meanings(skill: string): string[] {
  const whole = skillKey(skill);
  const words = whole.split("-");
  if (words.length > MOST_SKILL_WORDS) return [whole];
  return words.flatMap((_, from) =>
    words.slice(from).map((_, count) => words.slice(from, from + count + 1).join("-")),
  );
}

/** A skill as it is compared: `Unit Tests`, `unit-testing` and `unit_test` are one. */
export function skillKey(skill: string): string {
  const words = skill.toLowerCase().match(/[\p{L}\p{N}+#]+/gu) ?? [];
  return words.map(stemOf).join("-");
}
