import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { MemoryStore, type Policy } from "#dist/index.js";
import { connectInMemory } from "../support/mcp.ts";
import { testFolder } from "../support/folder.ts";
import { runCli } from "../support/process.ts";

// What comes in from outside and can't be right, by each door, with the code that refuses it. After
// every case the store holds what it held before.

const KEY = "1".repeat(64);
const LONG = "x".repeat(2000);
const LARGE = "x".repeat(2 ** 20 + 1);
const DEEP = Array.from({ length: 80 }).reduce<object>((inner) => ({ inner }), {});
const CIRCLE: Record<string, unknown> = {};
CIRCLE.circle = CIRCLE;

const GRANTS = { admin: [{ namespace: "*", rights: ["admin"] }] };
const AGENTS = { root: { roles: ["admin"] } };

async function storeWithOne() {
  const root = testFolder();
  const store = await MemoryStore.open({ path: join(root, ".stigmergy") });
  onTestFinished(() => store.close());
  await store.store({ key: "k", value: "v" });
  return { root, store };
}

type Ask = (store: MemoryStore) => Promise<unknown> | unknown;
const wrong = (value: unknown): never => value as never;

const LIBRARY: readonly (readonly [what: string, ask: Ask, code: string])[] = [
  ["a key that is empty", (s) => s.store({ key: "", value: "v" }), "INVALID_INPUT"],
  ["a key with NUL", (s) => s.store({ key: "a\0b", value: "v" }), "INVALID_INPUT"],
  ["a key of half a character", (s) => s.store({ key: "\ud800", value: "v" }), "INVALID_INPUT"],
  ["a key that is a number", (s) => s.store({ key: wrong(7), value: "v" }), "INVALID_INPUT"],
  ["a key that is too long", (s) => s.store({ key: LONG, value: "v" }), "TOO_LARGE"],
  ["a value that is too large", (s) => s.store({ key: "k", value: LARGE }), "TOO_LARGE"],
  ["a value that is an object", (s) => s.store({ key: "k", value: wrong({}) }), "INVALID_INPUT"],
  ["a namespace that is too long", (s) => s.list({ namespace: LONG }), "TOO_LARGE"],
  ["a ttl of 0", (s) => s.store({ key: "k", value: "v", ttl: 0 }), "INVALID_INPUT"],
  ["a ttl that is no number", (s) => s.store({ key: "k", value: "v", ttl: NaN }), "INVALID_INPUT"],
  [
    "tags that are a text",
    (s) => s.store(wrong({ key: "k", value: "v", tags: "t" })),
    "INVALID_INPUT",
  ],
  [
    "too many tags",
    (s) => s.store({ key: "k", value: "v", tags: Array.from({ length: 65 }, (_, i) => `t${i}`) }),
    "TOO_LARGE",
  ],
  [
    "metadata that is a list",
    (s) => s.store(wrong({ key: "k", value: "v", metadata: [] })),
    "INVALID_INPUT",
  ],
  [
    "metadata in a circle",
    (s) => s.store({ key: "k", value: "v", metadata: CIRCLE }),
    "INVALID_INPUT",
  ],
  [
    "metadata that is too deep",
    (s) => s.store({ key: "k", value: "v", metadata: { DEEP } }),
    "TOO_LARGE",
  ],
  [
    "metadata that is too large",
    (s) => s.store({ key: "k", value: "v", metadata: { LARGE } }),
    "TOO_LARGE",
  ],
  [
    "a provenance made up",
    (s) => s.store(wrong({ key: "k", value: "v", provenance: "x" })),
    "INVALID_INPUT",
  ],
  [
    "a pin that is a word",
    (s) => s.store(wrong({ key: "k", value: "v", pinned: "yes" })),
    "INVALID_INPUT",
  ],
  ["a version below 0", (s) => s.store({ key: "k", value: "v", ifVersion: -1 }), "INVALID_INPUT"],
  [
    "a version that has passed",
    (s) => s.store({ key: "k", value: "w", ifVersion: 99 }),
    "CONFLICT",
  ],
  ["a moment between two", (s) => s.store({ key: "k", value: "v", at: 0.5 }), "INVALID_INPUT"],
  ["a request that is null", (s) => s.store(wrong(null)), "INVALID_INPUT"],
  ["a key to delete that is no text", (s) => s.delete(wrong(undefined)), "INVALID_INPUT"],
  ["a query of white space", (s) => s.search({ query: "  " }), "INVALID_INPUT"],
  ["a query that is too long", (s) => s.search({ query: "x".repeat(4097) }), "TOO_LARGE"],
  [
    "a search in no known way",
    (s) => s.search(wrong({ query: "x", mode: "magic" })),
    "INVALID_INPUT",
  ],
  ["a search that is null", (s) => s.search(wrong(null)), "INVALID_INPUT"],
  [
    "a search by provenance as a text",
    (s) => s.search(wrong({ query: "x", provenance: "unknown" })),
    "INVALID_INPUT",
  ],
  ["a threshold above 1", (s) => s.search({ query: "x", threshold: 2 }), "INVALID_INPUT"],
  ["a list of 0", (s) => s.list({ limit: 0 }), "INVALID_INPUT"],
  ["a list in no known order", (s) => s.list(wrong({ order: "size" })), "INVALID_INPUT"],
  ["a list of a session without a name", (s) => s.list({ session: "" }), "INVALID_INPUT"],
  ["a setting made up", (s) => s.configure("n", wrong({ colour: 1 })), "INVALID_INPUT"],
  ["an eviction made up", (s) => s.configure("n", wrong({ eviction: "fifo" })), "INVALID_INPUT"],
  ["a history of -1", (s) => s.configure("n", { history: -1 }), "INVALID_INPUT"],
  ["a message without a name", (s) => s.send({ name: "" }), "INVALID_INPUT"],
  ["a message in a circle", (s) => s.send({ name: "m", data: CIRCLE }), "INVALID_INPUT"],
  ["a message that is too large", (s) => s.send({ name: "m", data: LARGE }), "TOO_LARGE"],
  ["an idle time that is no number", (s) => s.compress({ idleSeconds: NaN }), "INVALID_INPUT"],
  ["a time that has no analytics", (s) => s.analytics(wrong({ timeframe: "2h" })), "INVALID_INPUT"],
  ["a new key that is short", (s) => s.rekey("abc"), "INVALID_SETTING"],
  ["a new key of zeros", (s) => s.rekey("0".repeat(64)), "INVALID_SETTING"],
  ["a policy that is a text", (s) => s.setPolicy(wrong("{}")), "INVALID_INPUT"],
  [
    "a policy nobody could change",
    (s) => s.setPolicy(wrong({ roles: {}, agents: {} })),
    "INVALID_INPUT",
  ],
  [
    "a right that is misspelled",
    (s) => {
      const roles = { ...GRANTS, r: [{ namespace: "*", rights: ["reed"] }] };
      return s.setPolicy(wrong({ roles, agents: AGENTS }) as Policy);
    },
    "INVALID_INPUT",
  ],
  [
    "an agent of an unknown role",
    (s) => s.setPolicy(wrong({ roles: GRANTS, agents: { ...AGENTS, a: { roles: ["boss"] } } })),
    "INVALID_INPUT",
  ],
  ["an export in no known format", (s) => s.export("x", wrong({ format: "pdf" })), "INVALID_INPUT"],
  ["an export over the store", (s) => s.export(join(s.folder, "memory.db")), "INVALID_INPUT"],
  ["an import from nowhere", (s) => s.import("/nowhere/at/all.json"), "NOT_FOUND"],
  ["an agent without a name", (s) => s.actFor(""), "INVALID_INPUT"],
  [
    "a durability made up",
    (s) => MemoryStore.open({ path: s.folder, durability: wrong("x") }),
    "INVALID_INPUT",
  ],
  [
    "an embedder made up",
    (s) => MemoryStore.open({ path: s.folder, embedder: "x" }),
    "NOT_SUPPORTED",
  ],
  ["a path with NUL", () => MemoryStore.open({ path: "a\0b" }), "INVALID_INPUT"],
];

