import { createCipheriv, createDecipheriv, randomFillSync, type KeyObject } from "node:crypto";
import { StigmergyError } from "../errors.ts";

// Sealed bytes, AES-256-GCM:
//
//     0   u8    format, 1
//     1   u32   generation of the master key, little-endian
//     5   u8[12] nonce, random
//     17  …     ciphertext, as long as the plain bytes
//     …   u8[16] tag
//
// Associated data, as text: format NUL generation NUL place. Numbers and places can't be mixed up,
// because no number holds NUL. An unknown format is refused.

const FORMAT = 1;
const CIPHER = "aes-256-gcm";
const NONCE_AT = 5;
const NONCE_BYTES = 12;
const TEXT_AT = NONCE_AT + NONCE_BYTES;
const TAG_BYTES = 16;

/** Bytes that sealing adds. */
export const SEAL_BYTES = TEXT_AT + TAG_BYTES;

// Random bytes cost as much a call as the cipher itself, so many nonces are drawn at once.
const nonces = Buffer.allocUnsafeSlow(NONCE_BYTES * 512);
let nonceAt = nonces.length;

/**
 * `plain` sealed under a key, and bound to a place that must be named to open it.
 * One key seals 2³² times at most: beyond that, two random nonces may be equal.
 */
export function sealBytes(
  plain: Uint8Array,
  key: KeyObject,
  generation: number,
  place: string,
): Buffer {
  const sealed = Buffer.allocUnsafe(SEAL_BYTES + plain.length);
  sealed[0] = FORMAT;
  sealed.writeUInt32LE(generation, 1);
  const nonce = sealed.subarray(NONCE_AT, TEXT_AT);
  drawNonce(nonce);
  const cipher = createCipheriv(CIPHER, key, nonce);
  cipher.setAAD(associatedData(generation, place));
  sealed.set(cipher.update(plain), TEXT_AT);
  cipher.final(); // a stream cipher holds nothing back
  sealed.set(cipher.getAuthTag(), TEXT_AT + plain.length);
  return sealed;
}

/** What was sealed; undefined when it was edited, or under another key or at another place. */
export function openBytes(sealed: Uint8Array, key: KeyObject, place: string): Buffer | undefined {
  if (sealed.length < SEAL_BYTES || sealed[0] !== FORMAT) return undefined;
  const tagAt = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(NONCE_AT, TEXT_AT));
  decipher.setAAD(associatedData(generationOf(sealed), place));
  decipher.setAuthTag(sealed.subarray(tagAt));
  const plain = decipher.update(sealed.subarray(TEXT_AT, tagAt));
  try {
    decipher.final();
  } catch {
    return undefined; // the one thing that `final` refuses is a tag that does not fit
  }
  return plain;
}

/** Generation of the master key that sealed these bytes, as they say; `openBytes` proves it. */
export function generationOf(sealed: Uint8Array): number {
  return (sealed[1] | (sealed[2] << 8) | (sealed[3] << 16) | (sealed[4] << 24)) >>> 0;
}

/** @throws {StigmergyError} DAMAGED when too short to be sealed, FORMAT when of another format */
export function checkSealed(sealed: Uint8Array): void {
  if (sealed.length < SEAL_BYTES) {
    throw new StigmergyError(
      "DAMAGED",
      `sealed bytes: expected ${SEAL_BYTES} or more, received ${sealed.length}`,
    );
  }
  if (sealed[0] !== FORMAT) {
    throw new StigmergyError(
      "FORMAT",
      `sealed bytes: expected format ${FORMAT}, received ${sealed[0]}; a newer version may read it`,
    );
  }
}

function associatedData(generation: number, place: string): Buffer {
  return Buffer.from(`${FORMAT}\0${generation}\0${place}`);
}

function drawNonce(into: Uint8Array): void {
  if (nonceAt === nonces.length) {
    randomFillSync(nonces);
    nonceAt = 0;
  }
  into.set(nonces.subarray(nonceAt, (nonceAt += NONCE_BYTES)));
}
