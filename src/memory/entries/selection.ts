import type { SqlValue } from "../file/driver.ts";
import type { Provenance } from "./entry.ts";

/** Which entries are meant; what is absent does not narrow. */
export interface Selection {
  readonly namespace?: string | undefined;
  /** A key pattern: see `keyPattern`. */
  readonly pattern?: string | undefined;
  /** Of this conversation or run. */
  readonly session?: string | undefined;
  /** All of these tags. */
  readonly tags?: readonly string[] | undefined;
  /** That this agent said. */
  readonly agent?: string | undefined;
  /** Said at this moment or later, in milliseconds since 1970. */
  readonly since?: number | undefined;
  /** Said before this moment. */
  readonly until?: number | undefined;
  /** Of one of these origins. */
  readonly provenance?: readonly Provenance[] | undefined;
  /** Patterns of the namespaces that may be read; undefined for all. */
  readonly readable?: readonly string[] | undefined;
}

/** Entries that share their namespace, or the right to be read. */
export interface Group {
  /** Equal for equal groups. */
  readonly name: string;
  readonly selection: Selection;
  /** Whether the entries of a namespace belong to it. */
  readonly holds: (namespace: string) => boolean;
}

/** The condition on `entries` that selects live ones, and the values for its parameters. */
export interface Condition {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** The condition of a selection at a moment: what has expired by then is never in it. */
export function conditionOf(selection: Selection, now: number): Condition {
  const parts = ["(expires_at IS NULL OR expires_at > ?)"];
  const values: SqlValue[] = [now];
  const { namespace, pattern, session, tags = [], since, until, provenance, readable } = selection;
  if (namespace !== undefined) {
    parts.push("namespace = ?");
    values.push(namespace);
  }
  if (pattern !== undefined) {
    const glob = globOf(pattern);
    parts.push("(key GLOB ? OR key GLOB ?)");
    values.push(glob, `*/${glob}`);
  }
  if (session !== undefined) {
    parts.push("session = ?");
    values.push(session);
  }
  if (selection.agent !== undefined) {
    parts.push("agent = ?");
    values.push(selection.agent);
  }
  for (const tag of tags) {
    parts.push("EXISTS (SELECT 1 FROM json_each(entries.tags) WHERE json_each.value = ?)");
    values.push(tag);
  }
  if (since !== undefined) {
    parts.push("at >= ?");
    values.push(since);
  }
  if (until !== undefined) {
    parts.push("at < ?");
    values.push(until);
  }
  if (provenance !== undefined) {
    parts.push(`coalesce(provenance, 'unknown') IN (${provenance.map(() => "?").join(", ")})`);
    values.push(...provenance);
  }
  if (readable !== undefined) {
    const patterns = readable.map(() => "namespace GLOB ?");
    parts.push(patterns.length === 0 ? "0" : `(${patterns.join(" OR ")})`);
    values.push(...readable.map(globOf));
  }
  return { text: parts.join(" AND "), values };
}

/**
 * Whether a text is a key pattern: it holds `*` or `?` and no white space. A pattern matches a
 * whole key, or what follows any "/" in it; `*` stands for any characters, "/" too, and `?` for
 * one. So `microservices/*` finds `architecture/microservices/user-service`.
 */
export function isKeyPattern(text: string): boolean {
  return /[*?]/.test(text) && !/\s/.test(text);
}

/** The pattern in SQLite's GLOB, which would read `[` as the start of a class. */
function globOf(pattern: string): string {
  return pattern.replaceAll("[", "[[]");
}
