import { isObject, parsedJson, present } from "./record.ts";
import { hasColumns, type Layout } from "./sqlite-copy.ts";

/** Where memories go that name no namespace of their own. */
const NAMESPACE = "reasoning-bank";

/**
 * ReasoningBank in the file of claude-flow 2. Its vectors are left: whatever made them, they are
 * labelled as OpenAI's.
 */
export const REASONING_BANK: Layout = {
  format: "ReasoningBank",
  matches: (tables) => hasColumns(tables, "patterns", ["id", "pattern_data"]),
  *records(copy) {
    const columns = ["id", "type", "pattern_data", "confidence", "usage_count"];
    for (const row of copy.rows("patterns", [...columns, "created_at", "last_used"])) {
      const parsed = parsedJson(row.pattern_data);
      const pattern = isObject(parsed) ? parsed : {};
      const { title, domain, agent, task_type, original_key, original_value } = pattern;
      yield {
        id: row.id,
        key: original_key ?? row.id,
        // What has none of the known fields is kept as it stands.
        value: original_value ?? pattern.content ?? row.pattern_data,
        namespace: pattern.namespace ?? NAMESPACE,
        metadata: present({
          title: title === original_key ? undefined : title,
          type: row.type,
          domain,
          task_type,
          lastUsed: row.last_used,
          confidence: row.confidence,
          usage_count: row.usage_count,
        }),
        agent,
        createdAt: row.created_at,
        accessCount: row.usage_count,
      };
    }
  },
};

/** The banks that come trained: a problem, and what solves it. */
export const TRAINED_REASONING_BANK: Layout = {
  format: "ReasoningBank, trained",
  matches: (tables) => hasColumns(tables, "patterns", ["id", "problem", "solution"]),
  *records(copy) {
    const told = ["confidence", "success_rate", "domain"];
    const columns = ["id", "problem", "solution", "rationale", "tags", "created_at"];
    for (const row of copy.rows("patterns", [...columns, ...told])) {
      const parts = [row.problem, row.solution, row.rationale];
      yield {
        id: row.id,
        key: `pattern-${row.id}`,
        value: parts.filter((part) => typeof part === "string" && part !== "").join("\n\n"),
        namespace: NAMESPACE,
        tags: row.tags,
        metadata: present({
          title: row.problem,
          ...Object.fromEntries(told.map((name) => [name, row[name]])),
        }),
        createdAt: row.created_at,
      };
    }
  },
};
