import { setImmediate as nextTurn } from "node:timers/promises";
import { findSecrets } from "../../security/secret-scan.ts";
import { Codec } from "../entries/codec.ts";
import type { StoreContext } from "../entries/context.ts";
import type { SqlRow } from "../file/driver.ts";
import { ENTRY_COLUMNS } from "../entries/entry.ts";
import { conditionOf } from "../entries/selection.ts";
import { checkNamespace } from "../../security/limits.ts";

/** A secret that stands in an entry; never the secret itself. */
export interface StoredSecret {
  readonly namespace: string;
  readonly key: string;
  /** Where in the entry, and from which of its characters on. */
  readonly field: "value" | "metadata";
  /** The first of its characters in that field, from 0. */
  readonly start: number;
  /** How many characters it has. */
  readonly length: number;
  /** What it looks like, as "AWS access key". */
  readonly kind: string;
  /** Whether the entry is sealed on disk; one that is not can be read by whoever reads the file. */
  readonly isSealed: boolean;
}

/** What a scan looked at and found. */
export interface ScanReport {
  readonly entries: number;
  readonly secrets: readonly StoredSecret[];
}

const BATCH = 256;
const MOST_FOUND = 10_000;

/**
 * Looks for keys, tokens and passwords in what is stored, and reports where they are.
 * @throws {StigmergyError} FORBIDDEN without the right to read
 */
export async function scanEntries(
  context: StoreContext,
  namespace: string | undefined,
): Promise<ScanReport> {
  const { database, state, codec, audit } = context;
  const where = namespace === undefined ? undefined : checkNamespace(namespace);
  state.refresh();
  if (where !== undefined) state.access.assert("read", where);
  const readable = where === undefined ? state.access.patterns("read") : undefined;
  const { text, values } = conditionOf({ namespace: where, readable }, Date.now());
  const secrets: StoredSecret[] = [];
  let entries = 0;
  let after = 0;
  for (;;) {
    const rows = database.read(() =>
      database
        .sql(
          `SELECT ${ENTRY_COLUMNS} FROM entries WHERE ${text} AND id > ? ORDER BY id LIMIT ${BATCH}`,
        )
        .all(...values, after),
    );
    for (const row of rows) {
      secrets.push(...secretsOf(codec, row).slice(0, MOST_FOUND - secrets.length));
    }
    entries += rows.length;
    if (rows.length < BATCH) break;
    after = rows[rows.length - 1].id as number;
    // Others get a turn: the whole store is read.
    await nextTurn();
  }
  const detail = `${entries} entries, ${secrets.length} found`;
  audit.note({ action: "scan", outcome: "done", namespace: where ?? null, detail });
  return { entries, secrets };
}

function secretsOf(codec: Codec, row: SqlRow): StoredSecret[] {
  const said = codec.decode(row);
  const isSealed = Codec.isSealed(row.encoding as number);
  const named = { namespace: row.namespace as string, key: row.key as string, isSealed };
  return (["value", "metadata"] as const).flatMap((field) =>
    findSecrets(said[field]).map(({ kind, start, length }) => ({
      ...named,
      field,
      start,
      length,
      kind,
    })),
  );
}
