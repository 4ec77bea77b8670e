import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { checkNamespace, checkPath } from "../../security/limits.ts";
import { StigmergyError } from "../../errors.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import type { StoreContext } from "../entries/context.ts";
import { ENTRY_COLUMNS, type Entry } from "../entries/entry.ts";
import { filesOpenHere } from "../file/open-files.ts";
import { exportMemory, type ExportFormat } from "./export.ts";
import { assertReadable } from "../entries/reads.ts";
import { DATABASE_FILE } from "../file/schema.ts";
import { conditionOf } from "../entries/selection.ts";

/** What to export. */
export interface ExportRequest {
  /** Default `json`. */
  readonly format?: ExportFormat | undefined;
  /** Default all that may be read. */
  readonly namespace?: string | undefined;
}

const EXPORT_NAMES: OptionNames<ExportRequest> = { format: true, namespace: true };

/** What was exported. */
export interface ExportReport {
  readonly format: ExportFormat;
  readonly entries: number;
}

const FORMATS: readonly ExportFormat[] = ["json", "csv", "md"];
const BATCH = 256; // entries read at a time

/**
 * Writes entries, sealed ones in the clear, for people and other programs. What is written
 * meanwhile may be in it or not; a backup is of one moment.
 * @throws {StigmergyError} INVALID_INPUT, FORBIDDEN, IO_FAILED
 */
export async function exportStore(
  context: StoreContext,
  path: string,
  request: ExportRequest,
): Promise<ExportReport> {
  const { format = "json", namespace } = knownOptions("export", request, EXPORT_NAMES);
  const { state, audit, folder } = context;
  if (!FORMATS.includes(format)) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `format: expected ${FORMATS.join(", ")}, received ${String(format).slice(0, 64)}`,
    );
  }
  const where = namespace === undefined ? undefined : checkNamespace(namespace);
  state.refresh();
  if (where !== undefined) assertReadable(context, "export", where);
  const target = resolve(checkPath(path));
  const found = await stat(target).catch(() => undefined);
  const isNamedLikeIt = dirname(target) === folder && basename(target).startsWith(DATABASE_FILE);
  // By a link, the store's folder has other names too.
  if (isNamedLikeIt || (await filesOpenHere())(found)) {
    throw new StigmergyError(
      "INVALID_INPUT",
      "export path: expected none of the store's own files; choose another",
    );
  }
  const entries = await exportMemory(entriesOf(context, where), format, target);
  audit.note({
    action: "export",
    outcome: "done",
    namespace: where ?? null,
    detail: `${entries} entries as ${format}`,
  });
  return { format, entries };
}

async function* entriesOf(
  { database, codec, state }: StoreContext,
  namespace: string | undefined,
): AsyncGenerator<Entry> {
  const readable = namespace === undefined ? state.access.patterns("read") : undefined;
  const { text, values } = conditionOf({ namespace, readable }, Date.now());
  for (let after = 0; ;) {
    const rows = database.read(() =>
      database
        .sql(
          `SELECT ${ENTRY_COLUMNS} FROM entries WHERE ${text} AND id > ? ORDER BY id LIMIT ${BATCH}`,
        )
        .all(...values, after),
    );
    for (const row of rows) yield codec.entryOf(row);
    if (rows.length < BATCH) return;
    after = rows[rows.length - 1].id as number;
  }
}
