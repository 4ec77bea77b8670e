import type { SqlRow, SqlValue } from "../file/driver.ts";
import type { CarvedRow } from "./page-carver.ts";

// Which table a row of a leaf is of, told by its columns alone: their number, kinds and ranges.

const ENTRY_COLUMNS = [
  ...["id", "namespace", "key", "value", "tags", "metadata", "agent", "session", "at"],
  ...["created_at", "updated_at", "expires_at", "access_count", "seq", "accessed_at"],
  ...["provenance", "signature", "pinned", "encoding", "size", "checksum"],
];
/** Columns of the first schema; later ones add to the end, and rows of before stay as short. */
const LEAST_COLUMNS = 14;
const MOST_TIME = 8.64e15;

/** The entry that a row's columns make, or undefined when they make none. */
export function carvedEntry({ id, columns }: CarvedRow): SqlRow | undefined {
  if (columns.length < LEAST_COLUMNS || columns[0] !== null) return undefined;
  const value = (name: string): SqlValue => columns[ENTRY_COLUMNS.indexOf(name)] ?? null;
  const encoding = value("encoding") ?? 0;
  const isText = encoding === 0;
  const isEntry =
    isName(value("namespace"), 256) &&
    isName(value("key"), 1024) &&
    (isText ? typeof value("value") === "string" : value("value") instanceof Uint8Array) &&
    startsWith(value("tags"), "[") &&
    startsWith(value("metadata"), "{") &&
    [value("agent"), value("session")].every((each) => each === null || isName(each, 256)) &&
    [value("at"), value("created_at"), value("updated_at")].every(isTime) &&
    (value("expires_at") === null || isTime(value("expires_at"))) &&
    isCount(value("access_count")) &&
    isCount(value("seq")) &&
    isCount(encoding);
  if (!isEntry) return undefined;
  const named = ENTRY_COLUMNS.map((name) => [name, value(name)] as const);
  const text = value("value");
  return {
    ...Object.fromEntries(named),
    id,
    encoding,
    pinned: value("pinned") ?? 0,
    size: value("size") ?? (typeof text === "string" ? Buffer.byteLength(text, "utf8") : 0),
  };
}

/** The proof of a key that a row's columns make, or undefined. */
export function carvedKeyRecord({ id, columns }: CarvedRow): SqlRow | undefined {
  const [first, salt, proof, wrapped] = columns;
  if (columns.length !== 4 || first !== null || !isBytes(salt, 16)) return undefined;
  if (!(proof instanceof Uint8Array) || proof.byteLength < 33 || proof[0] !== 1) return undefined;
  if (wrapped !== null && !(wrapped instanceof Uint8Array)) return undefined;
  return { generation: id, salt: salt as Uint8Array, proof, wrapped };
}

/** The dictionary that a row's columns make, or undefined. */
export function carvedDictionary({ id, columns }: CarvedRow): SqlRow | undefined {
  const [first, namespace, encoding, bytes] = columns;
  if (columns.length !== 4 || first !== null || !isName(namespace, 256)) return undefined;
  if (!isCount(encoding) || !(bytes instanceof Uint8Array)) return undefined;
  return { id, namespace, encoding, bytes };
}

/** The removal that a row's columns make: proof that an entry of before is gone; or undefined. */
export function carvedRemoval({ id, columns }: CarvedRow): SqlRow | undefined {
  const [first, entry, namespace, key] = columns;
  if (columns.length !== 4 || first !== null || !isCount(entry)) return undefined;
  if (!isName(namespace, 256) || !isName(key, 1024)) return undefined;
  return { seq: id, entry, namespace, key };
}

function isName(value: SqlValue, most: number): value is string {
  return typeof value === "string" && value !== "" && [...value].length <= most;
}

function startsWith(value: SqlValue, first: string): boolean {
  return typeof value === "string" && value.startsWith(first);
}

function isTime(value: SqlValue): boolean {
  return Number.isSafeInteger(value) && Math.abs(value as number) <= MOST_TIME;
}

function isCount(value: SqlValue): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isBytes(value: SqlValue, length: number): boolean {
  return value instanceof Uint8Array && value.byteLength === length;
}
