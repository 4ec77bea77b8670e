import type { SqlRow } from "./driver.ts";

/** What agents remember: a text under a key of a namespace, and what is known of it. */
export interface Entry {
  /** Stable number of the entry, kept when it is overwritten. */
  readonly id: number;
  readonly namespace: string;
  readonly key: string;
  readonly value: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Who said it, when that was told. */
  readonly agent?: string;
  /** The conversation or run that it belongs to. */
  readonly session?: string;
  /** When it was said; this and all other times in milliseconds since 1970. */
  readonly at: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When it stops being returned; absent when never. */
  readonly expiresAt?: number;
  /** How often `retrieve` has returned it. */
  readonly accessCount: number;
}

/** Columns that `entryOf` reads. */
export const ENTRY_COLUMNS =
  "id, namespace, key, value, tags, metadata, agent, session, at, created_at, updated_at, expires_at, access_count";

/** The entry of a row of `ENTRY_COLUMNS`. */
export function entryOf(row: SqlRow): Entry {
  return {
    id: row.id as number,
    namespace: row.namespace as string,
    key: row.key as string,
    value: row.value as string,
    tags: JSON.parse(row.tags as string),
    metadata: JSON.parse(row.metadata as string),
    ...(row.agent === null ? {} : { agent: row.agent as string }),
    ...(row.session === null ? {} : { session: row.session as string }),
    at: row.at as number,
    createdAt: row.created_at as number,
    updatedAt: row.updated_at as number,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at as number }),
    accessCount: row.access_count as number,
  };
}

/** `metadata.title` when it is a text: it weighs more than the rest. */
export function titleOf(metadata: Readonly<Record<string, unknown>>): string {
  return typeof metadata.title === "string" ? metadata.title : "";
}
