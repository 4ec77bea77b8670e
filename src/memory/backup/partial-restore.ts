import { StigmergyError } from "../../errors.ts";
import { commit, type Write } from "../entries/commit.ts";
import type { StoreContext } from "../entries/context.ts";
import { ENTRY_COLUMNS, type Entry } from "../entries/entry.ts";
import type { Image } from "./image.ts";

/**
 * Writes entries of an image into the store, all of them or none, each as a new version.
 * @returns how many
 * @throws {StigmergyError} NOT_FOUND when the backup has none; LIMIT_REACHED, FORBIDDEN, as `commit`
 */
export async function restorePart(
  context: StoreContext,
  { database, codec }: Image,
  namespace: string,
  key: string | undefined,
): Promise<number> {
  const rows = database.read(() =>
    database
      .sql(
        `SELECT ${ENTRY_COLUMNS} FROM entries WHERE namespace = ? AND key = coalesce(?, key)
         AND (expires_at IS NULL OR expires_at > ?) ORDER BY seq`,
      )
      .all(namespace, key ?? null, Date.now()),
  );
  if (rows.length === 0) {
    const what = key === undefined ? "entries of" : `key ${JSON.stringify(key.slice(0, 200))} in`;
    throw new StigmergyError(
      "NOT_FOUND",
      `backup: expected ${what} namespace ${JSON.stringify(namespace)}, found none that has not expired`,
    );
  }
  await commit(
    context,
    rows.map((row) => writeOf(codec.entryOf(row))),
  );
  context.audit.note({
    action: "restore",
    outcome: "done",
    namespace,
    key: key ?? null,
    detail: `${rows.length} entries`,
  });
  return rows.length;
}

function writeOf(entry: Entry): Write {
  const { namespace, key, value, tags, metadata, agent, session, provenance, signature } = entry;
  const { pinned, at, expiresAt, createdAt, updatedAt, accessCount } = entry;
  return {
    kind: "put",
    entry: {
      namespace,
      key,
      value,
      tags,
      metadata,
      agent,
      session,
      provenance,
      signature,
      pinned,
      at,
      expiresAt,
      origin: { createdAt, updatedAt, accessCount },
    },
  };
}
