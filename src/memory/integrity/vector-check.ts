import { setImmediate as nextTurn } from "node:timers/promises";
import { messageOf } from "../../errors.ts";
import { SEAL_BYTES } from "../../security/sealed-bytes.ts";
import { isOwnEmbedder } from "../../text/own-embedder.ts";
import { embedTexts, type Embedder } from "../../text/embedder.ts";
import { Codec } from "../entries/codec.ts";
import type { Database } from "../file/database.ts";
import { storedEmbedder } from "../entries/embedder-role.ts";
import { ENTRY_COLUMNS } from "../entries/entry.ts";
import { embeddedText } from "../entries/writes.ts";
import { type Problems } from "./problems.ts";
import { sampleIds } from "./word-check.ts";

const BATCH = 256; // vectors read before others get a turn
const LENGTH_ERROR = 1e-3; // of a unit vector of f32
const LEAST_COSINE = 0.9999; // of a vector and the same text's, embedded again

/**
 * Looks at every vector: of the store's embedder, of its size and of unit length. With the embedder
 * that is built in, the entries of the sample are embedded again and compared.
 * @returns how many vectors were read
 */
export async function checkVectors(
  database: Database,
  codec: Codec,
  embedder: Embedder,
  problems: Problems,
  sample: number,
): Promise<number> {
  const { id: storedId, dim } = database.read(() => storedEmbedder(database)) ?? embedder;
  let count = 0;
  let after = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const rows = database.read(() =>
      database
        .sql(
          `SELECT entry, vectors.embedder, vector, namespace, key FROM vectors
           LEFT JOIN entries ON entries.id = entry WHERE entry > ? ORDER BY entry LIMIT ${BATCH}`,
        )
        .all(after),
    );
    for (const { embedder: id, vector, namespace, key } of rows) {
      const problem =
        namespace === null
          ? "a vector is of no entry"
          : id !== storedId
            ? "its vector is of another embedder than the store's"
            : vectorProblem(codec, dim, namespace as string, key as string, vector);
      if (problem !== undefined) problems.note("vectors", problem, namespace, key);
    }
    count += rows.length;
    if (rows.length < BATCH) break;
    after = rows[rows.length - 1].entry as number;
    await nextTurn();
  }
  // An embedder of the caller's may cost money, or be random.
  if (isOwnEmbedder(embedder) && storedId === embedder.id) {
    await compare(database, codec, embedder, problems, sample);
  }
  return count;
}

function vectorProblem(
  codec: Codec,
  dim: number,
  namespace: string,
  key: string,
  stored: unknown,
): string | undefined {
  const bytes = dim * 4;
  const length = stored instanceof Uint8Array ? stored.byteLength : -1;
  if (length !== bytes && length !== bytes + SEAL_BYTES) return "its vector is of another size";
  try {
    const values = vectorOf(codec.decodeVector(namespace, key, stored as Uint8Array, dim));
    const norm = Math.hypot(...values);
    return Math.abs(norm - 1) <= LENGTH_ERROR ? undefined : "its vector is not of unit length";
  } catch (error) {
    return messageOf(error);
  }
}

async function compare(
  database: Database,
  codec: Codec,
  embedder: Embedder,
  problems: Problems,
  sample: number,
): Promise<void> {
  const ids = await sampleIds(database, "vectors", "entry", sample);
  for (const id of ids) {
    const row = database.read(() =>
      database
        .sql(`SELECT ${ENTRY_COLUMNS}, vector FROM entries JOIN vectors ON entry = id WHERE id = ?`)
        .get(id),
    );
    if (row === undefined) continue;
    try {
      const entry = codec.entryOf(row);
      const { namespace, key } = entry;
      const bytes = codec.decodeVector(namespace, key, row.vector as Uint8Array, embedder.dim);
      const stored = vectorOf(bytes);
      const again = await embedTexts(embedder, [embeddedText(entry)]);
      const cosine = stored.reduce((sum, value, i) => sum + value * again[i], 0);
      if (!(cosine >= LEAST_COSINE)) {
        problems.note("vectors", "its vector is not of its text", namespace, key);
      }
    } catch (error) {
      const told = error instanceof SyntaxError ? "its JSON can't be read" : messageOf(error);
      problems.note("vectors", `its vector can't be compared: ${told}`, row.namespace, row.key);
    }
  }
}

/** Bytes of SQLite's may start anywhere; values of four must not. */
function vectorOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
