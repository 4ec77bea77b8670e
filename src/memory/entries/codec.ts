import { deflateRawSync, inflateRawSync } from "node:zlib";
import { StigmergyError } from "../../errors.ts";
import { LIMITS } from "../../security/limits.ts";
import type { Database } from "../file/database.ts";
import type { SqlRow } from "../file/driver.ts";
import { entryOf, type Entry, type ReadableRow } from "./entry.ts";
import type { SharedState } from "./shared-state.ts";
import type { StoreKeys } from "../file/store-keys.ts";

// How a row's value and metadata are kept, by its column `encoding`:
//
//   bit 0      deflated: the value is raw deflate of its UTF-8
//   bit 1      sealed: the column value holds, sealed under the key of the namespace, with the
//              entry's namespace and key as associated data:
//                u32 LE n | n bytes of the value, deflated or not | metadata as JSON
//              and the column metadata holds {}
//   bits 8…    id of the dictionary that the deflate stream refers to, 0 for none
//
// With 0 both columns are plain text.

const DEFLATED = 1;
const SEALED = 2;
const DICTIONARY_SHIFT = 8;

/** A dictionary that values are deflated with. */
export interface Dictionary {
  /** Its row in `dictionaries`; 0 for none. */
  readonly id: number;
  readonly bytes: Uint8Array | undefined;
}

/** A value and metadata as their columns hold them. */
export interface EncodedValue {
  readonly value: string | Uint8Array;
  readonly metadata: string;
  readonly encoding: number;
}

/** What decoding reads of a row. */
export type EncodedRow = SqlRow & {
  readonly namespace: string;
  readonly key: string;
  readonly encoding: number;
};

const NEXT_DICTIONARY = `INSERT INTO facts
  VALUES ('dictionaries', (SELECT coalesce(max(id), 0) + 1 FROM dictionaries))
  ON CONFLICT DO UPDATE SET value = 1 + max(value, (SELECT coalesce(max(id), 0) FROM dictionaries))
  RETURNING value`;

/** Turns values, metadata and vectors into what is stored, and back. */
export class Codec {
  readonly #database: Database;
  readonly #keys: StoreKeys;
  readonly #state: SharedState;
  readonly #dictionaries = new Map<number, Uint8Array>();
  #token: unknown;

  constructor(database: Database, keys: StoreKeys, state: SharedState) {
    this.#database = database;
    this.#keys = keys;
    this.#state = state;
  }

  /**
   * The columns for a value, sealed where the namespace is unless told otherwise, deflated with
   * `dictionary` if given.
   */
  encode(
    namespace: string,
    key: string,
    value: string,
    metadata: string,
    dictionary?: Dictionary,
    isSealed = this.#state.seals(namespace),
  ): EncodedValue {
    const ring = isSealed ? this.#keys.ring : undefined;
    if (dictionary === undefined && ring === undefined) return { value, metadata, encoding: 0 };
    let bytes: Uint8Array = Buffer.from(value, "utf8");
    let encoding = 0;
    if (dictionary !== undefined) {
      const options = dictionary.bytes === undefined ? {} : { dictionary: dictionary.bytes };
      bytes = deflateRawSync(bytes, { level: 9, ...options });
      encoding = DEFLATED | (dictionary.id << DICTIONARY_SHIFT);
    }
    if (ring === undefined) return { value: bytes, metadata, encoding };
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32LE(bytes.byteLength);
    const plain = Buffer.concat([length, bytes, Buffer.from(metadata, "utf8")]);
    const sealed = ring.seal(plain, "value", namespace, key);
    return { value: sealed, metadata: "{}", encoding: encoding | SEALED };
  }

  /**
   * A row with its value and metadata as texts.
   * @throws {StigmergyError} DAMAGED when they are not what was stored; KEY_REQUIRED, WRONG_KEY
   */
  decode<Row extends SqlRow>(row: Row): Row & ReadableRow {
    return this.decodeInPlace(row.encoding === 0 ? row : { ...row });
  }

