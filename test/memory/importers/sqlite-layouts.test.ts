import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  importMemory,
  type ImportOptions,
  type MigrationReport,
} from "#dist/memory/importers/import-memory.js";
import {
  CLAUDE_FLOW_2,
  CLAUDE_FLOW_3,
  insert,
  MILLISECONDS,
  REASONING_BANK,
  rowOf2,
  rowOf3,
  SECONDS,
  sqliteFile,
} from "../../support/foreign-stores.js";
import { testFolder } from "../../support/folder.js";
import { MapTarget } from "../../support/import-target.js";

const YEAR = 365 * 86_400;

test("claude-flow 2 counts seconds, and rows that count milliseconds are told by their size", async () => {
  const { target } = await imported(
    CLAUDE_FLOW_2 +
      rowOf2("s", "v", { updated_at: SECONDS + 5, access_count: 4, metadata: '{"a": 1}' }) +
      rowOf2("ms", "v", { created_at: MILLISECONDS, updated_at: MILLISECONDS + 5 }),
  );
  expect(target.of("default s")).toMatchObject({
    at: MILLISECONDS,
    createdAt: MILLISECONDS,
    updatedAt: MILLISECONDS + 5000,
    accessCount: 4,
    metadata: { a: 1 },
    provenance: "unknown",
    tags: [],
  });
  expect(target.of("default ms").updatedAt).toBe(MILLISECONDS + 5);
});

test("expired rows are passed over and counted", async () => {
  const { target, report } = await imported(
    CLAUDE_FLOW_2 +
      rowOf2("gone", "v", { ttl: 60, expires_at: SECONDS + 60 }) +
      rowOf2("alive", "v", { ttl: YEAR * 9, expires_at: SECONDS + YEAR * 9 }) +
      rowOf2("for ever", "v", { ttl: 0, expires_at: null }),
  );
  expect(report).toMatchObject({ read: 3, imported: 2, skipped: { expired: 1 } });
  expect(target.of("default alive").expiresAt).toBe(MILLISECONDS + YEAR * 9000);
  expect(target.of("default for ever")).not.toHaveProperty("expiresAt");
});

test("a time to live that was written in milliseconds is read as such", async () => {
  const now = Math.floor(Date.now() / 1000);
  const month = 30 * 86_400_000;
  const times = { created_at: now, updated_at: now, ttl: month };
  const { target, report } = await imported(
    CLAUDE_FLOW_2 +
      rowOf2("as seconds", "v", { ...times, expires_at: now + month }) +
      rowOf2("worked out", "v", { ...times, expires_at: now + month / 1000 }) +
      rowOf2("long", "v", { ...times, ttl: 1e12, expires_at: now + 1e12 }) +
      rowOf2("absurd", "v", { ...times, ttl: 1e14, expires_at: now + 1e14 }) +
      rowOf2("past", "v", { ttl: month, expires_at: SECONDS + month }),
  );
  expect(target.of("default as seconds").expiresAt).toBe(now * 1000 + month);
  expect(target.of("default worked out").expiresAt).toBe(now * 1000 + month);
  expect(target.of("default absurd")).not.toHaveProperty("expiresAt");
  expect(target.of("default long").expiresAt).toBe(now * 1000 + 1e12);
  expect(report).toMatchObject({ imported: 4, skipped: { expired: 1 } });
});

test("namespaces that only log what was run are left, unless they are asked for", async () => {
  const sql =
    CLAUDE_FLOW_2 +
    rowOf2("a", "v", { namespace: "hooks:pre-task" }) +
    rowOf2("b", "v", { namespace: "command-history" }) +
    rowOf2("c", "v", { namespace: "swarm/one" }) +
    rowOf2("d", "v", { namespace: "patterns" });
  const { target, report } = await imported(sql);
  expect(report).toMatchObject({ imported: 2, skipped: { noise: 2 } });
  expect(target.of("patterns d").metadata.synthetic).toBe(true);
  expect((await imported(sql, { includeNoise: true })).report.imported).toBe(4);
});

test("keys of any punctuation, and values of any JSON, come as they are", async () => {
  const key = "a;b&c|`$(){}[]<>!#\\ ../д 🐜'";
  const value = '{"__type":"Map","value":[["a",1]]}';
  const { target } = await imported(CLAUDE_FLOW_2 + rowOf2(key, value));
  expect(target.of(`default ${key}`).value).toBe(value);
});

