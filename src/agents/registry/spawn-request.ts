import { randomBytes } from "node:crypto";
import { StigmergyError } from "../../errors.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import type { AgentFacts, RestartPolicy } from "./agent.ts";
import type { NewAgent } from "./agent-storage.ts";
import type { AgentTypes } from "../types/agent-types.ts";
import { isCapability, type Capability, type Skill } from "../types/capabilities.ts";

/** Those parts of a policy that are asked for. */
type AskedPolicy = { readonly [Part in keyof RestartPolicy]?: RestartPolicy[Part] | undefined };

/** An agent to start. */
export interface SpawnRequest {
  /**
   * A type of the catalogue or a user's, also by an older name; or any other name, when a description or
   * capabilities say what it means.
   */
  readonly type: string;
  /** Its own, for as long as it lives: letters, digits and `_ . : @ -`; default of its type and chance. */
  readonly id?: string | undefined;
  /** What people see; default its id. */
  readonly name?: string | undefined;
  /** Tasks that it can have in hand at once, 1 to 1,000; default 1. */
  readonly capacity?: number | undefined;
  /** What it can do beside what its type can: words of the vocabulary, or any others. */
  readonly capabilities?: readonly Skill[] | undefined;
  /** What it is good at, for a type that is not known. */
  readonly description?: string | undefined;
  /** Default on-failure, at most 5 within 5 minutes. */
  readonly restart?: AskedPolicy | undefined;
  /** The swarm that it belongs to. */
  readonly swarm?: string | undefined;
  /** What else is to be known of it, JSON values. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

const SPAWN_NAMES: OptionNames<SpawnRequest> = {
  type: true,
  id: true,
  name: true,
  capacity: true,
  capabilities: true,
  description: true,
  restart: true,
  swarm: true,
  metadata: true,
};

const DEFAULT_POLICY: RestartPolicy = { when: "on-failure", most: 5, withinSeconds: 300 };
const ID = /^[\p{L}\p{N}_.:@-]{1,128}$/u;
const MOST_CAPACITY = 1000;
const MOST_SKILLS = 64;
const MOST_CHARACTERS = 256; // of a name or a skill
const MOST_DESCRIPTION = 4096;

/**
 * The agent that a request asks for.
 * @throws {StigmergyError} NOT_FOUND for a type that is not known and not described; INVALID_INPUT
 */
export function agentToStart(types: AgentTypes, request: SpawnRequest): NewAgent {
  knownOptions("spawn", request, SPAWN_NAMES);
  const { capacity = 1, capabilities = [], restart = {} } = request;
  knownOptions("restart", restart, DEFAULT_POLICY);
  const { swarm, metadata, description } = request;
  const asked = checkLine("type", request.type);
  const words = checkCapabilities(capabilities);
  const isDescribed = (description ?? "").trim() !== "" || words.length > 0;
  const known = isDescribed ? types.find(asked) : types.get(asked);
  checkDescription(description);
  checkCapacity(capacity);
  const type = known?.name ?? asked;
  const id = checkId(request.id ?? `${slugOf(type)}-${randomBytes(4).toString("hex")}`);
  // A word that its type's capabilities have already says nothing more.
  const has = new Set<string>(known?.capabilities);
  const skills = [...new Set(words)].filter((word) => !has.has(word));
  const facts: AgentFacts = {
    type,
    name: checkLine("name", request.name ?? id),
    capacity,
    skills: known === undefined ? skills.filter((word) => !isCapability(word)) : skills,
    ...(known === undefined ? ownTypeOf(description, skills) : {}),
    restart: checkPolicy({ ...DEFAULT_POLICY, ...withoutAbsent(restart) }),
    ...(swarm === undefined ? {} : { swarm: checkLine("swarm", swarm) }),
    ...(metadata === undefined ? {} : { metadata }),
    restarts: [],
  };
  return { id, facts };
}

/** An agent's id. @throws {StigmergyError} INVALID_INPUT */
function checkId(id: unknown): string {
  if (typeof id === "string" && ID.test(id)) return id;
  throw invalid("agent id", "1 to 128 letters, digits or _ . : @ -", shown(id));
}

function checkCapabilities(capabilities: readonly string[]): string[] {
  if (capabilities.length > MOST_SKILLS) {
    throw invalid("capabilities", `at most ${MOST_SKILLS}`, String(capabilities.length));
  }
  return capabilities.map((word) => checkLine("capability", word));
}

function checkDescription(description: string | undefined): void {
  if (description !== undefined && description.length > MOST_DESCRIPTION) {
    throw invalid("description", `at most ${MOST_DESCRIPTION} characters`, description.length);
  }
}

function checkCapacity(capacity: number): void {
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > MOST_CAPACITY) {
    throw invalid("capacity", `a whole number from 1 to ${MOST_CAPACITY}`, capacity);
  }
}

function ownTypeOf(
  description: string | undefined,
  words: readonly string[],
): Pick<AgentFacts, "description" | "capabilities"> {
  const capabilities = words.filter((word): word is Capability => isCapability(word));
  const text = description?.trim();
  return { description: text === undefined || text === "" ? words.join(", ") : text, capabilities };
}

function checkPolicy(policy: RestartPolicy): RestartPolicy {
  const { when, most, withinSeconds } = policy;
  if (!["always", "on-failure", "never"].includes(when)) {
    throw invalid("restart", "always, on-failure or never", shown(when));
  }
  if (!Number.isInteger(most) || most < 0 || most > 1000) {
    throw invalid("restart.most", "a whole number from 0 to 1000", shown(most));
  }
  if (!(withinSeconds > 0 && withinSeconds <= 86_400)) {
    throw invalid("restart.withinSeconds", "seconds, more than 0, at most a day", withinSeconds);
  }
  return { when, most, withinSeconds };
}

function withoutAbsent(policy: AskedPolicy): Partial<RestartPolicy> {
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined));
}

/** A text on one line. */
function checkLine(what: string, text: unknown): string {
  const isLine = typeof text === "string" && text.trim() !== "" && !/\p{Cc}/u.test(text);
  if (isLine && text.length <= MOST_CHARACTERS && text.isWellFormed()) return text.trim();
  throw invalid(what, `a text on one line of at most ${MOST_CHARACTERS} characters`, shown(text));
}

function slugOf(type: string): string {
  const slug = type.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "-");
  return slug.replace(/^-/, "").replace(/-$/, "").slice(0, 64) || "agent";
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 60)) : typeof value;
}

function invalid(what: string, expected: string, received: string | number): StigmergyError {
  return new StigmergyError("INVALID_INPUT", `${what}: expected ${expected}, received ${received}`);
}
