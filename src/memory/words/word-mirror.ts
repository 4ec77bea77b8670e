import { setImmediate as nextTurn } from "node:timers/promises";
import { StigmergyError } from "../../errors.ts";
import { Mutex } from "../../util/mutex.ts";
import { currentPosition, removalsFloor, type Position } from "../entries/changes.ts";
import { Codec } from "../entries/codec.ts";
import type { Database } from "../file/database.ts";
import type { SqlRow } from "../file/driver.ts";
import { ENTRY_COLUMNS, type Entry } from "../entries/entry.ts";
import { sealingOf } from "../file/sealing.ts";
import { partsOf } from "./document-words.ts";
import { WordScorer } from "./word-scorer.ts";
import { WordSnapshots } from "./word-snapshots.ts";
import { WordTable } from "./word-table.ts";

const BATCH = 256; // entries read at a time
/** A search waits for so many texts to be read: about a second. */
const MOST_AWAITED = 20_000;
/** What the words are read for, at most, before the file is asked instead: about as long as it takes. */
const TURN_MS = 50;

/**
 * The words of a store.
 * @param isClear whether words may stand on the disk in the clear
 */
export function openWordMirror(
  database: Database,
  codec: Codec,
  folder: string,
  isClear: () => boolean,
): WordMirror {
  return new WordMirror(database, codec, new WordSnapshots(folder, isClear));
}

/** A table of words and what scores its texts. */
export interface WordView {
  readonly table: WordTable;
  readonly scorer: WordScorer;
}

/**
 * The words of the store's entries in memory, sealed ones too. Filled at the first search, and caught up
 * at every search with what this process and others have written since.
 */
export class WordMirror {
  readonly #database: Database;
  readonly #codec: Codec;
  readonly #snapshots: WordSnapshots;
  #view: WordView | undefined;
  #position: Position | undefined;
  #canOpen = false;
  #sealing: unknown;
  /** Texts taken in since the table was packed. */
  #taken = 0;
  readonly #catchingUp = new Mutex();
  #filling: Promise<unknown> | undefined;
  #isClosed = false;

  constructor(database: Database, codec: Codec, snapshots: WordSnapshots) {
    this.#database = database;
    this.#codec = codec;
    this.#snapshots = snapshots;
  }

  /** Lets a snapshot that is being saved be finished. */
  async settle(): Promise<void> {
    await this.#snapshots.close();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#filling;
    await this.#snapshots.close();
  }

  /** The words of this moment. @throws {StigmergyError} STORE_BUSY, STORE_FAILED */
  async catchUp(): Promise<WordView> {
    return this.#catchingUp.run(() => this.#readChanges());
  }

  /**
   * As `catchUp`; undefined while so many texts are to be read that the words in the file answer sooner.
   * They are read meanwhile. What is sealed has no words in the file, and is waited for, as is all of a
   * store that can't be written: the words of what came last may not be in its file.
   */
  async current(): Promise<WordView | undefined> {
    if (this.#filling !== undefined) return undefined;
    const isFar = await this.#catchingUp.run(async () => {
      const { now } = await this.#begin();
      const from = this.#position?.seq ?? 0;
      return (
        !this.#codec.canOpen &&
        !this.#database.isReadOnly &&
        now.seq - from > MOST_AWAITED &&
        this.#pending() > MOST_AWAITED
      );
    });
    if (!isFar) return this.catchUp();
    this.#filling = this.catchUp()
      // The next search begins again, and is told what is wrong.
      .catch(() => undefined)
      .finally(() => (this.#filling = undefined));
    return undefined;
  }

  /** Lets words be read for a while: searches one after another would leave no turn to it. */
  async giveTurn(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const turn = new Promise((resolve) => (timer = setTimeout(resolve, TURN_MS)));
    await Promise.race([this.#filling, turn]);
    clearTimeout(timer);
  }

  /** Texts that are to be read, as far as it matters. */
  #pending(): number {
    const row = this.#database.read(() =>
      this.#database
        .sql(`SELECT count(*) AS count FROM (SELECT 1 FROM entries WHERE seq > ? LIMIT ?)`)
        .get(this.#position?.seq ?? -1, MOST_AWAITED + 1),
    );
    return Number(row?.count);
  }

  /** Where the store's changes end, and the table that is to be brought there. */
  async #begin(): Promise<{ now: Position; view: WordView }> {
    const [now, floor, sealing] = this.#database.readAtOnce(
      () =>
        [
          currentPosition(this.#database),
          removalsFloor(this.#database),
          sealingOf(this.#database),
        ] as const,
    );
    const known = this.#position;
    const isOther = known !== undefined && (known.epoch !== now.epoch || known.seq < floor);
    // With a key that came later, or once it is unsealed, what was passed over can be read.
    const isReadable = this.#canOpen === this.#codec.canOpen && this.#sealing === sealing;
    if (isOther || !isReadable) this.#forget();
    this.#canOpen = this.#codec.canOpen;
    this.#sealing = sealing;
    const view = (this.#view ??= await this.#start(now, floor));
    return { now, view };
  }

  async #readChanges(): Promise<WordView> {
    const { now, view } = await this.#begin();
    let from = this.#position?.seq ?? -1;
    if (from === now.seq) return view;
    const removedSince = from;
    for (;;) {
      const rows = this.#database.read(() =>
        this.#database
          .sql(`SELECT ${ENTRY_COLUMNS} FROM entries WHERE seq > ? ORDER BY seq LIMIT ${BATCH}`)
          .all(from),
      );
      for (const row of rows) this.#take(view.table, row);
      this.#taken += rows.length;
      if (rows.length < BATCH) break;
      from = rows[rows.length - 1].seq as number;
      // Others get a turn: a first fill reads the whole store.
      await nextTurn();
      if (this.#isClosed) return view;
    }
    // An empty table has nothing to remove.
    if (removedSince >= 0) {
      const gone = this.#database.read(() =>
        this.#database.sql("SELECT entry FROM removals WHERE seq > ?").all(removedSince),
      );
      for (const { entry } of gone) view.table.remove(entry as number);
    }
    this.#position = now;
    const packed = this.#snapshots.offer(view.table, now, this.#taken);
    if (packed === undefined) return view;
    this.#taken = 0;
    return (this.#view = viewOf(packed));
  }

  /** The table to begin with: a snapshot, or an empty one. */
  async #start(now: Position, floor: number): Promise<WordView> {
    const saved = await this.#snapshots.open(now, floor);
    this.#position = saved?.position;
    return viewOf(saved?.table ?? new WordTable());
  }

  #forget(): void {
    this.#view = undefined;
    this.#position = undefined;
    this.#taken = 0;
  }

  #take(table: WordTable, row: SqlRow): void {
    const id = row.id as number;
    if (Codec.isSealed(row.encoding as number) && !this.#codec.canOpen) {
      table.remove(id);
      return;
    }
    let entry: Entry;
    try {
      entry = this.#codec.entryOf(row);
    } catch (error) {
      // One that can't be read has no words; it must not keep others from being found.
      if (!(error instanceof StigmergyError) || error.code !== "DAMAGED") throw error;
      table.remove(id);
      return;
    }
    table.add(entry, partsOf(entry));
  }
}

function viewOf(table: WordTable): WordView {
  return { table, scorer: new WordScorer(table) };
}
