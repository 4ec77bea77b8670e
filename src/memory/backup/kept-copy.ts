import { currentSeq } from "../entries/changes.ts";
import type { StoreContext } from "../entries/context.ts";
import type { Database } from "../file/database.ts";
import { putFile } from "./backup-files.ts";
import { makeSingle } from "./backup.ts";

/** A copy of the store on the disk, not yet sealed, and how far it goes. */
export interface KeptCopy {
  readonly path: string;
  readonly seq: number;
}

/**
 * Keeps the store as it is in a file, before it is changed. It may well be damaged: that is no reason
 * to do without.
 */
export async function keepCopy(
  { database }: Pick<StoreContext, "database">,
  path: string,
): Promise<KeptCopy> {
  const seq = database.read(() => currentSeq(database));
  await putFile(path, async (temporary) => {
    await database.copyTo(temporary);
    await makeSingle(temporary);
  });
  return { path, seq };
}

/** What a copy lacks of each table; only rows of a seq are told apart. */
const LATER: readonly (readonly [table: string, condition: string])[] = [
  ["entries", "seq > :seq"],
  ["vectors", "entry IN (SELECT id FROM main.entries WHERE seq > :seq)"],
  ["removals", "seq > :seq"],
  ["events", "seq > :seq"],
  ["audit", "line > (SELECT coalesce(max(line), 0) FROM kept.audit)"],
  ["history", "id > (SELECT coalesce(max(id), 0) FROM kept.history)"],
  ["models", "id > (SELECT coalesce(max(id), 0) FROM kept.models)"],
  ["model_parts", "id > (SELECT coalesce(max(id), 0) FROM kept.model_parts)"],
  ["outcomes", "id > (SELECT coalesce(max(id), 0) FROM kept.outcomes)"],
  ["agents", "true"],
  ["unembedded", "true"],
  ["dictionaries", "true"],
  ["namespaces", "true"],
  // The words of what is added here are still to be put into the copy's index.
  ["facts", "name <> 'words_seq'"],
];

/**
 * Adds to a copy, attached as `kept`, what others have written since. Within a transaction, so that
 * the copy holds what the store held at that moment.
 */
export function catchUpCopy(database: Database, seq: number): void {
  const run = (sql: string): void => {
    database.sql(sql.replaceAll(":seq", String(seq))).get();
  };
  run("DELETE FROM kept.entries WHERE id IN (SELECT entry FROM main.removals WHERE seq > :seq)");
  run("DELETE FROM kept.entries WHERE id IN (SELECT id FROM main.entries WHERE seq > :seq)");
  run("DELETE FROM kept.vectors WHERE entry NOT IN (SELECT id FROM kept.entries)");
  run("DELETE FROM kept.unembedded");
  for (const table of ["models", "model_parts", "outcomes", "agents"]) {
    run(`DELETE FROM kept.${table} WHERE id NOT IN (SELECT id FROM main.${table})`);
  }
  for (const [table, condition] of LATER) {
    run(`INSERT OR REPLACE INTO kept.${table} SELECT * FROM main.${table} WHERE ${condition}`);
  }
}