test("a row that can't be an entry is passed over with its reason, and the others come", async () => {
  const { target, report } = await imported(
    `${CLAUDE_FLOW_2.replaceAll("NOT NULL", "")}
     INSERT INTO memory_entries (key, value) VALUES ('nul', 'a' || char(0) || 'b'),
       ('none', NULL), ('empty', ''), (NULL, 'v'), ('bytes', x'ff00ff'), ('sealed', x'52464531aa'),
       ('text bytes', x'c3a9'), ('number', 12.5), (${"'k'".padEnd(3)}, 'v');
     INSERT INTO memory_entries (key, value)
       VALUES ('long', printf('%.*c', 1048577, 'x')), ('huge', printf('%.*c', 20000000, 'x')),
         (printf('%.*c', 1025, 'k'), 'v');
     INSERT INTO memory_entries (key, value, metadata, created_at, updated_at, access_count)
       VALUES ('odd', 'v', 'no JSON', 'yesterday', -5, 9223372036854775807),
         ('much', 'v', json_object('a', printf('%.*c', 70000, 'x')), NULL, NULL, NULL);`,
  );
  expect(report).toMatchObject({
    read: 14,
    imported: 5,
    skipped: { malformed: 2, empty: 3, encrypted: 1, "too large": 3 },
  });
  expect(target.of("default text bytes").value).toBe("é");
  expect(target.of("default number").value).toBe("12.5");
  expect(target.of("default odd").metadata).toMatchObject({ unparsed: "no JSON" });
  expect(target.of("default odd").accessCount).toBeGreaterThanOrEqual(0);
  expect(target.of("default much").metadata).toMatchObject({
    metadataOmitted: "beyond the limits",
  });
});

test("claude-flow 3 gives tags, owner and provenance; what it has deleted stays deleted", async () => {
  const { target, report } = await imported(
    CLAUDE_FLOW_3 +
      rowOf3("a", "v", {
        tags: '["x", "y", 1, ""]',
        owner_id: "agent-1",
        provenance_type: "tool_result",
        type: "episodic",
        metadata: '{"title": "T"}',
        status: null,
        access_count: 2,
      }) +
      rowOf3("b", "v", { status: "deleted" }) +
      rowOf3("c", "v", { status: "archived" }) +
      rowOf3("d", "v", { provenance_type: "invented", created_at: SECONDS, updated_at: SECONDS }),
  );
  expect(target.of("default a")).toMatchObject({
    tags: ["x", "y"],
    agent: "agent-1",
    provenance: "tool_result",
    accessCount: 2,
    metadata: { type: "episodic", title: "T", importedFrom: { id: "entry_a" } },
  });
  expect(target.of("default d")).toMatchObject({ provenance: "unknown", createdAt: MILLISECONDS });
  expect(report).toMatchObject({ imported: 2, skipped: { deleted: 1, archived: 1 } });
});

test("a file of claude-flow 2 that version 3 has upgraded still gives its values", async () => {
  const { target } = await imported(
    CLAUDE_FLOW_2 +
      rowOf2("old", "before the upgrade") +
      "ALTER TABLE memory_entries ADD COLUMN content TEXT DEFAULT '';" +
      "ALTER TABLE memory_entries ADD COLUMN status TEXT;" +
      rowOf2("new", "", { content: "after", created_at: MILLISECONDS }),
  );
  expect(target.of("default old")).toMatchObject({
    value: "before the upgrade",
    createdAt: MILLISECONDS,
  });
  expect(target.of("default new").value).toBe("after");
});

test("patterns of claude-flow 3 say when to do what", async () => {
  const { target } = await imported(
    `${CLAUDE_FLOW_3}
     CREATE TABLE patterns (id TEXT PRIMARY KEY, name TEXT, pattern_type TEXT, condition TEXT,
       action TEXT, description TEXT, confidence REAL, tags TEXT, metadata TEXT, status TEXT);` +
      insert("patterns", {
        id: "p",
        name: "Retry",
        condition: "a timeout",
        action: "wait and ask again",
        confidence: 0.8,
        status: "active",
      }),
  );
  expect(target.of("patterns p")).toMatchObject({
    value: "When: a timeout\nDo: wait and ask again",
    metadata: { title: "Retry", confidence: 0.8 },
  });
});

