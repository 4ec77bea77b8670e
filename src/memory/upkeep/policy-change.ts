import { parsePolicy, type Policy } from "../../security/policy.ts";
import type { StoreContext } from "../entries/context.ts";
import { changeToken } from "../file/settings-token.ts";
import { setFact } from "../file/facts.ts";

/**
 * Puts a policy in force for every process that uses the store; null ends it, and everybody may do
 * everything again.
 * @throws {StigmergyError} INVALID_INPUT, which names the place; FORBIDDEN without the right to
 * administer all namespaces
 */
export function changePolicy(context: StoreContext, policy: unknown): Policy | undefined {
  const { database, state, audit } = context;
  const parsed = policy === null ? undefined : parsePolicy(policy);
  database.write(() => {
    state.refresh();
    state.access.assert("admin", "*");
    if (parsed === undefined) database.sql("DELETE FROM facts WHERE name = 'policy'").get();
    else {
      setFact(database, "policy", JSON.stringify(parsed));
    }
    changeToken(database);
    const detail = parsed === undefined ? "none" : `${Object.keys(parsed.roles).length} roles`;
    audit.write({ action: "policy", outcome: "done", detail });
  });
  state.reload();
  return parsed;
}
