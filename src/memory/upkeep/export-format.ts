import type { Provenance } from "../entries/entry.ts";

/** An entry as an export holds it; times in milliseconds since 1970. */
export interface ExportedEntry {
  readonly namespace: string;
  readonly key: string;
  readonly value: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly agent?: string;
  readonly session?: string;
  readonly provenance?: Provenance;
  readonly signature?: string;
  readonly pinned?: boolean;
  readonly at: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt?: number;
  readonly accessCount: number;
}

/** Names the JSON export and its version. */
export const EXPORT_SCHEMA = "stigmergy-export/1";

/** Marks a Markdown file of ours, with its version, in its front matter. */
export const MARKDOWN_MARK = "stigmergy";

/** The fields of an exported entry in the order in which every format writes them. */
export const EXPORT_FIELDS = [
  "namespace",
  "key",
  "value",
  "tags",
  "metadata",
  "agent",
  "session",
  "provenance",
  "signature",
  "pinned",
  "at",
  "createdAt",
  "updatedAt",
  "expiresAt",
  "accessCount",
] as const satisfies readonly (keyof ExportedEntry)[];

/** Those of `EXPORT_FIELDS` that are times. */
export const TIME_FIELDS: ReadonlySet<string> = new Set([
  "at",
  "createdAt",
  "updatedAt",
  "expiresAt",
]);

/** An entry's line in a JSON export: its fields in their order, without what is absent. */
export function exportLine(entry: Readonly<Record<string, unknown>> | ExportedEntry): string {
  const fields = entry as Readonly<Record<string, unknown>>;
  return JSON.stringify(
    Object.fromEntries(EXPORT_FIELDS.map((field) => [field, fields[field]] as const)),
  );
}
