import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import {
  generateAgentKeys,
  signEntry,
  verifyEntry,
  type SignedFields,
} from "#dist/security/signatures.js";

const ENTRY: SignedFields = {
  namespace: "team",
  key: "decisions/database",
  value: 'PostgreSQL, "for" its row locks\n𝒳',
  tags: ["adr", "database"],
  metadata: { by: "vote", count: 3, deep: { b: [1, null, { y: 1, x: 2 }], a: 0.1 } },
  agent: "bob",
  at: 1_700_000_000_000,
};
const { publicKey, privateKey } = generateAgentKeys();

test("an entry signed by an agent is verified by its public key, in base64 or PEM", () => {
  const signature = signEntry(ENTRY, privateKey);
  expect(Buffer.from(signature, "base64")).toHaveLength(64);
  expect(verifyEntry(ENTRY, signature, publicKey)).toBe(true);
  const pem = `-----BEGIN PUBLIC KEY-----\n${publicKey}\n-----END PUBLIC KEY-----`;
  expect(verifyEntry(ENTRY, signature, pem)).toBe(true);
  expect(verifyEntry(ENTRY, signature, generateAgentKeys().publicKey)).toBe(false);
});

test("a signature holds for the fields that mean the same in another order", () => {
  const signature = signEntry(ENTRY, privateKey);
  const same: SignedFields = {
    ...ENTRY,
    tags: ["database", "adr", "adr"],
    metadata: { deep: { a: 0.1, b: [1, null, { x: 2, y: 1 }] }, count: 3, by: "vote" },
  };
  expect(verifyEntry(same, signature, publicKey)).toBe(true);
});

test("a change of any field breaks the signature", () => {
  const signature = signEntry(ENTRY, privateKey);
  const changes: Partial<SignedFields>[] = [
    { namespace: "teams" },
    { namespace: "teamd", key: "ecisions/database" },
    { key: "decisions/Database" },
    { value: `${ENTRY.value} ` },
    { tags: ["adr"] },
    { tags: ["adr,database"] },
    { tags: ['adr","database'] },
    { metadata: {} },
    { metadata: { ...ENTRY.metadata, count: "3" } },
    { metadata: { ...ENTRY.metadata, deep: { b: [null, 1, { y: 1, x: 2 }], a: 0.1 } } },
    { metadata: JSON.parse(`{"__proto__": 1, ${JSON.stringify(ENTRY.metadata).slice(1)}`) },
    { agent: "eve" },
    { agent: null },
    { at: 1_700_000_000_001 },
    { at: null },
  ];
  for (const change of changes) {
    const text = JSON.stringify(change);
    expect(verifyEntry({ ...ENTRY, ...change }, signature, publicKey), text).toBe(false);
  }
});

test("what is no signature is false, not an error", () => {
  const signature = signEntry(ENTRY, privateKey);
  const flipped = Buffer.from(signature, "base64");
  flipped[63] ^= 1;
  for (const text of [
    "",
    "signature",
    signature.slice(4),
    signature.replace("==", ""),
    `${signature} `,
    `${signature}AAAA`,
    flipped.toString("base64"),
    Buffer.alloc(64).toString("base64"),
    5 as never,
  ]) {
    expect(verifyEntry(ENTRY, text, publicKey)).toBe(false);
  }
});

test("keys that are none of Ed25519 are refused without being repeated", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const rsaPrivate = rsa.privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");
  const rsaPublic = rsa.publicKey.export({ type: "spki", format: "der" }).toString("base64");
  for (const key of ["", "text", publicKey, rsaPrivate, privateKey.slice(8)]) {
    const work = (): string => signEntry(ENTRY, key);
    expect(work).toThrow(/^private key: expected an Ed25519 key, PKCS #8 in base64, received some/);
  }
  const signature = signEntry(ENTRY, privateKey);
  for (const key of ["", "text", privateKey, rsaPublic, publicKey.slice(8)]) {
    const work = (): boolean => verifyEntry(ENTRY, signature, key);
    expect(work).toThrow(/^public key: expected an Ed25519 public key/);
    expect(work).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
  }
});

test("metadata that could not be stored is not signed", () => {
  const work = (): string => signEntry({ ...ENTRY, metadata: { wide: 10n } }, privateKey);
  expect(work).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
});

test("a signature made by the first version is verified by every later one", () => {
  // The first key of RFC 8032's examples. Ed25519 has no chance in it, so neither has this text.
  const known = {
    publicKey: "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    privateKey: "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g",
  };
  const signature =
    "WwAKle3ngX/2VjOBCkJY2JfY/nWfUtOT37ohxtLNLC8ABa145ehrU9wlsKO3dJgob32DnMr+g30cpxlBUl7RBg==";
  expect(signEntry(ENTRY, known.privateKey)).toBe(signature);
  expect(verifyEntry(ENTRY, signature, known.publicKey)).toBe(true);
});
