import type { SqlRow } from "../file/driver.ts";
import type { ForeignRecord } from "./imported-entry.ts";
import { metadataOf, present } from "./record.ts";
import { hasColumns, type Layout } from "./sqlite-copy.ts";

// What claude-flow 2 and 3 keep under one file name, .swarm/memory.db, in tables of one name.
// Vectors are never read: rows of one label were made by different embedders.

const TIMES = ["created_at", "updated_at", "expires_at"];

/** Claude-flow 2: `value`, times in seconds. */
export const CLAUDE_FLOW_2: Layout = {
  format: "claude-flow 2 memory",
  matches: (tables) =>
    hasColumns(tables, "memory_entries", ["key", "namespace", "value", "created_at"]) &&
    !hasColumns(tables, "memory_entries", ["content"]),
  *records(copy) {
    const columns = ["id", "key", "value", "namespace", "metadata", "access_count", "ttl"];
    for (const row of copy.rows("memory_entries", [...columns, ...TIMES])) {
      yield { ...recordOf(row), value: row.value, metadata: metadataOf2(row) };
    }
  },
};

/**
 * Claude-flow 3: `content`, times in milliseconds. An upgrade of a file of version 2 adds the
 * column and leaves it empty, and the text in `value`.
 */
export const CLAUDE_FLOW_3: Layout = {
  format: "claude-flow 3 memory",
  matches: (tables) => hasColumns(tables, "memory_entries", ["key", "namespace", "content"]),
  *records(copy) {
    const columns = [
      ...["id", "key", "content", "value", "namespace", "type", "tags", "metadata", "owner_id"],
      ...["provenance_type", "access_count", "status", "ttl"],
    ];
    for (const row of copy.rows("memory_entries", [...columns, ...TIMES])) {
      const isUpgraded = (row.content ?? "") === "";
      yield {
        ...recordOf(row),
        value: isUpgraded ? row.value : row.content,
        tags: row.tags,
        metadata: isUpgraded
          ? metadataOf2(row)
          : { ...present({ type: row.type }), ...metadataOf(row.metadata) },
        agent: row.owner_id,
        provenance: row.provenance_type,
        status: row.status,
      };
    }
  },
};

/** The patterns of claude-flow 3: when something holds, do something. */
export const CLAUDE_FLOW_3_PATTERNS: Layout = {
  format: "claude-flow 3 patterns",
  matches: (tables) => hasColumns(tables, "patterns", ["id", "name", "condition", "action"]),
  *records(copy) {
    const told = ["confidence", "success_count", "failure_count", "version", "source"];
    const columns = ["id", "name", "pattern_type", "condition", "action", "description", "tags"];
    for (const row of copy.rows("patterns", [
      ...[...columns, ...told, "metadata", "status"],
      ...TIMES,
    ])) {
      const parts = [row.description, `When: ${row.condition}`, `Do: ${row.action}`];
      yield {
        ...recordOf(row),
        key: row.id,
        namespace: "patterns",
        value: parts.filter((part) => part !== null && part !== undefined).join("\n"),
        tags: row.tags,
        metadata: {
          ...present({ title: row.name, type: row.pattern_type }),
          ...present(Object.fromEntries(told.map((name) => [name, row[name]]))),
          ...metadataOf(row.metadata),
        },
        status: row.status,
      };
    }
  },
};

function recordOf(row: SqlRow): ForeignRecord {
  return {
    id: row.id,
    key: row.key,
    value: undefined,
    namespace: row.namespace,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    expiresAt: row.expires_at,
    ttl: row.ttl,
    accessCount: row.access_count,
  };
}

/** What version 2 calls patterns was made up by it and not learned. */
function metadataOf2(row: SqlRow): Record<string, unknown> {
  const metadata = metadataOf(row.metadata);
  return row.namespace === "patterns" ? { ...metadata, synthetic: true } : metadata;
}
