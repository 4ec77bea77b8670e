import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadDriver } from "#dist/memory/file/driver.js";

// Stores as the programs write them that people come from. Each function makes one, and returns
// where.

/** A moment of November 2025, in seconds and in milliseconds since 1970. */
export const SECONDS = 1_763_800_000;
export const MILLISECONDS = SECONDS * 1000;

/** Makes a SQLite file by statements, and whatever folders it needs. */
export async function sqliteFile(path: string, sql: string): Promise<string> {
  const { DatabaseSync } = await loadDriver();
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
  return path;
}

/** A SQLite file whose rows stand in its log only, as after the writer was killed. */
export async function unfinishedSqliteFile(
  path: string,
  schema: string,
  rows: string,
): Promise<string> {
  const { DatabaseSync } = await loadDriver();
  const original = `${path}.open`;
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(original);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;");
  database.exec(schema);
  database.exec(rows);
  for (const ending of ["", "-wal"]) copyFileSync(original + ending, path + ending);
  database.close();
  return path;
}

/** Makes a text file, and whatever folders it needs. */
export function textFile(path: string, content: unknown): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

/** Layout A: claude-flow 2. */
export const CLAUDE_FLOW_2 = `
  CREATE TABLE memory_entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, value TEXT NOT NULL,
    namespace TEXT NOT NULL DEFAULT 'default', metadata TEXT,
    created_at INTEGER DEFAULT (strftime('%s','now')),
    updated_at INTEGER DEFAULT (strftime('%s','now')),
    accessed_at INTEGER DEFAULT (strftime('%s','now')), access_count INTEGER DEFAULT 0,
    ttl INTEGER, expires_at INTEGER, UNIQUE(key, namespace));`;

/** A row of layout A; times are not converted. */
export function rowOf2(
  key: string,
  value: string,
  more: Readonly<Record<string, string | number | null>> = {},
): string {
  return insert("memory_entries", {
    key,
    value,
    namespace: "default",
    created_at: SECONDS,
    updated_at: SECONDS,
    ...more,
  });
}

/** Layout B: ReasoningBank. */
export const REASONING_BANK = `
  CREATE TABLE patterns (id TEXT PRIMARY KEY, type TEXT NOT NULL, pattern_data TEXT NOT NULL,
    confidence REAL NOT NULL DEFAULT 0.5, usage_count INTEGER NOT NULL DEFAULT 0,
    created_at TEXT DEFAULT CURRENT_TIMESTAMP, last_used TEXT);
  CREATE TABLE pattern_embeddings (id TEXT PRIMARY KEY, model TEXT, dims INT, vector BLOB,
    created_at TEXT);
  CREATE TABLE pattern_links (src_id TEXT, dst_id TEXT, relation TEXT, weight REAL, created_at TEXT);
  CREATE TABLE task_trajectories (task_id TEXT PRIMARY KEY, agent_id TEXT, query TEXT,
    trajectory_json TEXT);`;

/** Layout D: claude-flow 3. */
export const CLAUDE_FLOW_3 = `
  CREATE TABLE memory_entries (
    id TEXT PRIMARY KEY, key TEXT NOT NULL, namespace TEXT DEFAULT 'default', content TEXT NOT NULL,
    type TEXT DEFAULT 'semantic', embedding TEXT, embedding_model TEXT DEFAULT 'local',
    embedding_dimensions INTEGER, tags TEXT, metadata TEXT, owner_id TEXT,
    provenance_type TEXT DEFAULT 'unknown', created_at INTEGER, updated_at INTEGER,
    expires_at INTEGER, last_accessed_at INTEGER, access_count INTEGER DEFAULT 0,
    status TEXT DEFAULT 'active', UNIQUE(namespace, key));`;

/** A row of layout D. */
export function rowOf3(
  key: string,
  content: string,
  more: Readonly<Record<string, string | number | null>> = {},
): string {
  return insert("memory_entries", {
    id: `entry_${key}`,
    key,
    content,
    namespace: "default",
    created_at: MILLISECONDS,
    updated_at: MILLISECONDS,
    ...more,
  });
}

/** A statement that adds one row. */
export function insert(
  table: string,
  row: Readonly<Record<string, string | number | null>>,
): string {
  const values = Object.values(row).map((value) =>
    typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value ?? "NULL"),
  );
  return `INSERT INTO ${table} (${Object.keys(row).join(", ")}) VALUES (${values.join(", ")});\n`;
}

