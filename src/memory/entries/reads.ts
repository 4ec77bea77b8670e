import { StigmergyError } from "../../errors.ts";
import { checkCount, checkKey, checkName, checkNamespace, LIMITS } from "../../security/limits.ts";
import { knownOptions } from "../../util/option-names.ts";
import type { StoreContext } from "./context.ts";
import { ENTRY_COLUMNS, entryOf, type Entry, type ReadableRow } from "./entry.ts";
import { LIST_NAMES, type ListRequest } from "./requests.ts";
import { conditionOf } from "./selection.ts";
import { SETTINGS_TOKEN } from "../file/settings-token.ts";

/**
 * The entry of a key, or undefined when there is none that has not expired.
 * @throws {StigmergyError} FORBIDDEN; DAMAGED when what is stored can't be read
 */
export function readEntry(
  context: StoreContext,
  namespace: string,
  key: string,
): Entry | undefined {
  const { cache, accesses, audit } = context;
  const now = Date.now();
  // Before anything is read: what is held, or how it fails, would tell what stands there.
  if (!context.state.access.allows("read", namespace)) {
    context.state.refresh();
    assertReadable(context, "retrieve", namespace, key);
  }
  const row = cache.read(namespace, key) ?? storedRow(context, namespace, key);
  try {
    assertReadable(context, "retrieve", namespace, key);
  } catch (error) {
    cache.drop(namespace, key);
    throw error;
  }
  const isThere =
    row !== undefined && (row.expires_at === null || (row.expires_at as number) > now);
  if (audit.covers(namespace)) {
    audit.note({ action: "retrieve", outcome: isThere ? "done" : "absent", namespace, key });
  }
  if (row === undefined || !isThere) return undefined;
  return entryOf(row, accesses.note(row.id as number, now));
}

/** The row of a key, and with it, in one look at the file, whether the rights are still the same. */
function storedRow(
  { database, state, codec, cache }: StoreContext,
  namespace: string,
  key: string,
): ReadableRow | undefined {
  const stored = database.read(() => database.sql(SELECT_ONE).get(namespace, key));
  if (stored === undefined) {
    state.refresh();
    return undefined;
  }
  state.check(stored.token);
  const row = codec.decodeInPlace(stored);
  cache.set(row);
  return row;
}

const SELECT_ONE = `SELECT ${ENTRY_COLUMNS}, ${SETTINGS_TOKEN} AS token FROM entries
  WHERE namespace = ? AND key = ?`;

/** Entries in the order asked for. @throws {StigmergyError} INVALID_INPUT, FORBIDDEN */
export function listEntries(context: StoreContext, request: ListRequest): Entry[] {
  const { database, state, codec, accesses, audit } = context;
  knownOptions("list", request, LIST_NAMES);
  const { namespace, pattern, session, order = "key", limit = 100, offset = 0 } = request;
  if (order !== "key" && order !== "time") {
    const received = String(order).slice(0, 64);
    throw new StigmergyError("INVALID_INPUT", `order: expected key or time, received ${received}`);
  }
  const where = namespace === undefined ? undefined : checkNamespace(namespace);
  state.refresh();
  if (where !== undefined) assertReadable(context, "list", where);
  const { text, values } = conditionOf(
    {
      namespace: where,
      pattern: pattern === undefined ? undefined : checkKey(pattern),
      session: session === undefined ? undefined : checkName("session", session),
      readable: where === undefined ? state.access.patterns("read") : undefined,
    },
    Date.now(),
  );
  const rows = database.read(() =>
    database
      .sql(
        `SELECT ${ENTRY_COLUMNS} FROM entries WHERE ${text}
         ORDER BY ${order === "key" ? "namespace, key" : "at, id"} LIMIT ? OFFSET ?`,
      )
      .all(
        ...values,
        checkCount("limit", limit, 1, LIMITS.listEntries),
        checkCount("offset", offset, 0, Number.MAX_SAFE_INTEGER),
      ),
  );
  const counts = new Map<string, number>();
  for (const { namespace: each } of rows as { readonly namespace: string }[]) {
    counts.set(each, (counts.get(each) ?? 0) + 1);
  }
  for (const [each, count] of counts) {
    audit.note({ action: "list", outcome: "done", namespace: each, detail: `${count} entries` });
  }
  return rows.map((row) => accesses.counted(codec.entryOf(row)));
}

/** @throws {StigmergyError} FORBIDDEN, which is logged */
export function assertReadable(
  { state, audit }: StoreContext,
  action: string,
  namespace: string,
  key?: string,
): void {
  try {
    state.access.assert("read", namespace);
  } catch (error) {
    audit.note({ action, outcome: "refused", namespace, key: key ?? null });
    throw error;
  }
}
