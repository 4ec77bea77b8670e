import { StigmergyError } from "../../errors.ts";
import { rowChecksum } from "./checksum.ts";
import { Codec } from "./codec.ts";
import type { EmbedderRole } from "./embedder-role.ts";
import { entryOf, titleOf, type Entry, type Provenance } from "./entry.ts";
import { makeRoom } from "./eviction.ts";
import { keepValue } from "./history.ts";
import { countInto } from "./namespaces.ts";
import {
  isLive,
  nextSeq,
  removeRow,
  rowOf,
  type RowBefore,
  type WriteContext,
} from "./row-before.ts";

/** An entry whose parts have been checked, ready to be written. */
export interface NewEntry {
  readonly namespace: string;
  readonly key: string;
  readonly value: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly agent: string | undefined;
  readonly session: string | undefined;
  readonly provenance: Provenance;
  readonly signature: string | undefined;
  /** Undefined: as the entry that it replaces, else not. */
  readonly pinned: boolean | undefined;
  readonly at: number;
  readonly expiresAt: number | undefined;
  /** Of an entry that comes from elsewhere: what was known of it there. */
  readonly origin?: {
    readonly createdAt: number;
    readonly updatedAt: number;
    readonly accessCount: number;
  };
}

/** What an entry is embedded as: its title and value, and the words of its key. */
export function embeddedText(entry: Pick<NewEntry, "key" | "value" | "metadata">): string {
  return `${entry.key}\n${titleOf(entry.metadata)}\n${entry.value}`;
}

/** Stands for a vector that is to be made later. */
export interface Unembedded {
  /** When the embedder was found not to answer; 0 when it refused this text. */
  readonly silentAt: number;
}

/** An entry with what was found about it before the store was locked. */
export interface PreparedEntry {
  readonly entry: NewEntry;
  readonly embedder: string;
  /** Absent where entries are not embedded. */
  readonly vector: Float32Array | Unembedded | undefined;
}

/** A change of the store, ready to be made. `ifVersion` is the version it must meet; 0 is absence. */
export type PreparedWrite =
  | { readonly kind: "put"; readonly put: PreparedEntry; readonly ifVersion: number | undefined }
  | {
      readonly kind: "delete" | "check";
      readonly namespace: string;
      readonly key: string;
      readonly ifVersion: number | undefined;
    };

/** Writes an entry in place of the one of its key, if there is one. Within a transaction. */
export function putEntry(
  context: WriteContext,
  { entry, embedder, vector }: PreparedEntry,
  role: EmbedderRole,
  ifVersion: number | undefined,
  now: number,
): Entry {
  const { database, codec, audit } = context;
  const { namespace, key, value } = entry;
  context.cache.drop(namespace, key);
  const before = rowOf(database, namespace, key);
  const live = isLive(before, now) ? before : undefined;
  assertVersion(namespace, key, ifVersion, live);
  // One that has expired is gone: what takes its key is another entry.
  if (before !== undefined && live === undefined) removeRow(context, before, now);
  if (live !== undefined) keepValue(context, live, now);
  const told = toldBy(entry, live, now);
  const encoded = codec.encode(namespace, key, value, told.metadata);
  const size = Buffer.byteLength(value, "utf8");
  const seq = nextSeq(database);
  const checksum = rowChecksum(told, Codec.isSealed(encoded.encoding));
  const row = { ...told, ...encoded, size, seq, checksum };
  const statement = live === undefined ? INSERT : UPDATE;
  const last = live === undefined ? [namespace, key] : [live.id];
  const values = COLUMNS.map((column) => row[column]);
  const id = Number(database.sql(statement).get(...values, ...last)?.id);
  if (vector !== undefined && "silentAt" in vector) postponeVector(context, id, role, vector);
  else if (role === "current") {
    writeVector(context, entry, id, embedder, vector, live !== undefined);
  } else writeNextVector(context, entry, id, embedder, vector, seq);
  const held = countInto(database, namespace, live === undefined ? 1 : 0, size - (live?.size ?? 0));
  makeRoom(context, namespace, held, id, now);
  audit.write({ action: "store", outcome: "done", namespace, key });
  return entryOf({ ...told, id, seq });
}

