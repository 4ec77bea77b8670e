import {
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from "node:crypto";
import { StigmergyError } from "../errors.ts";
import { MASTER_KEY_BYTES } from "./master-key.ts";
import { generationOf, openBytes, sealBytes } from "./sealed-bytes.ts";

// One master key and all keys that come of it, by HKDF-SHA256 with the record's salt and an info
// text of each use: "stigmergy proof", "stigmergy mac", "stigmergy wrap", and for a namespace
// "stigmergy namespace", NUL and the SHA-256 of its name in hex. The name itself would not do: info
// has 1,024 bytes at most in OpenSSL, and a name of 256 characters may have as many.

const SALT_BYTES = 16;
const PROOF = Buffer.from("stigmergy proof of key");
const MOST_NAMESPACE_KEYS = 4096; // names are made up freely; what falls out is derived again

/** What is stored in the open of one generation of the master key. None of it is secret. */
export interface KeyRecord {
  /** 1 for the first key, one more for each that replaced it. */
  readonly generation: number;
  /** 16 random bytes, so that the same master key gives other keys in another store. */
  readonly salt: Uint8Array;
  /** A constant, sealed: who can open it holds this generation's master key. */
  readonly proof: Uint8Array;
  /** This generation's master key, sealed under another's; null when no other is in use. */
  readonly wrapped: Uint8Array | null;
}

/** One generation of the master key, unlocked. */
export class KeyGeneration {
  readonly generation: number;
  readonly #master: KeyObject;
  readonly #salt: Uint8Array;
  readonly #proof: Uint8Array;
  readonly #namespaces = new Map<string, KeyObject>();
  #mac: KeyObject | undefined;

  private constructor(
    master: KeyObject,
    generation: number,
    salt: Uint8Array,
    proof: Uint8Array | undefined,
  ) {
    this.generation = generation;
    this.#master = master;
    this.#salt = salt;
    this.#proof = proof ?? sealBytes(PROOF, this.#derive("proof"), generation, "proof");
  }

  /** A generation with a salt of its own. */
  static create(master: Uint8Array, generation: number): KeyGeneration {
    return new KeyGeneration(keyOf(master), generation, randomBytes(SALT_BYTES), undefined);
  }

  /** The record's generation, or undefined when `master` is not its key. */
  static open(master: Uint8Array, record: KeyRecord): KeyGeneration | undefined {
    const { generation, salt, proof } = record;
    if (generationOf(proof) !== generation) return undefined;
    const opened = new KeyGeneration(keyOf(master), generation, salt, proof);
    const proven = openBytes(proof, opened.#derive("proof"), "proof");
    return proven !== undefined && PROOF.equals(proven) ? opened : undefined;
  }

  /** The record to store. @param by the generation under whose master key this one's is sealed */
  record(by?: KeyGeneration): KeyRecord {
    const { generation } = this;
    const wrapped = by === undefined ? null : by.#wrap(this);
    return { generation, salt: this.#salt, proof: this.#proof, wrapped };
  }

  /** The generation of `record`, when its master key is sealed under this one's. */
  unwrap(record: KeyRecord): KeyGeneration | undefined {
    if (record.wrapped === null) return undefined;
    const place = String(record.generation);
    const master = openBytes(record.wrapped, this.#derive("wrap"), place);
    if (master?.length !== MASTER_KEY_BYTES) return undefined;
    try {
      return KeyGeneration.open(master, record);
    } finally {
      master.fill(0);
    }
  }

  /** The key of a namespace, derived at its first use. */
  namespaceKey(namespace: string): KeyObject {
    const known = this.#namespaces.get(namespace);
    if (known !== undefined) return known;
    const name = createHash("sha256").update(namespace).digest("hex");
    const key = this.#derive(`namespace\0${name}`);
    if (this.#namespaces.size === MOST_NAMESPACE_KEYS) this.#namespaces.clear();
    this.#namespaces.set(namespace, key);
    return key;
  }

  /** HMAC-SHA256 under a key that nothing else uses. */
  mac(data: Uint8Array | string): Buffer {
    this.#mac ??= this.#derive("mac");
    return createHmac("sha256", this.#mac).update(data).digest();
  }

  /** Whether `master` is this generation's master key. */
  hasMaster(master: Uint8Array): boolean {
    return this.#master.equals(keyOf(master));
  }

  #wrap(other: KeyGeneration): Buffer {
    const master = other.#master.export();
    try {
      return sealBytes(master, this.#derive("wrap"), this.generation, String(other.generation));
    } finally {
      master.fill(0);
    }
  }

  #derive(use: string): KeyObject {
    const info = Buffer.from(`stigmergy ${use}`);
    const bytes = Buffer.from(hkdfSync("sha256", this.#master, this.#salt, info, 32));
    const key = createSecretKey(bytes);
    bytes.fill(0);
    return key;
  }
}

function keyOf(master: Uint8Array): KeyObject {
  if (master.length === MASTER_KEY_BYTES) return createSecretKey(master);
  throw new StigmergyError(
    "INVALID_INPUT",
    `master key: expected ${MASTER_KEY_BYTES} bytes, received ${master.length}`,
  );
}
