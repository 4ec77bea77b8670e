import { metadataOf } from "./record.ts";
import { hasColumns, type Layout } from "./sqlite-copy.ts";

/** What each agent of ruv-swarm remembers: keys are of their agent. */
export const RUV_SWARM: Layout = {
  format: "ruv-swarm agent memory",
  matches: (tables) => hasColumns(tables, "agent_memory", ["agent_id", "key", "value"]),
  *records(copy) {
    const columns = ["id", "agent_id", "key", "value", "metadata", "ttl_secs"];
    const times = ["created_at", "updated_at", "expires_at"];
    for (const row of copy.rows("agent_memory", [...columns, ...times])) {
      yield {
        id: row.id,
        key: row.key,
        value: row.value,
        namespace: `ruv-swarm/${row.agent_id ?? "unknown"}`,
        metadata: metadataOf(row.metadata),
        agent: row.agent_id,
        createdAt: row.created_at,
        updatedAt: row.updated_at,
        expiresAt: row.expires_at,
        ttl: row.ttl_secs,
      };
    }
  },
};
