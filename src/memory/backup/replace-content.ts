import { randomBytes } from "node:crypto";
import { StigmergyError } from "../../errors.ts";
import { AuditTrail } from "../entries/audit-trail.ts";
import { currentSeq } from "../entries/changes.ts";
import type { StoreContext } from "../entries/context.ts";
import { Database } from "../file/database.ts";
import type { SqlRow } from "../file/driver.ts";
import { recount } from "../integrity/rebuild.ts";
import { assertEmbedder, setCurrent } from "../entries/embedder-role.ts";
import { changeToken } from "../file/settings-token.ts";
import { readRecords } from "../file/store-keys.ts";
import { catchUpCopy, type KeptCopy } from "./kept-copy.ts";

// What a restore leaves as the live store has it: its keys, its policy and counters among the facts,
// its audit log, and messages, which are about what goes on and not what is remembered.
const KEPT = new Set(["facts", "key_records", "audit", "events"]);
/** What means nothing in a new history of changes. */
const EMPTIED = new Set(["removals", "next_vectors"]);

/** Versions left for what is written while an image is made. */
const SPARE_VERSIONS = 2 ** 20;

/** Gives the rows of an image versions that the live store has never given; their order stays. */
export function renumber(live: Database, image: Database): { readonly from: number } {
  const from = live.read(() => currentSeq(live)) + SPARE_VERSIONS;
  image.write(() => {
    image.sql("CREATE TEMP TABLE places (old INTEGER PRIMARY KEY, place INTEGER)").get();
    image
      .sql(
        `INSERT INTO places SELECT seq, row_number() OVER (ORDER BY seq) FROM
         (SELECT seq FROM entries UNION SELECT version FROM history)`,
      )
      .get();
    const place = (column: string): string =>
      `? + (SELECT place FROM places WHERE old = ${column})`;
    image.sql(`UPDATE entries SET seq = ${place("seq")}`).get(from);
    image.sql(`UPDATE history SET version = ${place("version")}`).get(from);
    recount(image);
  });
  return { from };
}

/** What a store is to be replaced by. */
export interface Replacement {
  /** The image's file, which nobody writes any more. */
  readonly path: string;
  /** Versions begin after this one. */
  readonly from: number;
  /** What the audit log says of it. */
  readonly detail: string;
}

/**
 * Puts the content of an image in the place of the store's, in one transaction: every process sees
 * the old store until it ends, and the new one from then on.
 * @param copy of the store before, which is given what others have written since
 */
export async function replaceContent(
  { database: live, state, keys, audit, embedder }: StoreContext,
  { path, from, detail }: Replacement,
  records: string,
  copy: KeptCopy,
): Promise<void> {
  // A connection of its own: the store's own then notices the change as it does those of others.
  const writer = await Database.openFile(live.path);
  try {
    writer.execute("PRAGMA foreign_keys = OFF");
    writer.openShadowTables();
    writer.read(() => writer.sql("ATTACH ? AS image").get(path));
    writer.read(() => writer.sql("ATTACH ? AS kept").get(copy.path));
    writer.write(() => {
      const seq = currentSeq(writer);
      if (seq > copy.seq) catchUpCopy(writer, copy.seq);
      if (seq >= from || recordsText(writer) !== records) throw changedMeanwhile();
      assertEmbedder(writer, embedder);
      copyTables(writer);
      // An image has vectors of this embedder only: where it was the next, nothing is left to do.
      setCurrent(writer, embedder);
      const last = writer.sql("SELECT max(seq) AS seq FROM entries").get()?.seq;
      const history = writer.sql("SELECT max(version) AS seq FROM history").get()?.seq;
      const fact = writer.sql("INSERT OR REPLACE INTO facts VALUES (?, ?)");
      const next = Math.max(from, Number(last), Number(history)) + 1;
      fact.get("seq", next);
      fact.get("removals_floor", next);
      fact.get("words_seq", next);
      fact.get("epoch", randomBytes(8).toString("hex"));
      changeToken(writer);
      const trail = new AuditTrail(writer, state, keys, audit.covers());
      trail.write({ action: "restore", outcome: "done", detail });
    });
  } finally {
    writer.close();
  }
}

/** The proofs of a store's keys, to compare. */
export function recordsText(database: Database): string {
  const shown = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString("hex");
  return database
    .read(() => readRecords(database))
    .map((each) =>
      [each.generation, shown(each.salt), shown(each.proof), shown(each.wrapped)].join(),
    )
    .join(";");
}

function copyTables(writer: Database): void {
  const tables = writer
    .sql(
      `SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
       AND sql NOT LIKE 'CREATE VIRTUAL%'`,
    )
    .all()
    .map(nameOf);
  for (const table of tables) {
    if (KEPT.has(table)) continue;
    // Without a condition and into an empty table, SQLite empties and copies pages' worth at a time.
    writer.sql(`DELETE FROM main."${table}"`).get();
    if (!EMPTIED.has(table)) {
      writer.sql(`INSERT INTO main."${table}" SELECT * FROM image."${table}"`).get();
    }
  }
  const indexes = writer
    .sql(
      `SELECT name, sql FROM image.sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
       AND name NOT IN (SELECT name FROM main.sqlite_schema)`,
    )
    .all();
  // Those that settings of the namespaces ask for.
  for (const { sql } of indexes) writer.sql(String(sql)).get();
}

function nameOf({ name }: SqlRow): string {
  return String(name);
}

function changedMeanwhile(): StigmergyError {
  return new StigmergyError(
    "CONFLICT",
    "restore: others changed the store's key, or very much else, meanwhile; nothing was restored, try again",
  );
}
