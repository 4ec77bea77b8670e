import { Mutex } from "../util/mutex.ts";
import { Codec } from "./codec.ts";
import type { Database } from "./database.ts";
import { ENTRY_COLUMNS } from "./entry.ts";
import { currentPosition, type Position } from "./changes.ts";
import { indexWords, removeWords, SEALED_WORDS, wordColumns } from "./lexical.ts";
import { WORD_INDEX } from "./schema.ts";
import { changeFact, factOf } from "./facts.ts";

const BATCH = 512; // entries read at a time

/**
 * The words of sealed entries, in a database in memory beside the store's: on disk they would tell
 * what is sealed. Each process reads them at its first search by words, and then keeps up.
 */
export class SealedWords {
  readonly #database: Database;
  readonly #codec: Codec;
  #position: Position | undefined;
  #sealing: unknown;
  #isAttached = false;
  readonly #catchingUp = new Mutex();

  constructor(database: Database, codec: Codec) {
    this.#database = database;
    this.#codec = codec;
  }

  /** Brings the words up to this moment; false when the store has nothing sealed to look through. */
  async catchUp(isSealed: boolean): Promise<boolean> {
    if (isSealed) await this.#catchingUp.run(() => this.#readChanges());
    return isSealed;
  }

  async #readChanges(): Promise<void> {
    this.#attach();
    const [now, sealing] = this.#database.readAtOnce(
      () => [currentPosition(this.#database), sealingOf(this.#database)] as const,
    );
    const isKnown = this.#position?.epoch === now.epoch && this.#sealing === sealing;
    let from = isKnown ? this.#position?.seq : undefined;
    if (from === undefined) {
      this.#database.execute(`DELETE FROM ${SEALED_WORDS}`);
      from = -1;
    } else if (from === now.seq) return;
    const isFirst = from === -1;
    for (;;) {
      const rows = this.#database.read(() =>
        this.#database
          .sql(`SELECT ${ENTRY_COLUMNS} FROM entries WHERE seq > ? ORDER BY seq LIMIT ${BATCH}`)
          .all(from as number),
      );
      this.#take(rows, isFirst);
      if (rows.length > 0) from = rows[rows.length - 1].seq as number;
      if (rows.length < BATCH) break;
      // Others get a turn: a first fill reads all that is sealed.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (!isFirst) this.#dropRemoved(this.#position as Position);
    this.#position = now;
    this.#sealing = sealing;
  }

  #attach(): void {
    if (this.#isAttached) return;
    this.#database.execute("ATTACH ':memory:' AS sealed");
    this.#database.execute(
      `CREATE VIRTUAL TABLE sealed.${SEALED_WORDS} USING fts5 (${WORD_INDEX})`,
    );
    this.#isAttached = true;
  }

  #take(rows: ReturnType<ReturnType<Database["sql"]>["all"]>, isFirst: boolean): void {
    this.#database.readAtOnce(() => {
      for (const row of rows) {
        const id = row.id as number;
        if (Codec.isSealed(row.encoding as number)) {
          indexWords(this.#database, id, wordColumns(this.#codec.entryOf(row)), SEALED_WORDS);
        } else if (!isFirst) removeWords(this.#database, id, SEALED_WORDS);
      }
    });
  }

  #dropRemoved({ seq }: Position): void {
    const rows = this.#database.read(() =>
      this.#database.sql("SELECT entry FROM removals WHERE seq > ?").all(seq),
    );
    for (const { entry } of rows) removeWords(this.#database, entry as number, SEALED_WORDS);
  }
}

/** Tells every process that stored entries were sealed or unsealed. Within a transaction. */
export function changeSealing(database: Database): void {
  changeFact(database, "sealing");
}

function sealingOf(database: Database): unknown {
  return factOf(database, "sealing");
}