/** A project that has one store of each kind, each with one entry whose value names its kind. */
export async function everyStore(project: string): Promise<void> {
  const at = (path: string): string => join(project, path);
  await sqliteFile(
    at(".swarm/memory.db"),
    CLAUDE_FLOW_2 +
      rowOf2("a", "kind 1") +
      REASONING_BANK +
      insert("patterns", {
        id: "mem-1",
        type: "reasoning_memory",
        created_at: "2025-11-22 08:26:40",
        pattern_data: JSON.stringify({
          title: "b",
          content: "kind 2",
          domain: "default",
          original_key: "b",
          original_value: "kind 2",
          namespace: "default",
          agent: "memory-agent",
        }),
      }),
  );
  textFile(at("memory/memory-store.json"), {
    default: [{ key: "c", value: "kind 3", namespace: "default", timestamp: MILLISECONDS }],
  });
  textFile(at("memory/claude-flow-data.json"), {
    agents: [{ id: "agent-1", type: "coder", name: "kind 4" }],
    tasks: [],
    lastUpdated: MILLISECONDS,
  });
  await sqliteFile(
    at(".hive-mind/hive.db"),
    `CREATE TABLE swarms (id TEXT PRIMARY KEY, name TEXT);
     CREATE TABLE collective_memory (id TEXT PRIMARY KEY, swarm_id TEXT, key TEXT NOT NULL,
       value TEXT, type TEXT DEFAULT 'knowledge', confidence REAL DEFAULT 1.0, created_by TEXT,
       created_at DATETIME DEFAULT CURRENT_TIMESTAMP);
     CREATE TABLE consensus_decisions (id TEXT PRIMARY KEY, swarm_id TEXT, topic TEXT NOT NULL,
       decision TEXT, votes TEXT, algorithm TEXT, confidence REAL, created_at DATETIME);` +
      insert("collective_memory", { id: "1", swarm_id: "s1", key: "e", value: "kind 5" }),
  );
  await sqliteFile(
    at(".hive-mind/memory.db"),
    `CREATE TABLE memories (id TEXT PRIMARY KEY, namespace TEXT, key TEXT, value TEXT, type TEXT,
       timestamp INTEGER, created_at DATETIME, UNIQUE(namespace, key));
     CREATE TABLE memory_store (id INTEGER PRIMARY KEY, key TEXT, namespace TEXT, value TEXT,
       type TEXT, compressed INTEGER, size INTEGER, tags TEXT, created_at INTEGER);` +
      insert("memories", {
        id: "1",
        namespace: "default",
        key: "f",
        value: "kind 6",
        timestamp: MILLISECONDS,
      }) +
      insert("memory_store", {
        key: "f2",
        namespace: "default",
        value: "kind 6b",
        compressed: 0,
        tags: '["t"]',
        created_at: SECONDS,
      }),
  );
  await sqliteFile(
    at("data/hive-mind.db"),
    `CREATE TABLE memory (key TEXT, namespace TEXT, value TEXT, ttl INTEGER, access_count INTEGER,
       last_accessed_at DATETIME, created_at DATETIME, expires_at DATETIME, metadata TEXT,
       PRIMARY KEY (key, namespace));` +
      insert("memory", { key: "g", namespace: "default", value: "kind 7", access_count: 3 }),
  );
  await sqliteFile(
    at(".claude-flow/memory/unified-memory.db"),
    `CREATE TABLE memory_entries (id INTEGER PRIMARY KEY, key TEXT, value TEXT, namespace TEXT,
       timestamp INTEGER, source TEXT);` +
      insert("memory_entries", {
        key: "h",
        value: "kind 8",
        namespace: "default",
        timestamp: MILLISECONDS,
        source: "json",
      }),
  );
  textFile(at(".claude-flow/memory/store.json"), { entries: { i: { value: "kind 9" } } });
  await sqliteFile(
    at(".swarm/agentdb-memory.db"),
    CLAUDE_FLOW_3 + rowOf3("k", "kind 10 and 11", { status: null, tags: '["t1","t2"]' }),
  );
  textFile(at(".claude-flow/neural/models.json"), {
    models: {},
    patterns: { p1: { id: "p1", name: "P", type: "x", embedding: [0, 1], content: "kind 12" } },
    version: "3.0.0",
  });
  textFile(at("backup/export.json"), {
    schema: "ruflo-memory-export/v1",
    exportedAt: "2025-11-22T08:26:40Z",
    count: 1,
    entries: [{ key: "m", namespace: "default", value: "kind 13", createdAt: MILLISECONDS }],
  });
  textFile(
    at("notes/user_role.md"),
    "---\nname: role\ndescription: Who the user is\ntype: user\n---\n\nkind 14\n",
  );
  await sqliteFile(
    at("node_modules/ruv-swarm/data/ruv-swarm.db"),
    `CREATE TABLE agent_memory (id INTEGER PRIMARY KEY, agent_id TEXT, key TEXT, value TEXT,
       created_at DATETIME DEFAULT CURRENT_TIMESTAMP);` +
      insert("agent_memory", { agent_id: "agent-7", key: "o", value: "kind 15" }),
  );
}
