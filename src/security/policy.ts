import { StigmergyError } from "../errors.ts";
import { parsePublicKey, publicKeyText } from "./public-key.ts";

export { Access } from "./access.ts";
export { matchesPattern } from "./patterns.ts";

/** What may be done in a namespace. `admin` includes the others. */
export type Right = "read" | "write" | "delete" | "admin";

/** Rights in all namespaces of a pattern. */
export interface Grant {
  /** Pattern over the whole name, with `*` and `?`. */
  readonly namespace: string;
  readonly rights: readonly Right[];
}

/** What an agent is allowed, and how its signatures are known. */
export interface PolicyAgent {
  readonly roles: readonly string[];
  /** Ed25519, SPKI DER in base64. */
  readonly publicKey?: string;
}

/** Who may do what. What is not granted is denied. */
export interface Policy {
  /** Grants by the role's name. */
  readonly roles: Readonly<Record<string, readonly Grant[]>>;
  /** Agents by name; the roles of `*` are everyone's. */
  readonly agents: Readonly<Record<string, PolicyAgent>>;
  /** Patterns of the namespaces whose entries must be signed. */
  readonly requireSignatures: readonly string[];
}

/** Grants of one agent: each is looked at for every entry that is listed. */
const MOST_GRANTS = 256;
const RIGHTS: readonly Right[] = ["read", "write", "delete", "admin"];
const MOST_CHARACTERS = 256; // of a role, an agent or a pattern, as of a namespace
const MOST_ITEMS = 1000; // of each list, so that a check stays short

/**
 * The policy that `value`, parsed JSON, spells. Nothing unknown is passed over: a right that is
 * misspelled would otherwise be silently missing. Its records have no prototype.
 * @throws {StigmergyError} INVALID_INPUT that names the place
 */
export function parsePolicy(value: unknown): Policy {
  const policy = fieldsOf("policy", value, ["roles", "agents"], ["requireSignatures"]);
  const roles = mapOf("roles", policy.roles, parseGrants);
  const agents = mapOf("agents", policy.agents, (place, agent, name) =>
    parseAgent(place, agent, name, roles),
  );
  const requireSignatures = listOf(
    "requireSignatures",
    policy.requireSignatures ?? [],
    checkedText,
  );
  if (!Object.values(agents).some((agent) => administersAll(agent, roles))) {
    throw refused(
      "agents",
      'one or more with a role that grants "admin" on "*"',
      "none, so that nobody could change the policy again",
    );
  }
  return { roles, agents, requireSignatures };
}

function parseGrants(place: string, value: unknown): readonly Grant[] {
  return listOf(place, value, (place, each) => {
    const grant = fieldsOf(place, each, ["namespace", "rights"], []);
    const namespace = checkedText(`${place}.namespace`, grant.namespace);
    const rights = listOf(`${place}.rights`, grant.rights, parseRight);
    if (rights.length === 0) throw refused(`${place}.rights`, "one right or more", "none");
    return { namespace, rights };
  });
}

function parseRight(place: string, value: unknown): Right {
  const right = RIGHTS.find((each) => each === value);
  if (right === undefined) throw refused(place, RIGHTS.join(", "), shown(value));
  return right;
}

function parseAgent(
  place: string,
  value: unknown,
  name: string,
  roles: Policy["roles"],
): PolicyAgent {
  const agent = fieldsOf(place, value, ["roles"], ["publicKey"]);
  const names = listOf(`${place}.roles`, agent.roles, (place, role) => {
    const known = checkedText(place, role);
    if (!Object.hasOwn(roles, known)) throw refused(place, "a role of this policy", shown(role));
    return known;
  });
  const grants = names.reduce((sum, role) => sum + roles[role].length, 0);
  if (grants > MOST_GRANTS) {
    throw refused(place, `roles of ${MOST_GRANTS} grants at most, all together`, String(grants));
  }
  if (agent.publicKey === undefined) return { roles: names };
  const keyPlace = `${place}.publicKey`;
  if (name === "*") throw refused(keyPlace, 'none, as "*" is no single agent', "a key");
  return { roles: names, publicKey: publicKeyText(parsePublicKey(keyPlace, agent.publicKey)) };
}

function administersAll(agent: PolicyAgent, roles: Policy["roles"]): boolean {
  const grants = agent.roles.flatMap((role) => roles[role]);
  return grants.some(({ namespace, rights }) => namespace === "*" && rights.includes("admin"));
}

/** An object with all of the fields in `needed`, perhaps those in `optional`, and no others. */
function fieldsOf(
  place: string,
  value: unknown,
  needed: readonly string[],
  optional: readonly string[],
): Record<string, unknown> {
  const fields = objectOf(place, value);
  const known = [...needed, ...optional];
  for (const name of Object.keys(fields)) {
    if (!known.includes(name)) throw refused(place, `only ${known.join(", ")}`, shown(name));
  }
  for (const name of needed) {
    if (!Object.hasOwn(fields, name)) throw refused(`${place}.${name}`, "a value", "none");
  }
  // A copy without a prototype: an optional field that is absent is not looked for anywhere else.
  return Object.assign(Object.create(null), fields);
}

/** An object of names that the policy chooses, without a prototype that would know some. */
function mapOf<Value>(
  place: string,
  value: unknown,
  parse: (place: string, value: unknown, name: string) => Value,
): Record<string, Value> {
  const entries = Object.entries(objectOf(place, value));
  if (entries.length > MOST_ITEMS) throw refused(place, `at most ${MOST_ITEMS}`, entries.length);
  const map: Record<string, Value> = Object.create(null);
  for (const [name, each] of entries) {
    checkedText(`name in ${place}`, name);
    map[name] = parse(`${place}.${name}`, each, name);
  }
  return map;
}

function listOf<Item>(
  place: string,
  value: unknown,
  parse: (place: string, item: unknown) => Item,
): Item[] {
  if (!Array.isArray(value)) throw refused(place, "a list", shown(value));
  if (value.length > MOST_ITEMS) throw refused(place, `at most ${MOST_ITEMS}`, value.length);
  return value.map((item, i) => parse(`${place}[${i}]`, item));
}

function objectOf(place: string, value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw refused(place, "an object", shown(value));
}

function checkedText(place: string, value: unknown): string {
  if (typeof value !== "string") throw refused(place, "a string", shown(value));
  if (value === "" || value.length > MOST_CHARACTERS || value.includes("\0")) {
    throw refused(place, `1 to ${MOST_CHARACTERS} characters without NUL`, shown(value));
  }
  return value;
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : typeof value;
}

function refused(place: string, expected: string, received: string | number): StigmergyError {
  return new StigmergyError(
    "INVALID_INPUT",
    `${place}: expected ${expected}, received ${received}`,
  );
}
