import type { SqlRow } from "../file/driver.ts";

/** How what an entry says came to be known. */
export const PROVENANCES = [
  "user_claim",
  "agent_output",
  "system_observation",
  "tool_result",
  "unknown",
] as const;
/** One of `PROVENANCES`. */
export type Provenance = (typeof PROVENANCES)[number];

/** What agents remember: a text under a key of a namespace, and what is known of it. */
export interface Entry {
  /** Stable number of the entry, kept when it is overwritten. */
  readonly id: number;
  /** Where its key stands; whom it concerns. */
  readonly namespace: string;
  /** Its name within the namespace. */
  readonly key: string;
  /** What is remembered, as it was stored. */
  readonly value: string;
  /** Changes with every write, never comes back: what `ifVersion` compares. */
  readonly version: number;
  /** Words that searches and lists can be narrowed by. */
  readonly tags: readonly string[];
  /** What else was told, JSON values; `title` counts for more in searches, `importance` is 0 to 1. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Who said it, when that was told. */
  readonly agent?: string;
  /** The conversation or run that it belongs to. */
  readonly session?: string;
  /** How it came to be known. */
  readonly provenance: Provenance;
  /** The agent's Ed25519 signature of it, base64, when it was signed. */
  readonly signature?: string;
  /** Never evicted to make room for others. */
  readonly pinned: boolean;
  /** When it was said; this and all other times in milliseconds since 1970. */
  readonly at: number;
  /** When this key was first stored. */
  readonly createdAt: number;
  /** When this value was stored. */
  readonly updatedAt: number;
  /** When it stops being returned; absent when never. */
  readonly expiresAt?: number;
  /** How often `retrieve` has returned it. */
  readonly accessCount: number;
}

/** Columns that make an entry, once `Codec` has made its value and metadata readable. */
export const ENTRY_COLUMNS =
  "id, namespace, key, value, encoding, seq, tags, metadata, agent, session, provenance, signature, " +
  "pinned, at, created_at, updated_at, expires_at, access_count";

/** A row of `ENTRY_COLUMNS` whose value and metadata are texts. */
export interface ReadableRow extends SqlRow {
  readonly value: string;
  readonly metadata: string;
}

type Building = { -readonly [Name in keyof Entry]: Entry[Name] };

/** The entry of a readable row, with reads that the row does not count yet. */
export function entryOf(row: ReadableRow, reads = 0): Entry {
  const entry: Building = {
    id: row.id as number,
    namespace: row.namespace as string,
    key: row.key as string,
    value: row.value,
    version: row.seq as number,
    tags: row.tags === "[]" ? [] : JSON.parse(row.tags as string),
    metadata: row.metadata === "{}" ? {} : JSON.parse(row.metadata),
    provenance: (row.provenance ?? "unknown") as Provenance,
    pinned: row.pinned === 1,
    at: row.at as number,
    createdAt: row.created_at as number,
    updatedAt: row.updated_at as number,
    accessCount: (row.access_count as number) + reads,
  };
  if (row.agent !== null) entry.agent = row.agent as string;
  if (row.session !== null) entry.session = row.session as string;
  if (row.signature !== null) entry.signature = row.signature as string;
  if (row.expires_at !== null) entry.expiresAt = row.expires_at as number;
  return entry;
}

/** One name for a namespace and key: equal only when both are, as neither holds NUL. */
export function entryName(namespace: string, key: string): string {
  return `${namespace}\0${key}`;
}

/** `metadata.title` when it is a text: it weighs more than the rest. */
export function titleOf(metadata: Readonly<Record<string, unknown>>): string {
  return typeof metadata.title === "string" ? metadata.title : "";
}