test.each(LIBRARY)("the library refuses %s", async (_, ask, code) => {
  const { store } = await storeWithOne();
  const before = await store.stats();
  await expect((async () => ask(store))()).rejects.toMatchObject({ code });
  expect({ ...(await store.stats()), cache: before.cache }).toEqual(before);
});

const TOOLS: readonly (readonly [tool: string, args: Record<string, unknown>, why: string])[] = [
  ["memory_store", { key: "k" }, "value"],
  ["memory_store", { key: "", value: "v" }, "INVALID_INPUT"],
  ["memory_store", { key: "k", value: "" }, "INVALID_INPUT"],
  ["memory_store", { key: "k", value: [LARGE] }, "TOO_LARGE"],
  ["memory_store", { key: "k", value: "v", upsert: false }, "CONFLICT"],
  ["memory_store", { key: "k", value: "v", upsert: false, ifVersion: 1 }, "INVALID_INPUT"],
  ["memory_store", { key: "k", value: "v", ifVersion: 1.5 }, "INVALID_INPUT"],
  ["memory_store", { key: "k", value: "v", tags: [""] }, "INVALID_INPUT"],
  ["memory_store", { key: "k", value: "v", provenance_type: "x" }, "provenance_type"],
  ["memory_store", { key: "k", value: "v", colour: "red" }, "colour"],
  ["memory_retrieve", {}, "key"],
  ["memory_retrieve", { key: "k", namespace: "" }, "INVALID_INPUT"],
  ["memory_delete", { key: "k", ifVersion: 99 }, "CONFLICT"],
  ["memory_delete", { key: "k", erase: "yes" }, "erase"],
  ["memory_list", { limit: 0 }, "INVALID_INPUT"],
  ["memory_list", { offset: -1 }, "INVALID_INPUT"],
  ["memory_list", { order: "size" }, "order"],
  ["memory_search", { query: "x", provenance_filter: ["x"] }, "provenance_filter"],
  ["memory_search", { query: "x", since: 1.5 }, "INVALID_INPUT"],
  ["memory_namespace", { action: "create", namespace: "default" }, "CONFLICT"],
  ["memory_namespace", { action: "clear" }, "INVALID_INPUT"],
  ["memory_cleanup", { namespace: "\0" }, "INVALID_INPUT"],
  ["memory_cleanup", { dryRun: "yes" }, "dryRun"],
  ["memory_compress", { namespace: LONG }, "TOO_LARGE"],
  ["memory_compress", { idleSeconds: -1 }, "INVALID_INPUT"],
  ["memory_persist", { sessionId: "" }, "INVALID_INPUT"],
  ["memory_analytics", { timeframe: "1y" }, "timeframe"],
  ["cache_manage", { action: "evict", key: "" }, "INVALID_INPUT"],
  ["memory_export", { outputPath: "../../etc/x" }, "OUTSIDE_ROOT"],
  ["memory_export", { outputPath: "link/x" }, "OUTSIDE_ROOT"],
  ["memory_export", { outputPath: ".stigmergy/memory.db" }, "INVALID_INPUT"],
  ["memory_import", { inputPath: "link" }, "OUTSIDE_ROOT"],
  ["memory_import", { inputPath: "nowhere" }, "NOT_FOUND"],
];

