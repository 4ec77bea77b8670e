import { createHash, randomBytes } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { StigmergyError } from "../../errors.ts";
import type { CollectionEmbedder } from "../../text/embedder.ts";
import { makeFolder } from "../../util/folders.ts";
import type { Codec } from "../entries/codec.ts";
import type { Database } from "../file/database.ts";
import { ENTRY_COLUMNS } from "../entries/entry.ts";
import { INDEX_FOLDER, WEIGHTS_PREFIX } from "../file/index-snapshots.ts";
import { embeddedText } from "../entries/writes.ts";

/** In how many of a store's entries each piece of an embedder's vocabulary stands. */
export interface PieceCounts {
  readonly documents: number;
  readonly frequencies: Uint32Array;
}

const BATCH = 256; // entries read at a time

/** Counts the pieces of every entry that can be read; others get a turn between batches. */
export async function countPieces(
  database: Database,
  codec: Codec,
  embedder: CollectionEmbedder,
  isStopped: () => boolean,
): Promise<PieceCounts> {
  await embedder.prepare?.();
  const frequencies = new Uint32Array(embedder.pieces);
  let documents = 0;
  let after = 0;
  while (!isStopped()) {
    const rows = database.read(() =>
      database
        .sql(`SELECT ${ENTRY_COLUMNS} FROM entries WHERE id > ? ORDER BY id LIMIT ${BATCH}`)
        .all(after),
    );
    if (rows.length === 0) break;
    after = rows[rows.length - 1].id as number;
    for (const row of rows) {
      try {
        embedder.countPieces(embeddedText(codec.entryOf(row)), frequencies);
        documents++;
      } catch (error) {
        // What can't be read says nothing of how common a word is.
        if (!(error instanceof StigmergyError)) throw error;
      }
    }
    await nextTurn();
  }
  return { documents, frequencies };
}

/**
 * Counts as a file beside the snapshots that were made with them: deflated u32[1 + pieces], the number of
 * documents first. Whoever reads it and the snapshot has the same vectors as who made them.
 */
export class WeightsFile {
  readonly #folder: string;
  readonly #isAllowed: () => boolean;
  readonly #embedder: CollectionEmbedder;

  /** @param isAllowed whether what the store's words are may stand on the disk in the clear */
  constructor(folder: string, embedder: CollectionEmbedder, isAllowed: () => boolean) {
    this.#folder = join(folder, INDEX_FOLDER);
    this.#embedder = embedder;
    this.#isAllowed = isAllowed;
  }

  /** What was saved for this history of changes; undefined when nothing was, or it is damaged. */
  async read(epoch: string): Promise<PieceCounts | undefined> {
    if (!this.#isAllowed()) return undefined;
    try {
      const { pieces } = this.#embedder;
      const deflated = await readFile(this.#pathOf(epoch));
      const bytes = inflateRawSync(deflated, { maxOutputLength: 4 * (pieces + 1) });
      if (bytes.byteLength !== 4 * (pieces + 1)) return undefined;
      const numbers = new Uint32Array(Uint8Array.from(bytes).buffer);
      return { documents: numbers[0], frequencies: numbers.subarray(1) };
    } catch {
      return undefined;
    }
  }

  /** Saves counts in the place of those before. */
  async write(epoch: string, { documents, frequencies }: PieceCounts): Promise<void> {
    if (!this.#isAllowed()) return;
    const numbers = Uint32Array.of(documents, ...frequencies);
    const temporary = join(this.#folder, `saving-${randomBytes(6).toString("hex")}`);
    try {
      await makeFolder(this.#folder, 0o700);
      await writeFile(temporary, deflateRawSync(new Uint8Array(numbers.buffer)), { mode: 0o600 });
      await rename(temporary, this.#pathOf(epoch));
    } catch {
      // Without it the next process counts again.
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  #pathOf(epoch: string): string {
    const model = createHash("sha256").update(this.#embedder.id).digest("hex").slice(0, 12);
    return join(this.#folder, `${WEIGHTS_PREFIX}${epoch}-${model}`);
  }
}
