import { createPublicKey, type KeyObject } from "node:crypto";
import { StigmergyError } from "../errors.ts";

/**
 * An Ed25519 public key, of SPKI DER in base64 or of PEM.
 * @param what whose key it is, for the message
 * @throws {StigmergyError} INVALID_INPUT for anything else, a private key too
 */
export function parsePublicKey(what: string, text: unknown): KeyObject {
  const key = typeof text === "string" ? keyOf(text.trim()) : undefined;
  if (key?.asymmetricKeyType === "ed25519") return key;
  throw new StigmergyError(
    "INVALID_INPUT",
    `${what}: expected an Ed25519 public key, SPKI in base64 or PEM, received something else`,
  );
}

/** The key as SPKI DER in base64, the one form in which keys are kept and compared. */
export function publicKeyText(key: KeyObject): string {
  return key.export({ type: "spki", format: "der" }).toString("base64");
}

function keyOf(text: string): KeyObject | undefined {
  try {
    // Node would make a public key of a private one, and hide that it has been given away.
    if (text.startsWith("-----BEGIN PUBLIC KEY-----")) return createPublicKey(text);
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
    const key = Buffer.from(text, "base64");
    return createPublicKey({ key, format: "der", type: "spki" });
  } catch {
    return undefined; // the caller says what was expected; OpenSSL's words would not help
  }
}