test.each(TOOLS)("the tool %s refuses %o", async (tool, args, why) => {
  const { root, store } = await storeWithOne();
  symlinkSync("/tmp", join(root, "link"));
  const { call } = await connectInMemory(store);
  const before = await store.stats();
  const { isError, text } = await call(tool, args);
  expect(isError, text).toBe(true);
  // Ours tell a code; what the schema refuses names the field.
  if (/^[A-Z_]+$/.test(why)) expect(JSON.parse(text)).toMatchObject({ success: false, code: why });
  else expect(text).toContain(why);
  expect(text).not.toContain(root);
  expect({ ...(await store.stats()), cache: before.cache }).toEqual(before);
});

describe("the command line refuses", () => {
  const cwd = mkdtempSync(join(tmpdir(), "stigmergy-test-"));
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));
  const held = () => runCli(["memory", "list", "--json"], { cwd });
  let before = "";

  beforeAll(async () => {
    await runCli(["memory", "store", "k", "v"], { cwd });
    before = (await held()).stdout;
    writeFileSync(join(cwd, "list.json"), "[]");
    writeFileSync(join(cwd, "short.key"), "abc", { mode: 0o600 });
    mkdirSync(join(cwd, "folder"));
  });

  const COMMANDS: readonly (readonly [args: string, code: string, exit: number])[] = [
    ["memory store k v --ttl 0", "INVALID_INPUT", 2],
    ["memory store k v --if-version 99", "CONFLICT", 1],
    ["memory store k v --if-version soon", "expected a number", 2],
    ["memory store k v --metadata {", "INVALID_INPUT", 2],
    ["memory store k v --metadata []", "INVALID_INPUT", 2],
    ["memory store k v --provenance hearsay", "hearsay", 2],
    [`memory store ${LONG} v`, "TOO_LARGE", 2],
    ["memory get", "missing required argument", 2],
    ["memory list --limit 99999", "INVALID_INPUT", 2],
    ["memory delete k --if-version 99", "CONFLICT", 1],
    ["memory namespace n --history -1", "INVALID_INPUT", 2],
    ["memory namespace n --unset colour", "INVALID_INPUT", 2],
    ["memory clear --namespace default", "INVALID_INPUT", 2],
    ["memory watch --count many", "expected a number", 2],
    ["memory send m {", "INVALID_INPUT", 2],
    ["memory policy set nowhere.json", "NOT_FOUND", 1],
    ["memory policy set folder", "IO_FAILED", 1],
    ["memory policy set list.json", "INVALID_INPUT", 2],
    ["memory rekey", "INVALID_INPUT", 2],
    ["memory rekey --new-key-file nowhere.key", "NOT_FOUND", 1],
    ["memory rekey --new-key-file short.key", "INVALID_SETTING", 2],
    ["memory audit list --limit 0", "INVALID_INPUT", 2],
    ["memory export folder --format json", "IO_FAILED", 1],
    ["memory export x --format pdf", "pdf", 2],
    ["memory export .stigmergy/memory.db", "INVALID_INPUT", 2],
    ["memory import nowhere.json", "NOT_FOUND", 1],
    ["hooks notify --message m --data {", "INVALID_INPUT", 2],
    ["hooks session-restore --session-id s --wait e --timeout -1", "INVALID_INPUT", 2],
    ["mcp start --log-level loud", "loud", 2],
    ["memory list --path list.json", "INVALID_INPUT", 2],
  ];

  test.each(COMMANDS)("%s", async (line, code, exit) => {
    const ended = await runCli([...line.split(" "), "--json"], { cwd });
    expect(ended, ended.stderr).toMatchObject({ code: exit });
    if (/^[A-Z_]+$/.test(code)) {
      expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code } });
      expect(ended.stderr).toMatch(new RegExp(`^stigmergy: ${code}: [^\\n]+\\n$`));
    } else expect(ended.stderr).toContain(code);
    expect(ended.stderr).not.toMatch(/ {4}at /);
    expect((await held()).stdout).toBe(before);
  });
});

