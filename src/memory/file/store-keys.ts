import { StigmergyError } from "../../errors.ts";
import { KeyRing, type KeyRecord } from "../../security/key-ring.ts";
import type { Database } from "./database.ts";
import { changeToken } from "./settings-token.ts";

/** The keys that a store's entries are sealed with, as far as the master key given opens them. */
export class StoreKeys {
  readonly #database: Database;
  #master: Uint8Array | undefined;
  #ring: KeyRing | undefined;
  #generations = "";

  private constructor(database: Database, master: Uint8Array | undefined) {
    this.#database = database;
    this.#master = master;
  }

  /**
   * Proves the key before anything is read; a store that had none is sealed with it from now on.
   * @throws {StigmergyError} KEY_REQUIRED, WRONG_KEY
   */
  static open(database: Database, master: Uint8Array | undefined): StoreKeys {
    const keys = new StoreKeys(database, master);
    const mayBegin = master !== undefined && !database.isReadOnly;
    if (mayBegin && database.read(() => readRecords(database)).length === 0) {
      database.write(() => {
        // Another process may have been first; then its record is what the key must prove.
        if (readRecords(database).length > 0) return;
        writeRecords(database, [KeyRing.create(master).record]);
      });
    }
    keys.reload();
    return keys;
  }

  /**
   * The keys of another file, by the master key of this one unless another is given.
   * @throws {StigmergyError} KEY_REQUIRED, WRONG_KEY
   */
  of(database: Database, master: Uint8Array | undefined = this.#master): StoreKeys {
    const keys = new StoreKeys(database, master);
    keys.reload();
    return keys;
  }

  /** What seals and opens; undefined for a store without a key. */
  get ring(): KeyRing | undefined {
    return this.#ring;
  }

  /** Goes on with another key, which the records prove. @throws as `open` */
  adopt(master: Uint8Array): void {
    const records = readRecords(this.#database);
    this.#ring = KeyRing.open(master, records);
    this.#master = Uint8Array.from(master);
    this.#generations = namesOf(records);
  }

  /** Reads the records again, after others may have changed them. @throws as `open` */
  reload(): void {
    const records = this.#database.read(() => readRecords(this.#database));
    const generations = namesOf(records);
    if (generations === this.#generations) return;
    if (records.length > 0 && this.#master === undefined) {
      throw new StigmergyError(
        "KEY_REQUIRED",
        "memory store: it is encrypted and no key was given; set STIGMERGY_ENCRYPTION_KEY or STIGMERGY_KEY_FILE",
      );
    }
    this.#ring =
      this.#master === undefined || records.length === 0
        ? undefined
        : KeyRing.open(this.#master, records);
    this.#generations = generations;
  }
}

/** Equal for equal records, as far as keys are concerned. */
function namesOf(records: readonly KeyRecord[]): string {
  return records
    .map(({ generation, wrapped }) => `${generation}${wrapped === null ? "" : "+"}`)
    .join();
}

/** The proofs of a store's keys, oldest first. */
export function readRecords(database: Database, schema = "main"): KeyRecord[] {
  const rows = database
    .sql(`SELECT generation, salt, proof, wrapped FROM ${schema}.key_records ORDER BY generation`)
    .all();
  return rows as unknown as KeyRecord[];
}

/** Puts proofs in the place of those that were there. Within a transaction. */
export function writeRecords(database: Database, records: readonly KeyRecord[]): void {
  changeToken(database);
  database.sql("DELETE FROM key_records").get();
  for (const { generation, salt, proof, wrapped } of records) {
    database
      .sql("INSERT INTO key_records VALUES (?, ?, ?, ?)")
      .get(generation, salt, proof, wrapped);
  }
}