  /** As `decode`, for a row that nobody else reads: to copy one costs as much as to inflate it. */
  decodeInPlace<Row extends SqlRow>(row: Row): Row & ReadableRow {
    const encoding = row.encoding as number;
    if (encoding === 0) return row as Row & ReadableRow;
    const { namespace, key } = row as unknown as EncodedRow;
    let bytes = row.value as Uint8Array;
    let metadata = row.metadata as string;
    if ((encoding & SEALED) !== 0) {
      const plain = this.#ring().open(bytes, "value", namespace, key);
      const length = plain.readUInt32LE(0);
      metadata = plain.toString("utf8", 4 + length);
      bytes = plain.subarray(4, 4 + length);
    }
    const value = (encoding & DEFLATED) !== 0 ? this.#inflate(bytes, encoding) : bytes;
    const readable: SqlRow = row;
    readable.value = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("utf8");
    readable.metadata = metadata;
    readable.encoding = 0;
    return readable as Row & ReadableRow;
  }

  /** Whether there is a key: without one nothing sealed can be read. */
  get canOpen(): boolean {
    return this.#keys.ring !== undefined;
  }

  /** The entry of a row of `ENTRY_COLUMNS`, which is changed by it. @throws as `decode` */
  entryOf(row: SqlRow): Entry {
    return entryOf(this.decodeInPlace(row));
  }

  /** Whether a row of this encoding is sealed. */
  static isSealed(encoding: number): boolean {
    return (encoding & SEALED) !== 0;
  }

  /** Whether a row of this encoding is compressed. */
  static isDeflated(encoding: number): boolean {
    return (encoding & DEFLATED) !== 0;
  }

  /** The dictionary that a row of this encoding refers to; 0 for none. */
  static dictionaryOf(encoding: number): number {
    return encoding >>> DICTIONARY_SHIFT;
  }

  /** A vector as its column holds it. */
  encodeVector(namespace: string, key: string, vector: Float32Array): Uint8Array {
    const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
    if (!this.#state.seals(namespace)) return bytes;
    return this.#ring().seal(bytes, "vector", namespace, key);
  }

  /** The bytes of a vector of `dim` values: sealed ones are longer than they would be in the clear. */
  decodeVector(namespace: string, key: string, stored: Uint8Array, dim: number): Uint8Array {
    if (stored.byteLength === dim * 4) return stored;
    return this.#ring().open(stored, "vector", namespace, key);
  }

  /** A text that belongs to no entry, sealed where the store is. */
  encodeText(name: string, text: string): string | Uint8Array {
    const { ring } = this.#keys;
    return ring === undefined ? text : ring.seal(Buffer.from(text, "utf8"), "event", "", name);
  }

  /** The text that `encodeText` gave. */
  decodeText(name: string, stored: string | Uint8Array): string {
    if (typeof stored === "string") return stored;
    return this.#ring().open(stored, "event", "", name).toString("utf8");
  }

  /** Bytes of a namespace that are no entry's, and their encoding: sealed where the namespace is. */
  encodeBytes(
    kind: "model" | "outcome" | "agent",
    namespace: string,
    name: string,
    bytes: Uint8Array,
  ): { readonly bytes: Uint8Array; readonly encoding: number } {
    if (!this.#state.seals(namespace)) return { bytes, encoding: 0 };
    return { bytes: this.#ring().seal(bytes, kind, namespace, name), encoding: SEALED };
  }

  /** The bytes that `encodeBytes` was given. @throws as `decode` */
  decodeBytes(
    kind: "model" | "outcome" | "agent",
    namespace: string,
    name: string,
    stored: Uint8Array,
    isSealed: boolean,
  ): Uint8Array {
    if (!isSealed) return stored;
    return this.#ring().open(stored, kind, namespace, name);
  }

  #inflate(bytes: Uint8Array, encoding: number): Uint8Array {
    const id = Codec.dictionaryOf(encoding);
    const dictionary = id === 0 ? undefined : this.#dictionary(id);
    try {
      return inflateRawSync(bytes, {
        maxOutputLength: LIMITS.valueBytes,
        ...(dictionary === undefined ? {} : { dictionary }),
      });
    } catch (cause) {
      throw new StigmergyError(
        "DAMAGED",
        "memory store: a compressed value can't be read; run stigmergy memory verify",
        { cause },
      );
    }
  }

  #dictionary(id: number): Uint8Array {
    // A restored store has other dictionaries by the same numbers.
    if (this.#token !== this.#state.token) {
      this.#dictionaries.clear();
      this.#token = this.#state.token;
    }
    let bytes = this.#dictionaries.get(id);
    if (bytes === undefined) {
      bytes = this.readDictionary(id);
      this.#dictionaries.set(id, bytes);
    }
    return bytes;
  }

  /** The dictionary of a number. @throws {StigmergyError} DAMAGED when it is not there */
  readDictionary(id: number): Uint8Array {
    const row = this.#database.read(() =>
      this.#database.sql("SELECT * FROM dictionaries WHERE id = ?").get(id),
    );
    if (row === undefined) {
      throw new StigmergyError(
        "DAMAGED",
        "memory store: the dictionary of a compressed value is missing; restore a backup",
      );
    }
    const stored = row.bytes as Uint8Array;
    if (!Codec.isSealed(row.encoding as number)) return stored;
    return this.#ring().open(stored, "dictionary", row.namespace as string, String(id));
  }

