import { randomBytes } from "node:crypto";
import { open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Position } from "../entries/changes.ts";
import { INDEX_FOLDER, WORDS_PREFIX } from "../file/index-snapshots.ts";
import { makeFolder } from "../../util/folders.ts";
import { packTable } from "./pack.ts";
import { decodeTable, encodeTable } from "./word-file.ts";
import type { WordTable } from "./word-table.ts";

const LEAST_TEXTS = 500; // fewer are read from the store about as fast
const LEAST_SHARE = 0.1; // of the texts must be new for another snapshot

/**
 * The words of a store as a file beside its vectors, so that a process need not read every text. Only ever
 * a shortcut: one that is damaged, or of another time, is passed over.
 *
 * A file is named `words-<epoch>-<seq>`: all changes up to seq are in it.
 */
export class WordSnapshots {
  readonly #folder: string;
  readonly #isAllowed: () => boolean;
  #saving: Promise<void> | undefined;

  /** @param isAllowed whether words may stand on the disk in the clear */
  constructor(folder: string, isAllowed: () => boolean) {
    this.#folder = join(folder, INDEX_FOLDER);
    this.#isAllowed = isAllowed;
  }

  /** The newest snapshot that the changes since can be added to, or undefined. */
  async open(
    now: Position,
    floor: number,
  ): Promise<{ table: WordTable; position: Position } | undefined> {
    if (!this.#isAllowed()) return undefined;
    const prefix = `${WORDS_PREFIX}${now.epoch}-`;
    const names = await readdir(this.#folder).catch(() => []);
    const seqs = seqsOf(names, prefix).filter((seq) => seq >= floor && seq <= now.seq);
    for (const seq of seqs.sort((a, b) => b - a)) {
      const path = join(this.#folder, `${prefix}${seq}`);
      try {
        const { table, position } = decodeTable(await readFile(path));
        if (position.seq === seq && position.epoch === now.epoch) return { table, position };
      } catch {
        // The store of record is whole; this one is made again.
        await rm(path, { force: true }).catch(() => undefined);
      }
    }
    return undefined;
  }

  /**
   * Packs a table and saves it in the background, if enough of its texts have come since it was packed.
   * @returns the packed table, which takes the place of the other; undefined while it is not worth it
   */
  offer(table: WordTable, position: Position, taken: number): WordTable | undefined {
    const isWorthIt = taken >= LEAST_TEXTS && taken >= table.live * LEAST_SHARE;
    if (!isWorthIt || this.#saving !== undefined) return undefined;
    const packed = packTable(table);
    if (this.#isAllowed()) {
      this.#saving = this.#save(encodeTable(packed, position), position)
        // Without one the next process reads the store itself.
        .catch(() => undefined)
        .finally(() => (this.#saving = undefined));
    }
    return packed;
  }

  /** Lets a save that is under way finish. */
  async close(): Promise<void> {
    await this.#saving;
  }

  async #save(bytes: Buffer, { epoch, seq }: Position): Promise<void> {
    await makeFolder(this.#folder, 0o700);
    const temporary = join(this.#folder, `saving-${randomBytes(6).toString("hex")}`);
    const prefix = `${WORDS_PREFIX}${epoch}-`;
    const name = `${prefix}${seq}`;
    try {
      const file = await open(temporary, "wx", 0o600);
      try {
        await file.writeFile(bytes);
      } finally {
        await file.close();
      }
      // A key may have been given meanwhile.
      if (this.#isAllowed()) await rename(temporary, join(this.#folder, name));
    } finally {
      await rm(temporary, { force: true });
    }
    for (const other of await readdir(this.#folder)) {
      const isOfOthers = other.startsWith(WORDS_PREFIX) && !other.startsWith(prefix);
      const isOlder = seqsOf([other], prefix).some((each) => each < seq);
      if (isOfOthers || isOlder) await rm(join(this.#folder, other), { force: true });
    }
  }
}

function seqsOf(names: readonly string[], prefix: string): number[] {
  return names
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)));
}
