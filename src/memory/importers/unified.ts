import { present } from "./record.ts";
import { hasColumns, type Layout } from "./sqlite-copy.ts";

/** `unified-memory.db`, into which claude-flow 2 consolidates its other stores. */
export const UNIFIED: Layout = {
  format: "claude-flow 2 unified memory",
  matches: (tables) =>
    hasColumns(tables, "memory_entries", ["key", "value", "namespace", "timestamp", "source"]) &&
    !hasColumns(tables, "memory_entries", ["content"]) &&
    !hasColumns(tables, "memory_entries", ["created_at"]),
  *records(copy) {
    const columns = ["id", "key", "value", "namespace", "timestamp", "source"];
    for (const row of copy.rows("memory_entries", columns)) {
      yield {
        id: row.id,
        key: row.key,
        value: row.value,
        namespace: row.namespace,
        metadata: present({ source: row.source }),
        createdAt: row.timestamp,
      };
    }
  },
};
