import { gunzipSync, inflateSync } from "node:zlib";
import { LIMITS } from "../../security/limits.ts";
import type { SqlRow, SqlValue } from "../file/driver.ts";
import type { ForeignRecord } from "./imported-entry.ts";
import { metadataOf, present } from "./record.ts";
import { hasColumns, type Layout } from "./sqlite-copy.ts";

// The stores of claude-flow's hive mind: four writers, four layouts.

const NAMESPACE = "hive-mind";

/** `.hive-mind/hive.db`: what a swarm knows; keys are of their swarm. */
export const HIVE_COLLECTIVE: Layout = {
  format: "hive-mind collective memory",
  matches: (tables) =>
    hasColumns(tables, "collective_memory", ["id", "swarm_id", "key", "value", "created_by"]),
  *records(copy) {
    const columns = ["id", "swarm_id", "key", "value", "type", "confidence", "created_by"];
    for (const row of copy.rows("collective_memory", [
      ...[...columns, "compressed", "created_at", "access_count"],
    ])) {
      yield {
        ...recordOf(row),
        namespace: namespaceOf(row.swarm_id),
        metadata: present({ type: row.type, confidence: row.confidence, swarm: row.swarm_id }),
        agent: row.created_by,
      };
    }
  },
};

/** `.hive-mind/hive.db`: what a swarm has decided. */
export const HIVE_DECISIONS: Layout = {
  format: "hive-mind decisions",
  matches: (tables) => hasColumns(tables, "consensus_decisions", ["id", "topic", "decision"]),
  *records(copy) {
    const told = ["votes", "algorithm", "confidence"];
    const columns = ["id", "swarm_id", "topic", "decision", "created_at", ...told];
    for (const row of copy.rows("consensus_decisions", columns)) {
      yield {
        ...recordOf(row),
        key: row.id,
        value: row.decision,
        namespace: `${namespaceOf(row.swarm_id)}/decisions`,
        metadata: present({
          title: row.topic,
          swarm: row.swarm_id,
          ...Object.fromEntries(told.map((name) => [name, row[name]])),
        }),
      };
    }
  },
};

/** `.hive-mind/memory.db` as the MCP wrapper writes it. */
export const HIVE_MEMORIES: Layout = {
  format: "hive-mind memories",
  matches: (tables) =>
    hasColumns(tables, "memories", ["namespace", "key", "value", "type", "timestamp"]),
  *records(copy) {
    const columns = ["id", "namespace", "key", "value", "type", "timestamp", "created_at"];
    for (const row of copy.rows("memories", columns)) {
      yield { ...recordOf(row), updatedAt: row.timestamp, metadata: present({ type: row.type }) };
    }
  },
};

/** `.hive-mind/memory.db` as SharedMemory writes it. */
export const HIVE_SHARED: Layout = {
  format: "hive-mind shared memory",
  matches: (tables) =>
    hasColumns(tables, "memory_store", ["namespace", "key", "value", "type", "compressed"]),
  *records(copy) {
    const columns = ["id", "namespace", "key", "value", "type", "compressed", "tags", "metadata"];
    const times = ["created_at", "updated_at", "expires_at", "ttl", "access_count"];
    for (const row of copy.rows("memory_store", [...columns, ...times])) {
      yield {
        ...recordOf(row),
        tags: row.tags,
        metadata: { ...present({ type: row.type }), ...metadataOf(row.metadata) },
      };
    }
  },
};

/** `data/hive-mind.db`, written by the hive mind in TypeScript. */
export const HIVE_TYPESCRIPT: Layout = {
  format: "hive-mind memory",
  matches: (tables) =>
    hasColumns(tables, "memory", ["key", "namespace", "value", "ttl", "access_count"]),
  *records(copy) {
    const columns = ["key", "namespace", "value", "ttl", "access_count", "metadata"];
    const times = ["created_at", "updated_at", "expires_at"];
    for (const row of copy.rows("memory", [...columns, ...times])) {
      yield { ...recordOf(row), metadata: metadataOf(row.metadata) };
    }
  },
};

function recordOf(row: SqlRow): ForeignRecord {
  return {
    id: row.id,
    key: row.key,
    value: Number(row.compressed ?? 0) === 0 ? row.value : unpacked(row.value),
    namespace: row.namespace,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    expiresAt: row.expires_at,
    ttl: row.ttl,
    accessCount: row.access_count,
  };
}

function namespaceOf(swarm: SqlValue): string {
  return typeof swarm === "string" && swarm !== "" ? `${NAMESPACE}/${swarm}` : NAMESPACE;
}

/** A value that is marked as compressed; as it stands when it is not, which also occurs. */
function unpacked(value: SqlValue): SqlValue {
  if (!(value instanceof Uint8Array)) return value;
  // One byte more than an entry may have tells that it is too large.
  const most = { maxOutputLength: LIMITS.valueBytes + 1 };
  try {
    return value[0] === 0x1f ? gunzipSync(value, most) : inflateSync(value, most);
  } catch {
    return value;
  }
}
