import type { Database } from "./database.ts";
import { changeFact } from "./facts.ts";

/** What `tokenOf` reads, as a subquery. */
export const SETTINGS_TOKEN = "(SELECT value FROM facts WHERE name = 'settings')";

/** Equal as long as policy, settings of namespaces and keys are as they were. */
export function tokenOf(database: Database): unknown {
  return database.sql(`SELECT ${SETTINGS_TOKEN} AS token`).get()?.token;
}

/** Tells every process that policy, settings or keys have changed. Within a transaction. */
export function changeToken(database: Database): void {
  changeFact(database, "settings");
}