/** Columns of an entry, in the order in which their values are written. */
const COLUMNS = [
  ...(["value", "encoding", "size", "tags", "metadata", "agent", "session"] as const),
  ...(["provenance", "signature", "pinned", "at", "created_at", "updated_at"] as const),
  ...(["expires_at", "access_count", "seq", "checksum"] as const),
];
const UPDATE = `UPDATE entries SET ${COLUMNS.map((column) => `${column} = ?`).join(", ")}
  WHERE id = ? RETURNING id`;
const INSERT = `INSERT INTO entries (${COLUMNS.join(", ")}, namespace, key)
  VALUES (${COLUMNS.map(() => "?").join(", ")}, ?, ?) RETURNING id`;

/** What an entry says as its columns hold it in the clear; what it leaves open is as in the one before. */
function toldBy(entry: NewEntry, before: RowBefore | undefined, now: number) {
  const { namespace, key, value, origin } = entry;
  const isPinned = entry.pinned ?? before?.pinned === 1;
  return {
    namespace,
    key,
    value,
    tags: JSON.stringify(entry.tags),
    metadata: JSON.stringify(entry.metadata),
    agent: entry.agent ?? null,
    session: entry.session ?? null,
    provenance: entry.provenance === "unknown" ? null : entry.provenance,
    signature: entry.signature ?? null,
    pinned: isPinned ? 1 : 0,
    at: entry.at,
    created_at: origin?.createdAt ?? before?.created_at ?? now,
    updated_at: origin?.updatedAt ?? now,
    expires_at: entry.expiresAt ?? null,
    access_count: origin?.accessCount ?? before?.access_count ?? 0,
  };
}

/**
 * Removes the entry of a key, and tells whether there was one that had not expired. Within a
 * transaction.
 */
export function deleteEntry(
  context: WriteContext,
  namespace: string,
  key: string,
  ifVersion: number | undefined,
  now: number,
): boolean {
  const before = rowOf(context.database, namespace, key);
  const live = isLive(before, now) ? before : undefined;
  assertVersion(namespace, key, ifVersion, live);
  if (before !== undefined) removeRow(context, before, now);
  const outcome = live === undefined ? "absent" : "done";
  context.audit.write({ action: "delete", outcome, namespace, key });
  return live !== undefined;
}

/** @throws {StigmergyError} CONFLICT when the entry of a key is not of the version it must be */
export function assertVersion(
  namespace: string,
  key: string,
  ifVersion: number | undefined,
  found: { readonly seq: number } | undefined,
): void {
  const version = found?.seq ?? 0;
  if (ifVersion === undefined || ifVersion === version) return;
  const said = (each: number): string => (each === 0 ? "no entry" : `version ${each}`);
  throw new StigmergyError(
    "CONFLICT",
    `key "${key}" of namespace "${namespace}": expected ${said(ifVersion)}, found ${said(version)}; read it again and retry`,
  );
}

function writeVector(
  { database, codec }: WriteContext,
  { namespace, key }: NewEntry,
  id: number,
  embedder: string,
  vector: Float32Array | undefined,
  replaces: boolean,
): void {
  if (replaces) database.sql("DELETE FROM unembedded WHERE entry = ?").get(id);
  if (vector === undefined || vector.every((value) => value === 0)) {
    if (replaces) database.sql("DELETE FROM vectors WHERE entry = ?").get(id);
    return;
  }
  const bytes = codec.encodeVector(namespace, key, vector);
  database.sql("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)").get(id, embedder, bytes);
}

/** Without its vector an entry waits for it; the next embedder finds by itself what it has not embedded. */
function postponeVector(
  { database }: WriteContext,
  id: number,
  role: EmbedderRole,
  { silentAt }: Unembedded,
): void {
  database.sql("DELETE FROM vectors WHERE entry = ?").get(id);
  if (role === "next") return;
  database.sql("INSERT OR REPLACE INTO unembedded (entry, at) VALUES (?, ?)").get(id, silentAt);
}

/** The vector that was there is of another embedder and of a text that the entry no longer has. */
function writeNextVector(
  { database, codec }: WriteContext,
  { namespace, key }: NewEntry,
  id: number,
  embedder: string,
  vector: Float32Array | undefined,
  seq: number,
): void {
  database.sql("DELETE FROM vectors WHERE entry = ?").get(id);
  const isNone = vector === undefined || vector.every((value) => value === 0);
  const bytes = isNone ? new Uint8Array(0) : codec.encodeVector(namespace, key, vector);
  database
    .sql("INSERT OR REPLACE INTO next_vectors VALUES (?, ?, ?, ?)")
    .get(id, seq, embedder, bytes);
}
