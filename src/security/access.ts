import { StigmergyError } from "../errors.ts";
import { matchesPattern } from "./patterns.ts";
import type { Policy, Right } from "./policy.ts";

const VERBS: Readonly<Record<Right, string>> = {
  read: "read",
  write: "write",
  delete: "delete from",
  admin: "administer",
};

/**
 * What a policy allows one agent. Without a policy everything is allowed, and so it is to no agent:
 * that is the owner of the process, who calls the library and could open the file as well.
 */
export class Access {
  readonly agent: string | undefined;
  /** Namespace patterns by right; undefined where everything is allowed. */
  readonly #granted: ReadonlyMap<Right, readonly string[]> | undefined;
  readonly #policy: Policy | undefined;

  constructor(policy: Policy | undefined, agent: string | undefined) {
    this.agent = agent;
    this.#policy = policy;
    if (policy !== undefined && agent !== undefined) this.#granted = grantsOf(policy, agent);
  }

  /** Whether the agent has this right in this namespace. */
  allows(right: Right, namespace: string): boolean {
    if (this.#granted === undefined) return true;
    return matchesAny(this.#granted.get(right) ?? [], namespace);
  }

  /** @throws {StigmergyError} FORBIDDEN when the agent has not this right in this namespace */
  assert(right: Right, namespace: string): void {
    if (this.allows(right, namespace)) return;
    throw new StigmergyError(
      "FORBIDDEN",
      `namespace "${namespace}": agent "${this.agent}" may not ${VERBS[right]} it; ` +
        `ask for the right "${right}" with an agent that may change the policy`,
    );
  }

  /** Patterns of the namespaces with this right, perhaps none; undefined when it is all of them. */
  patterns(right: Right): readonly string[] | undefined {
    const patterns = this.#granted?.get(right) ?? (this.#granted && []);
    return patterns?.includes("*") ? undefined : patterns;
  }

  /** Whether entries of this namespace must be signed, whoever writes them. */
  needsSignature(namespace: string): boolean {
    return matchesAny(this.#policy?.requireSignatures ?? [], namespace);
  }

  /** The key that proves this agent's signatures: SPKI DER in base64. */
  publicKeyOf(agent: string): string | undefined {
    return this.#policy && agentOf(this.#policy, agent)?.publicKey;
  }
}

function grantsOf(policy: Policy, agent: string): Map<Right, readonly string[]> {
  const names = ["*", agent].flatMap((name) => agentOf(policy, name)?.roles ?? []);
  const grants = [...new Set(names)].flatMap((role) =>
    Object.hasOwn(policy.roles, role) ? policy.roles[role] : [],
  );
  const patternsOf = (right: Right): string[] => [
    ...new Set(
      grants
        .filter(({ rights }) => rights.includes(right) || rights.includes("admin"))
        .map(({ namespace }) => namespace),
    ),
  ];
  const rights = Object.keys(VERBS) as Right[];
  return new Map(rights.map((right) => [right, patternsOf(right)]));
}

/** Own properties alone: an agent may call itself "constructor". */
function agentOf(policy: Policy, agent: string): Policy["agents"][string] | undefined {
  return Object.hasOwn(policy.agents, agent) ? policy.agents[agent] : undefined;
}

function matchesAny(patterns: readonly string[], namespace: string): boolean {
  return patterns.some((pattern) => matchesPattern(pattern, namespace));
}
