import type { StoreContext } from "../entries/context.ts";
import { noteWrite } from "../entries/context.ts";
import { assertEmbedder } from "../entries/embedder-role.ts";
import { ENTRY_COLUMNS } from "../entries/entry.ts";
import { embeddedText } from "../entries/writes.ts";
import type { StorePart, StoreProblem } from "../integrity/problems.ts";
import { everyRow, rebuildWords, recount } from "../integrity/rebuild.ts";

const BATCH = 256; // entries embedded at a time

/** The parts that can be made again from the entries, while others use the store. */
export const REBUILT: ReadonlySet<StorePart> = new Set(["words", "vectors", "namespaces"]);

/** Makes the parts anew that the problems name. Nobody sees one that is half made. */
export async function rebuildParts(
  context: StoreContext,
  problems: readonly StoreProblem[],
): Promise<StorePart[]> {
  const { database, codec } = context;
  const parts = [...new Set(problems.map(({ part }) => part))];
  await context.writes.run(async () => {
    if (parts.includes("vectors")) await rebuildVectors(context);
    database.write(() => {
      if (parts.includes("words")) rebuildWords(database, codec);
      if (parts.includes("namespaces")) {
        // Settings that can't be read are those of a new namespace from now on.
        database.sql("UPDATE namespaces SET settings = '{}' WHERE NOT json_valid(settings)").get();
        recount(database);
      }
    });
  });
  noteWrite(context);
  return parts;
}

async function rebuildVectors(context: StoreContext): Promise<void> {
  const { database, codec, state, embedder } = context;
  // While a store is embedded again all its vectors are made anyway.
  if (database.readAtOnce(() => assertEmbedder(database, embedder)) === "next") return;
  const ids = [...everyRow(database, "id", "true")].map(({ id }) => id as number);
  for (let from = 0; from < ids.length; from += BATCH) {
    const last = ids[Math.min(from + BATCH, ids.length) - 1];
    const rows = database.read(() =>
      database
        .sql(`SELECT ${ENTRY_COLUMNS} FROM entries WHERE id BETWEEN ? AND ? ORDER BY id`)
        .all(ids[from], last),
    );
    const entries = rows
      .filter(({ namespace }) => state.settingsOf(String(namespace)).vectors !== false)
      .map((row) => codec.entryOf(row));
    const vectors = await context.asked.embed(embedder, entries.map(embeddedText));
    database.write(() => {
      if (assertEmbedder(database, embedder) === "next") return;
      for (const [i, { id, version, namespace, key }] of entries.entries()) {
        // Written again meanwhile, an entry has its vector already.
        const now = database.sql("SELECT seq FROM entries WHERE id = ?").get(id)?.seq;
        if (now !== version) continue;
        const vector = vectors.subarray(i * embedder.dim, (i + 1) * embedder.dim);
        database.sql("DELETE FROM vectors WHERE entry = ?").get(id);
        if (vector.every((value) => value === 0)) continue;
        database
          .sql("INSERT INTO vectors VALUES (?, ?, ?)")
          .get(id, embedder.id, codec.encodeVector(namespace, key, vector));
      }
    });
  }
  database.write(() =>
    database.sql("DELETE FROM vectors WHERE entry NOT IN (SELECT id FROM entries)").get(),
  );
}
