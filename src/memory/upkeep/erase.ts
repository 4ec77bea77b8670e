import { Codec } from "../entries/codec.ts";
import { noteWrite, type StoreContext } from "../entries/context.ts";
import { IndexSnapshots } from "../file/index-snapshots.ts";
import { leaveNothing } from "./space.ts";
import { deleteEntry } from "../entries/writes.ts";

/**
 * Removes an entry so that the store's files hold nothing of it any more: its value, the values it
 * had before, its vector and its words. The word index, the file and the log are written anew. Where values of its namespace were compressed with what they
 * have in common, they no longer are. Backups, and copies that the disk itself keeps, are not
 * touched. Takes time in proportion to the whole store.
 * @returns whether there was one that had not expired
 * @throws {StigmergyError} CONFLICT, FORBIDDEN, STORE_BUSY
 */
export async function eraseEntry(
  context: StoreContext,
  namespace: string,
  key: string,
  ifVersion: number | undefined,
): Promise<boolean> {
  const { database, state } = context;
  state.refresh();
  state.access.assert("delete", namespace);
  const deleted = await context.writes.run(async () =>
    database.write(() => {
      // Policy and key may have changed since.
      state.refresh();
      state.access.assert("delete", namespace);
      const isThere = deleteEntry(context, namespace, key, ifVersion, Date.now());
      database.sql("DELETE FROM history WHERE namespace = ? AND key = ?").get(namespace, key);
      forgetDictionaries(context, namespace);
      while (context.words.addPending());
      // Deleted words stay in an FTS5 index until its parts are merged.
      database.sql("INSERT INTO words (words) VALUES ('optimize')").get();
      return isThere;
    }),
  );
  noteWrite(context);
  // One that is being saved holds its words still.
  await (await context.wordMirror.made)?.settle();
  await IndexSnapshots.removeAll(context.folder);
  // Values that were overwritten or deleted before may stand in free pages, and in the log.
  await leaveNothing(database, "the entry is deleted");
  return deleted;
}

/** A dictionary is made of values, this one's perhaps: those that refer to one stand alone again. */
function forgetDictionaries({ database, codec }: StoreContext, namespace: string): void {
  for (const table of ["entries", "history"] as const) {
    const ids = database
      .sql(`SELECT id FROM ${table} WHERE namespace = ? AND encoding >> 8 > 0`)
      .all(namespace);
    for (const { id } of ids) {
      const row = database.sql(`SELECT * FROM ${table} WHERE id = ?`).get(id);
      if (row === undefined) continue;
      const { value, metadata } = codec.decode(row);
      const { key } = row as { readonly key: string };
      const isSealed = Codec.isSealed(row.encoding as number);
      const encoded = codec.encode(namespace, key, value, metadata, undefined, isSealed);
      database
        .sql(`UPDATE ${table} SET value = ?, metadata = ?, encoding = ? WHERE id = ?`)
        .get(encoded.value, encoded.metadata, encoded.encoding, id);
    }
  }
  database.sql("DELETE FROM dictionaries WHERE namespace = ?").get(namespace);
}
