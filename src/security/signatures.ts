import { createPrivateKey, generateKeyPairSync, sign, verify, type KeyObject } from "node:crypto";
import { StigmergyError } from "../errors.ts";
import { checkMetadata } from "./limits.ts";
import { parsePublicKey, publicKeyText } from "./public-key.ts";

/** What of an entry its signature is of. */
export interface SignedFields {
  readonly namespace: string;
  readonly key: string;
  readonly value: string;
  /** A set: their order and repeats are not signed. */
  readonly tags: readonly string[];
  /** What JSON holds; the order of its fields is not signed. */
  readonly metadata: object;
  readonly agent: string | null;
  /** Milliseconds since 1970, as the agent said; null when it said none. */
  readonly at: number | null;
}

/** An agent's keys: the private one stays with the agent, the public one goes into the policy. */
export interface AgentKeys {
  /** SPKI DER in base64. */
  readonly publicKey: string;
  /** PKCS #8 DER in base64. A secret. */
  readonly privateKey: string;
}

const PURPOSE = "stigmergy entry";
const VERSION = 1;
const SIGNATURE = /^[A-Za-z0-9+/]{86}==$/; // 64 bytes

/** A new pair of Ed25519 keys. */
export function generateAgentKeys(): AgentKeys {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return {
    publicKey: publicKeyText(publicKey),
    privateKey: privateKey.export({ type: "pkcs8", format: "der" }).toString("base64"),
  };
}

/**
 * The agent's signature of an entry, 64 bytes in base64.
 * @throws {StigmergyError} INVALID_INPUT for a key that is no Ed25519 private key in base64;
 * INVALID_INPUT, TOO_LARGE for metadata that could not be stored
 *
 * @example
 * const { publicKey, privateKey } = generateAgentKeys(); // the public one goes into the policy
 * const said = { namespace: "default", key: "plan", value: "ship", agent: "ann", at: Date.now() };
 * const signature = signEntry({ ...said, tags: [], metadata: {} }, privateKey);
 * await store.store({ ...said, signature });
 */
export function signEntry(entry: SignedFields, privateKey: string): string {
  return sign(null, signedBytes(entry), parsePrivateKey(privateKey)).toString("base64");
}

/**
 * Whether the signature is of this entry by the owner of `publicKey`; false for what is no
 * signature at all.
 * @throws {StigmergyError} INVALID_INPUT for a key that is no Ed25519 public key
 */
export function verifyEntry(entry: SignedFields, signature: string, publicKey: string): boolean {
  const key = parsePublicKey("public key", publicKey);
  if (!SIGNATURE.test(signature)) return false;
  return verify(null, signedBytes(entry), key, Buffer.from(signature, "base64"));
}

/**
 * The one text of an entry, as UTF-8: a JSON list of purpose, version and fields, without white
 * space, tags as a sorted set, the fields of objects sorted by UTF-16 units. It can't be ambiguous,
 * as JSON gives back every item of the list as it was, with quotes and lone surrogates escaped; nor
 * can it differ between machines, as ECMAScript fixes how JSON.stringify writes strings and numbers.
 * No signature for another purpose can be passed off as one, because the list starts with this.
 */
function signedBytes(entry: SignedFields): Buffer {
  const { namespace, key, value, tags, metadata, agent, at } = entry;
  const tagSet = [...new Set(tags)].sort();
  const fields = [namespace, key, value, tagSet, checkMetadata(metadata), agent, at];
  return Buffer.from(canonicalJson([PURPOSE, VERSION, ...fields]));
}

/** JSON with the fields of objects in order. Written, not rebuilt: `__proto__` is a field as any. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  const fields = names.map(
    (name) => `${JSON.stringify(name)}:${canonicalJson((value as Record<string, unknown>)[name])}`,
  );
  return `{${fields.join()}}`;
}

function parsePrivateKey(text: string): KeyObject {
  try {
    const key = Buffer.from(text, "base64");
    const parsed = createPrivateKey({ key, format: "der", type: "pkcs8" });
    if (parsed.asymmetricKeyType === "ed25519") return parsed;
  } catch {
    // OpenSSL's words would not help, and the text is a secret.
  }
  throw new StigmergyError(
    "INVALID_INPUT",
    "private key: expected an Ed25519 key, PKCS #8 in base64, received something else",
  );
}
