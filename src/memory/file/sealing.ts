import type { Database } from "./database.ts";
import { changeFact, factOf } from "./facts.ts";

/** Tells every process that stored entries were sealed or unsealed. Within a transaction. */
export function changeSealing(database: Database): void {
  changeFact(database, "sealing");
}

/** Equal as long as no stored entry has been sealed or unsealed. */
export function sealingOf(database: Database): unknown {
  return factOf(database, "sealing");
}