test.each([
  ["STIGMERGY_LOG_LEVEL", "loud"],
  ["CLAUDE_FLOW_LOG_LEVEL", "loud"],
  ["CLAUDE_FLOW_TRACE_ENABLED", "perhaps"],
  ["CLAUDE_FLOW_MEMORY_TTL", "an hour"],
  ["CLAUDE_FLOW_ENCRYPTION_KEY", KEY.slice(1)],
  ["STIGMERGY_AUDIT", "sometimes"],
  ["STIGMERGY_AGENT", LONG],
])("the server does not start with %s that can't be understood", async (name, value) => {
  const { code, stdout, stderr } = await runCli(["mcp", "start"], {
    cwd: testFolder(),
    env: { [name]: value },
  });
  expect({ code: code === 0, stdout }).toEqual({ code: false, stdout: "" });
  expect(stderr).toContain(name);
});

test.each([
  [{ CLAUDE_FLOW_LOG_LEVEL: "info" }, /info serving/],
  [{ CLAUDE_FLOW_TRACE_ENABLED: "true" }, /info serving/],
  [{ CLAUDE_FLOW_LOG_LEVEL: "info", STIGMERGY_LOG_LEVEL: "error" }, /^$/],
  [{ CLAUDE_FLOW_TRACE_ENABLED: "true", STIGMERGY_TRACE_ENABLED: "false" }, /^$/],
])("the server tells as much as %o asks for", async (env, told) => {
  const { code, stderr } = await runCli(["mcp", "start"], { cwd: testFolder(), env });
  expect(code).toBe(0);
  expect(stderr).toMatch(told);
});