  /** Stores the bytes of a new dictionary. Within a transaction. */
  writeDictionary(namespace: string, bytes: Uint8Array): Dictionary {
    // A number is never given twice: other processes hold dictionaries by theirs.
    const id = Number(this.#database.sql(NEXT_DICTIONARY).get()?.value);
    this.#insertDictionary(namespace, id, bytes);
    return { id, bytes };
  }

  /**
   * A dictionary as values may refer to it from now on: under a new number when it has been dropped
   * since it was chosen, as nothing referred to it yet. Within a transaction.
   */
  keepDictionary(namespace: string, dictionary: Dictionary): Dictionary {
    const { id, bytes } = dictionary;
    if (bytes === undefined) return dictionary;
    const row = this.#database.sql("SELECT 1 FROM dictionaries WHERE id = ?").get(id);
    if (row !== undefined && Buffer.compare(this.readDictionary(id), bytes) === 0)
      return dictionary;
    return this.writeDictionary(namespace, bytes);
  }

  /** The dictionary that a row of this encoding refers to, to deflate with it again. */
  dictionaryFor(encoding: number): Dictionary {
    const id = Codec.dictionaryOf(encoding);
    return { id, bytes: id === 0 ? undefined : this.#dictionary(id) };
  }

  /** Stores a dictionary again, as its namespace is sealed now. Within a transaction. */
  rewriteDictionary(database: Database, id: number, namespace: string): void {
    const bytes = this.readDictionary(id);
    database.sql("DELETE FROM dictionaries WHERE id = ?").get(id);
    this.#insertDictionary(namespace, id, bytes);
  }

  #insertDictionary(namespace: string, id: number, bytes: Uint8Array): void {
    const ring = this.#state.seals(namespace) ? this.#keys.ring : undefined;
    const stored = ring?.seal(bytes, "dictionary", namespace, String(id)) ?? bytes;
    this.#database
      .sql("INSERT INTO dictionaries VALUES (?, ?, ?, ?)")
      .get(id, namespace, ring === undefined ? 0 : SEALED, stored);
  }

  #ring(): NonNullable<StoreKeys["ring"]> {
    if (this.#keys.ring !== undefined) return this.#keys.ring;
    throw new StigmergyError(
      "KEY_REQUIRED",
      "memory store: this is sealed and no key was given; set STIGMERGY_ENCRYPTION_KEY or STIGMERGY_KEY_FILE",
    );
  }
}
