import type { Provenance } from "../entries/entry.ts";

/** An entry of another store, as ours would hold it: within all limits, times in ms since 1970. */
export interface ImportedEntry {
  readonly namespace: string;
  readonly key: string;
  readonly value: string;
  readonly tags: readonly string[];
  /** What the other store knew beside; `importedFrom` tells where the entry was found. */
  readonly metadata: Record<string, unknown>;
  readonly agent?: string;
  readonly session?: string;
  readonly provenance: Provenance;
  /** Of our own exports alone: nobody else's signatures are of what we store. */
  readonly signature?: string;
  readonly pinned?: boolean;
  readonly at: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt?: number;
  readonly accessCount: number;
}

/** Why a row of another store was not taken. */
export type SkipReason =
  /** Its time to live has passed. */
  | "expired"
  /** Its store had deleted it, or put it away. */
  | "deleted"
  | "archived"
  /** It is of a namespace that only logs what was run. */
  | "noise"
  /** It has no value, or no key. */
  | "empty"
  /** It is beyond a limit of ours. */
  | "too large"
  /** It holds bytes that are no text, a NUL, or a time that is none. */
  | "malformed"
  /** Its value is sealed. */
  | "encrypted"
  /** It is of another namespace than the one asked for. */
  | "other namespace"
  /** A newer row of the same namespace and key was found. */
  | "duplicate"
  /** The store holds the same already. */
  | "unchanged"
  /** The store holds what was written later. */
  | "newer here";

/** What became of one store that was found; `read` is `imported` and all that was skipped. */
export interface SourceReport {
  /** Relative to what was named. */
  readonly path: string;
  /** What wrote it, such as "claude-flow 2 memory". */
  readonly format: string;
  readonly read: number;
  readonly imported: number;
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Why it could not be read, or not to its end: "encrypted …", "foreign …", "damaged …". */
  readonly problem?: string;
}

/** A row of another store before anything of it has been checked. */
export interface ForeignRecord {
  /** Its number or name there, kept under `importedFrom`. */
  readonly id?: unknown;
  /** Default `default`. */
  readonly namespace?: unknown;
  readonly key: unknown;
  /** A text, or anything that JSON can hold. */
  readonly value: unknown;
  readonly tags?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly agent?: unknown;
  readonly session?: unknown;
  readonly provenance?: unknown;
  readonly signature?: unknown;
  readonly pinned?: unknown;
  /** Times: seconds or milliseconds since 1970, or a date as text. */
  readonly at?: unknown;
  readonly createdAt?: unknown;
  readonly updatedAt?: unknown;
  readonly expiresAt?: unknown;
  /** Seconds from `updatedAt`, or milliseconds where its writer erred. */
  readonly ttl?: unknown;
  readonly accessCount?: unknown;
  readonly status?: unknown;
  /** Of our own export: times are milliseconds, and metadata comes back as it was. */
  readonly isOurs?: boolean;
}

/** A store that was found: what it is, and its rows. */
export interface Source {
  /** Relative to what was named, with "/" on every system. */
  readonly path: string;
  readonly format: string;
  /** When its file was last written, in ms since 1970: the time of rows that tell none. */
  readonly modifiedAt: number;
  /** Why it can't be read; there are then no rows. */
  readonly problem?: string;
  /** The rows, the same at every call. */
  records(): Iterable<ForeignRecord>;
}
