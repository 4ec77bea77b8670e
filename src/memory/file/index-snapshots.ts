import { createHash, randomBytes } from "node:crypto";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Embedder } from "../../text/embedder.ts";
import type { IndexKind } from "../../vector/engine/engine.ts";
import type { VectorIndex } from "../../vector/vector-index.ts";
import { makeFolder } from "../../util/folders.ts";
import type { Position } from "../entries/changes.ts";

/** The folder of snapshots within a store's folder. */
export const INDEX_FOLDER = "index";

/** How names of files of words begin in it. */
export const WORDS_PREFIX = "words-";

/** How names of files of how common pieces of words are begin in it. */
export const WEIGHTS_PREFIX = "weights-";

const LEAST_ROWS = 2000; // fewer are read from the store about as fast
const LEAST_SHARE = 0.1; // of the rows must be new for another snapshot
const STALE_MS = 3_600_000; // after which a save that was cut off is cleared away

/**
 * Snapshots of the vector index on disk, so that a process need not read every vector from the
 * store. They are only ever a shortcut: one that is damaged, or of another time, is passed over.
 *
 * A snapshot is a folder `<epoch>-<kind>-<embedder>-<seq>`: all changes up to seq are in it.
 */
export class IndexSnapshots {
  readonly #folder: string;
  readonly #embedder: Embedder;
  readonly #isAllowed: () => boolean;
  #saving: Promise<void> | undefined;

  /** @param isAllowed whether vectors may stand on the disk in the clear */
  constructor(folder: string, embedder: Embedder, isAllowed: () => boolean) {
    this.#folder = join(folder, INDEX_FOLDER);
    this.#embedder = embedder;
    this.#isAllowed = isAllowed;
  }

  /** The newest snapshot that the changes since can be added to, or undefined. */
  async open(
    kind: IndexKind,
    now: Position,
    floor: number,
  ): Promise<{ index: VectorIndex; position: Position } | undefined> {
    if (!this.#isAllowed()) return undefined;
    const names = await readdir(this.#folder).catch(() => []);
    const prefix = this.#prefix(kind, now.epoch);
    const seqs = names
      .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
      .map((name) => Number(name.slice(prefix.length)))
      .filter((seq) => seq >= floor && seq <= now.seq)
      .sort((a, b) => b - a);
    for (const seq of seqs) {
      const path = join(this.#folder, `${prefix}${seq}`);
      const { VectorIndex } = await import("../../vector/vector-index.ts");
      try {
        const index = await VectorIndex.open(path, { threads: 1, verify: "checksum" });
        return { index, position: { seq, epoch: now.epoch } };
      } catch {
        // The store of record is whole; this one is made again.
        await rm(path, { recursive: true, force: true }).catch(() => undefined);
      }
    }
    return undefined;
  }

  /**
   * Saves an index in the background, if it has `taken` in enough rows since it was last saved.
   * @returns whether it does
   */
  offer(index: VectorIndex, position: Position, taken: number): boolean {
    const { rows, kind } = index.stats();
    const isWorthIt = taken >= LEAST_ROWS && taken >= rows * LEAST_SHARE;
    if (!isWorthIt || this.#saving !== undefined || !this.#isAllowed()) return false;
    this.#saving = this.#save(index, this.#prefix(kind, position.epoch), position.seq)
      // Without one the next process reads the store itself.
      .catch(() => undefined)
      .finally(() => (this.#saving = undefined));
    return true;
  }

  /** Lets a save that is under way finish. */
  async close(): Promise<void> {
    await this.#saving;
  }

  /** Removes every snapshot. */
  static async removeAll(folder: string): Promise<void> {
    // Another process may be saving one.
    await rm(join(folder, INDEX_FOLDER), { recursive: true, force: true, maxRetries: 10 });
  }

  async #save(index: VectorIndex, prefix: string, seq: number): Promise<void> {
    await makeFolder(this.#folder, 0o700);
    const temporary = join(this.#folder, `saving-${randomBytes(6).toString("hex")}`);
    const name = `${prefix}${seq}`;
    try {
      await index.save(temporary);
      await rename(temporary, join(this.#folder, name));
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    for (const other of await readdir(this.#folder)) {
      const path = join(this.#folder, other);
      const isOfAnother = [WORDS_PREFIX, WEIGHTS_PREFIX].some((each) => other.startsWith(each));
      if (other === name || isOfAnother) continue;
      const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
      const isOlder = other.startsWith(prefix) && Number(other.slice(prefix.length)) < seq;
      if (isOlder || age > STALE_MS) await rm(path, { recursive: true, force: true });
    }
  }

  #prefix(kind: IndexKind, epoch: string): string {
    const embedder = createHash("sha256").update(this.#embedder.id).digest("hex").slice(0, 12);
    return `${epoch}-${kind}-${embedder}-`;
  }
}
