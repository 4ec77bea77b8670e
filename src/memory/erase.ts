import { noteWrite, type StoreContext } from "./context.ts";
import { IndexSnapshots } from "./index-snapshots.ts";
import { deleteEntry } from "./writes.ts";

/**
 * Removes an entry so that the store's files hold nothing of it any more: its value, the values it
 * had before, its vector and its words. Pages that held them are overwritten with zeros, the word
 * index and the log are written anew. Backups, and copies that the disk itself keeps, are not
 * touched. Takes time in proportion to the words of the whole store.
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
  const deleted = await context.writes.run(async () => {
    database.execute("PRAGMA secure_delete = ON");
    try {
      return database.write(() => {
        const isThere = deleteEntry(context, namespace, key, ifVersion, Date.now());
        database.sql("DELETE FROM history WHERE namespace = ? AND key = ?").get(namespace, key);
        while (context.words.addPending());
        // Deleted words stay in an FTS5 index until its parts are merged.
        database.sql("INSERT INTO words (words) VALUES ('optimize')").get();
        return isThere;
      });
    } finally {
      database.execute("PRAGMA secure_delete = OFF");
    }
  });
  noteWrite(context);
  database.checkpoint();
  await IndexSnapshots.removeAll(context.folder);
  return deleted;
}