test("ReasoningBank gives the title and text of a memory, or the key it was stored by", async () => {
  const learned = { title: "Retry", content: "Ask again.", domain: "api", agent: "me" };
  const stored = { title: "k", content: "c", original_key: "k", original_value: { a: 1 } };
  const { target } = await imported(
    REASONING_BANK +
      bankRow("1", learned, { confidence: 0.7, usage_count: 3 }) +
      bankRow("2", { ...stored, namespace: "api" }) +
      bankRow("3", "no JSON"),
  );
  expect(target.of("reasoning-bank 1")).toMatchObject({
    value: "Ask again.",
    agent: "me",
    accessCount: 3,
    createdAt: MILLISECONDS,
    metadata: { title: "Retry", domain: "api", confidence: 0.7, usage_count: 3 },
  });
  expect(target.of("api k").value).toBe('{"a":1}');
  expect(target.of("reasoning-bank 3").value).toBe('"no JSON"');
});

test("a bank that came trained gives problem, solution and rationale", async () => {
  const { target } = await imported(
    `CREATE TABLE patterns (id INTEGER, problem TEXT, solution TEXT, rationale TEXT,
       confidence REAL, success_rate REAL, domain TEXT, tags TEXT);` +
      insert("patterns", {
        id: 7,
        problem: "Slow",
        solution: "Index",
        rationale: "Scans",
        tags: "db, speed",
      }),
  );
  expect(target.of("reasoning-bank pattern-7")).toMatchObject({
    value: "Slow\n\nIndex\n\nScans",
    tags: ["db", "speed"],
    metadata: { title: "Slow" },
  });
});

test("a hive's swarms and agents keep their keys apart", async () => {
  const { target } = await imported(
    `CREATE TABLE collective_memory (id TEXT, swarm_id TEXT, key TEXT, value TEXT, type TEXT,
       confidence REAL, created_by TEXT, created_at DATETIME);
     CREATE TABLE agent_memory (agent_id TEXT, key TEXT, value TEXT, created_at INTEGER);
     CREATE TABLE consensus_decisions (id TEXT, swarm_id TEXT, topic TEXT, decision TEXT);` +
      hiveRow("1", "s1", "one", "queen") +
      hiveRow("2", "s2", "two", "worker") +
      insert("agent_memory", { agent_id: "a1", key: "k", value: "mine" }) +
      insert("consensus_decisions", { id: "d", swarm_id: "s1", topic: "Which?", decision: "That" }),
  );
  expect(target.of("hive-mind/s1 k")).toMatchObject({ value: "one", agent: "queen" });
  expect(target.of("hive-mind/s2 k")).toMatchObject({ value: "two", agent: "worker" });
  expect(target.of("ruv-swarm/a1 k")).toMatchObject({ value: "mine", agent: "a1" });
  expect(target.of("hive-mind/s1/decisions d").metadata.title).toBe("Which?");
});

test("values that a hive has compressed are unpacked, within bounds", async () => {
  const hex = (text: string): string => gzipSync(text).toString("hex");
  const { target, report } = await imported(
    `CREATE TABLE memory_store (key TEXT, namespace TEXT, value, type TEXT, compressed INTEGER);
     INSERT INTO memory_store VALUES ('packed', 'hive', x'${hex("a long text")}', 't', 1),
       ('marked only', 'hive', 'plain', 't', 1),
       ('bomb', 'hive', x'${hex("x".repeat(2 ** 24))}', 't', 1);`,
  );
  expect(target.of("hive packed").value).toBe("a long text");
  expect(target.of("hive marked only").value).toBe("plain");
  expect(report.skipped).toEqual({ malformed: 1 });
});

async function imported(
  sql: string,
  options: ImportOptions = {},
): Promise<{ target: MapTarget; report: MigrationReport }> {
  const target = new MapTarget();
  const path = await sqliteFile(join(testFolder(), "memory.db"), sql);
  const report = await importMemory(target, path, options);
  expect(report.sources.filter(({ problem }) => problem !== undefined)).toEqual([]);
  return { target, report };
}

function bankRow(
  id: string,
  data: unknown,
  more: Readonly<Record<string, string | number>> = {},
): string {
  return insert("patterns", {
    id,
    type: "reasoning_memory",
    pattern_data: JSON.stringify(data),
    created_at: new Date(MILLISECONDS).toISOString(),
    ...more,
  });
}

function hiveRow(id: string, swarm: string, value: string, agent: string): string {
  return insert("collective_memory", { id, swarm_id: swarm, key: "k", value, created_by: agent });
}
