import { StigmergyError } from "../../errors.ts";
import { currentSeq } from "../entries/changes.ts";
import { Codec } from "../entries/codec.ts";
import type { Database } from "../file/database.ts";
import type { SqlRow } from "../file/driver.ts";
import { inSteps } from "../file/steps.ts";
import { ENTRY_COLUMNS, type Entry } from "../entries/entry.ts";
import { factOf, setFact } from "../file/facts.ts";
import { indexWords, removeWords, wordColumns } from "./lexical.ts";

const BATCH = 256; // entries whose words are added in one transaction
/**
 * Writes after which their words are added: FTS5 writes a part of its index at the end of each
 * transaction, which costs three times as much as all else that storing an entry does.
 */
const MOST_PENDING = 16;

/**
 * The words of the store's entries, in the file. They are added some writes at a time, and always
 * before they are looked up: by whichever process comes first, for the writes of all.
 */
export class WordIndex {
  readonly #database: Database;
  readonly #codec: Codec;
  #written = 0;

  constructor(database: Database, codec: Codec) {
    this.#database = database;
    this.#codec = codec;
  }

  /** Tells of writes of this process, and adds words when it is time, unless others are writing. */
  noteWrites(count: number): void {
    this.#written += count;
    if (this.#written < MOST_PENDING) return;
    for (;;) {
      let more = true;
      const isDone = this.#database.tryWrite(() => {
        more = this.addPending();
      });
      if (!isDone) return;
      if (!more) break;
    }
    this.#written = 0;
  }

  /** Brings the index up to this moment. @throws {StigmergyError} STORE_BUSY */
  async catchUp(): Promise<void> {
    if (this.#database.read(() => this.#isBehind())) {
      // After an import there may be much to add.
      await inSteps(async () => this.#database.write(() => this.addPending()));
    }
    this.#written = 0;
  }

  /** Adds the words of some entries; whether there are more. Within a transaction. */
  addPending(): boolean {
    const from = Number(factOf(this.#database, "words_seq"));
    const select = (sql: string) =>
      this.#database.sql(`${sql} ORDER BY seq LIMIT ${BATCH}`).all(from);
    const entries = select(`SELECT ${ENTRY_COLUMNS} FROM entries WHERE seq > ?`);
    const removals = select("SELECT seq, entry FROM removals WHERE seq > ?");
    // Where one of the two was cut off, the other ends with it.
    const ends = [entries, removals].map((rows) =>
      rows.length < BATCH ? Infinity : (rows[BATCH - 1].seq as number),
    );
    const end = Math.min(...ends);
    for (const { seq, entry } of removals) {
      if ((seq as number) <= end) this.#remove(entry as number);
    }
    for (const row of entries) {
      if ((row.seq as number) > end) break;
      const id = row.id as number;
      if (Codec.isSealed(row.encoding as number)) this.#remove(id);
      else this.#add(row);
    }
    const reached = end === Infinity ? currentSeq(this.#database) : end;
    setFact(this.#database, "words_seq", reached);
    return end !== Infinity;
  }

  #add(row: SqlRow): void {
    let entry: Entry;
    try {
      entry = this.#codec.entryOf(row);
    } catch (error) {
      // One that can't be read has no words; it must not keep others from being found.
      if (error instanceof StigmergyError && error.code === "DAMAGED") return;
      throw error;
    }
    indexWords(this.#database, entry.id, wordColumns(entry));
  }

  #remove(id: number): void {
    const isIn = this.#database.sql("SELECT 1 FROM words_docsize WHERE id = ?").get(id);
    if (isIn !== undefined) removeWords(this.#database, id);
  }

  #isBehind(): boolean {
    return Number(factOf(this.#database, "words_seq")) < currentSeq(this.#database);
  }
}
