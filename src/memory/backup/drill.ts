import { setImmediate as nextTurn } from "node:timers/promises";
import { messageOf } from "../../errors.ts";
import type { StoreContext } from "../entries/context.ts";
import type { SqlRow } from "../file/driver.ts";
import { ENTRY_COLUMNS, type ReadableRow } from "../entries/entry.ts";
import { findBackup } from "./backup-files.ts";
import { withImage, type Image } from "./image.ts";
import { adopt } from "./reseal.ts";

/** What a rehearsal of a restore came to. */
export interface DrillReport {
  /** The backup that was restored. */
  readonly path: string;
  /** Entries that were compared. */
  readonly entries: number;
  /** Of these, entries that the live store has otherwise, or not at all, by now. */
  readonly changedSince: number;
  /** How long the rehearsal took. */
  readonly seconds: number;
  /** Whether nothing was found wrong. */
  readonly ok: boolean;
  /** What was wrong, in words. */
  readonly problems: readonly string[];
}

const BATCH = 512; // entries compared before others get a turn
const MOST_PROBLEMS = 100;

/**
 * Restores the newest backup, or the one at a path, into a folder that is removed again, and compares
 * it entry by entry with the backup. The store is only read.
 * @throws {StigmergyError} NOT_FOUND when there is no backup; FORBIDDEN
 */
export async function drill(context: StoreContext, path = "latest"): Promise<DrillReport> {
  const { state } = context;
  state.refresh();
  state.access.assert("admin", "*");
  const start = performance.now();
  const found = await findBackup(context.folder, path);
  const problems: string[] = [];
  let entries = 0;
  let changedSince = 0;
  try {
    // The one stays as the backup has it; the other becomes what a restore would put in place.
    await withImage(context, found, undefined, (backup) =>
      withImage(context, found, undefined, async (image) => {
        const restored = { database: image.database, codec: await adopt(context, image) };
        for await (const row of everyEntry(backup)) {
          const expected = tell(row);
          entries++;
          if (lookUp(restored, row) !== expected && problems.length < MOST_PROBLEMS) {
            const place = JSON.stringify(String(row.key).slice(0, 200));
            problems.push(`key ${place}: what was restored is not what the backup has`);
          }
          if (lookUp(context, row) !== expected) changedSince++;
        }
        const sql = "SELECT count(*) AS count FROM entries";
        const count = Number(image.database.sql(sql).get()?.count);
        if (count !== entries) problems.push(`expected ${entries} entries, restored ${count}`);
      }),
    );
  } catch (error) {
    problems.push(messageOf(error));
  }
  const seconds = (performance.now() - start) / 1000;
  const ok = problems.length === 0;
  context.audit.note({
    action: "drill",
    outcome: ok ? "done" : "failed",
    detail: `${entries} entries`,
  });
  return { path: found, entries, changedSince, seconds, ok, problems };
}

/** Where entries are read. */
type Source = Pick<Image, "database" | "codec">;

async function* everyEntry({ database, codec }: Source): AsyncGenerator<SqlRow & ReadableRow> {
  for (let after = Number.MIN_SAFE_INTEGER; ;) {
    const rows = database
      .sql(`SELECT ${ENTRY_COLUMNS} FROM entries WHERE id > ? ORDER BY id LIMIT ${BATCH}`)
      .all(after);
    yield* rows.map((row) => codec.decode(row));
    if (rows.length < BATCH) return;
    after = rows[rows.length - 1].id as number;
    await nextTurn();
  }
}

function lookUp({ database, codec }: Source, { namespace, key }: SqlRow): string | undefined {
  const row = database.read(() =>
    database
      .sql(`SELECT ${ENTRY_COLUMNS} FROM entries WHERE namespace = ? AND key = ?`)
      .get(namespace, key),
  );
  return row === undefined ? undefined : tell(codec.decode(row));
}

/** All that an entry says, without how it is kept and how often it was read. */
function tell(row: ReadableRow): string {
  const { namespace, key, value, tags, metadata, agent, session, provenance, signature } = row;
  return JSON.stringify([
    ...[namespace, key, value, tags, metadata, agent, session, provenance, signature],
    ...[row.pinned, row.at, row.created_at, row.updated_at, row.expires_at],
  ]);
}
