import { StigmergyError } from "../errors.ts";
import { KeyGeneration, type KeyRecord } from "./key-generation.ts";
import { checkSealed, generationOf, openBytes, sealBytes } from "./sealed-bytes.ts";

export type { KeyRecord } from "./key-generation.ts";

/** What the sealed bytes are, so that none can stand in for another of the same entry. */
export type SealedKind =
  "value" | "vector" | "dictionary" | "event" | "model" | "outcome" | "agent";

/**
 * The keys of an encrypted store: a key per namespace, of every generation of the master key that
 * its rows may be sealed by. Keys show in no message, and not when the ring is printed.
 */
export class KeyRing {
  /** The highest generation, by which everything is sealed. */
  readonly current: number;
  readonly #generations: ReadonlyMap<number, KeyGeneration>;
  readonly #newest: KeyGeneration;

  private constructor(generations: readonly KeyGeneration[]) {
    this.#generations = new Map(generations.map((each) => [each.generation, each]));
    this.current = Math.max(...this.#generations.keys());
    this.#newest = this.#generations.get(this.current) as KeyGeneration;
  }

  /**
   * The ring of a new store, and the record to keep in it.
   * @throws {StigmergyError} INVALID_INPUT when `master` is not 32 bytes
   */
  static create(master: Uint8Array): { ring: KeyRing; record: KeyRecord } {
    const first = KeyGeneration.create(master, 1);
    return { ring: new KeyRing([first]), record: first.record() };
  }

  /**
   * The ring of a store with these records. While a change of key goes on, either key opens it.
   * @throws {StigmergyError} WRONG_KEY when `master` proves none of the records, DAMAGED when a
   * record does not fit the others, INVALID_INPUT when `master` is not 32 bytes
   */
  static open(master: Uint8Array, records: readonly KeyRecord[]): KeyRing {
    const locked = new Set(records);
    const opened: KeyGeneration[] = [];
    for (const record of locked) {
      const generation = KeyGeneration.open(master, record);
      if (generation === undefined) continue;
      opened.push(generation);
      locked.delete(record);
    }
    if (opened.length === 0) {
      throw new StigmergyError(
        "WRONG_KEY",
        "master key: not the one that this store is sealed by; look whether STIGMERGY_ENCRYPTION_KEY, or the file that STIGMERGY_KEY_FILE names, holds an older key or another store's",
      );
    }
    // The list grows while it is walked: what one generation unwraps may unwrap the next.
    for (const generation of opened) {
      for (const record of locked) {
        const unwrapped = generation.unwrap(record);
        if (unwrapped === undefined) continue;
        opened.push(unwrapped);
        locked.delete(record);
      }
    }
    const [lost] = locked;
    if (lost !== undefined) {
      throw new StigmergyError(
        "DAMAGED",
        `key record of generation ${lost.generation}: not sealed under a key that this one opens`,
      );
    }
    return new KeyRing(opened);
  }

  /**
   * `plain` sealed by the current generation, for this kind, namespace and key alone.
   * The layout is drawn in sealed-bytes.ts; `namespace` and `key` hold no NUL.
   */
  seal(plain: Uint8Array, kind: SealedKind, namespace: string, key: string): Uint8Array {
    const sealer = this.#newest.namespaceKey(namespace);
    return sealBytes(plain, sealer, this.current, placeOf(kind, namespace, key));
  }

  /**
   * What was sealed for this kind, namespace and key.
   * @throws {StigmergyError} DAMAGED when it was edited or moved here from another place,
   * WRONG_KEY when of a generation that this ring has no key of, FORMAT when of a newer format
   */
  open(sealed: Uint8Array, kind: SealedKind, namespace: string, key: string): Buffer {
    checkSealed(sealed);
    const number = generationOf(sealed);
    const generation = this.#generations.get(number);
    if (generation === undefined) {
      throw new StigmergyError(
        "WRONG_KEY",
        `sealed ${kind}: sealed by generation ${number} of the key, which is not known here; ` +
          "open the store again if its key was changed",
      );
    }
    const opener = generation.namespaceKey(namespace);
    const plain = openBytes(sealed, opener, placeOf(kind, namespace, key));
    if (plain !== undefined) return plain;
    throw new StigmergyError(
      "DAMAGED",
      `sealed ${kind}: expected what was sealed for this entry, received bytes edited or moved`,
    );
  }

  /** Whether these bytes say that the current generation sealed them; only `open` proves it. */
  isCurrent(sealed: Uint8Array): boolean {
    return generationOf(sealed) === this.current;
  }

  /** HMAC-SHA256 of `data` under a key of its own, of the current generation. */
  mac(data: Uint8Array | string): Buffer {
    return this.#newest.mac(data);
  }

  /**
   * The ring after a change of the master key, and both records, each with its master key sealed
   * under the other's: who holds either can read and write while rows are sealed anew.
   * @throws {StigmergyError} INVALID_INPUT for the same key, or one that is not 32 bytes;
   * CONFLICT while another change of key is not finished
   */
  rotate(newMaster: Uint8Array): { ring: KeyRing; records: KeyRecord[] } {
    if ([...this.#generations.values()].some((each) => each.hasMaster(newMaster))) {
      throw new StigmergyError("INVALID_INPUT", "new key: expected another than the one in use");
    }
    if (this.#generations.size > 1) {
      throw new StigmergyError(
        "CONFLICT",
        "new key: the last change of key is not finished; finish it, then change it again",
      );
    }
    const next = KeyGeneration.create(newMaster, this.current + 1);
    return {
      ring: new KeyRing([this.#newest, next]),
      records: [this.#newest.record(next), next.record(this.#newest)],
    };
  }

  /**
   * The records to store when no row is of an older generation: the current one alone. From then
   * on only the current master key opens the store. Records of before must not come back: whoever
   * knew the older key could seal rows by it again.
   */
  finished(): KeyRecord[] {
    return [this.#newest.record()];
  }
}

function placeOf(kind: SealedKind, namespace: string, key: string): string {
  return `${kind}\0${namespace}\0${key}`;
}
