import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore, type Policy } from "#dist/index.js";
import { agentOfMessage } from "#dist/mcp/session/client-name.js";
import { connectProcess } from "../support/mcp.ts";
import { testFolder } from "../support/folder.ts";
import { CLI, startNode } from "../support/process.ts";

const POLICY: Policy = {
  roles: {
    admin: [{ namespace: "*", rights: ["admin"] }],
    coder: [{ namespace: "code", rights: ["read", "write"] }],
    reader: [{ namespace: "public", rights: ["read"] }],
  },
  agents: {
    root: { roles: ["admin"] },
    "mcp:test": { roles: ["coder"] },
    reviewer: { roles: ["reader", "coder"] },
    "*": { roles: ["reader"] },
  },
  requireSignatures: [],
};

async function projectWithPolicy(): Promise<string> {
  const project = testFolder();
  await using store = await MemoryStore.open({ path: join(project, ".stigmergy") });
  await store.store({ key: "k", value: "public text", namespace: "public" });
  await store.store({ key: "k", value: "secret text", namespace: "private" });
  await store.setPolicy(POLICY);
  return project;
}

const codeOf = (text: string): unknown => (JSON.parse(text) as { code?: unknown }).code;

test("a client acts under the name that it says of itself, with the rights of that name", async () => {
  const { call } = await connectProcess(await projectWithPolicy());
  const written = await call("memory_store", { key: "k", value: "v", namespace: "code" });
  expect(written.isError).toBe(false);
  const read = await call("memory_retrieve", { key: "k", namespace: "code" });
  expect(read.data).toMatchObject({ found: true, agent: "mcp:test" });
  const listed = await call("memory_list");
  expect(listed.data).toMatchObject({
    entries: [{ namespace: "code" }, { namespace: "public" }],
  });
  for (const [tool, args] of [
    ["memory_retrieve", { key: "k", namespace: "private" }],
    ["memory_usage", { action: "retrieve", key: "k", namespace: "private" }],
    ["memory_search", { query: "secret", namespace: "private" }],
    ["memory_list", { namespace: "private" }],
    ["memory_store", { key: "k", value: "v", namespace: "public" }],
    ["memory_store", { key: "k", value: "v", namespace: "code", agent: "reviewer" }],
    ["memory_delete", { key: "k", namespace: "code" }],
    ["memory_delete", { key: "k", namespace: "code", erase: true }],
    ["memory_namespace", { action: "clear", namespace: "code" }],
    ["memory_namespace", { action: "delete", namespace: "code" }],
    ["memory_namespace", { action: "create", namespace: "mine" }],
    ["memory_namespace", { action: "info", namespace: "private" }],
    ["memory_cleanup", {}],
    ["memory_compress", { namespace: "code" }],
    ["memory_export", { outputPath: "out.json", namespace: "private" }],
  ] as const) {
    const { isError, text } = await call(tool, args);
    expect(isError, `${tool} ${JSON.stringify(args)}`).toBe(true);
    expect(codeOf(text), text).toBe("FORBIDDEN");
  }
  const found = await call("memory_search", { query: "secret" });
  expect(found.text).not.toContain("secret text");
  const analytics = await call("memory_analytics", { timeframe: "all" });
  expect(analytics.text).not.toContain("private");
  expect((await call("memory_export", { outputPath: "out.json" })).data).toMatchObject({
    entries: 2,
  });
});

test("--agent and STIGMERGY_AGENT name the agent, whatever the client says", async () => {
  const project = await projectWithPolicy();
  const { call } = await connectProcess(project, ["--agent", "reviewer"]);
  await call("memory_store", { key: "k", value: "v", namespace: "code" });
  const read = await call("memory_retrieve", { key: "k", namespace: "code" });
  expect(read.data).toMatchObject({ agent: "reviewer" });
});

test("before a client has said its name it has everyone's rights and no more", async () => {
  const child = startNode([CLI, "mcp", "start"], { cwd: await projectWithPolicy() });
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  const ask = async (id: number, method: string, params: object): Promise<string> => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    while (!stdout.includes(`"id":${id}`)) {
      await new Promise((resolve) => child.stdout.once("data", resolve));
    }
    return stdout.split("\n").find((line) => line.includes(`"id":${id}`)) ?? "";
  };
  const call = (id: number, namespace: string): Promise<string> =>
    ask(id, "tools/call", { name: "memory_retrieve", arguments: { key: "k", namespace } });
  expect(await call(1, "private")).not.toContain("secret text");
  const capabilities = {};
  const first = { protocolVersion: "2025-06-18", capabilities, clientInfo: { name: "x" } };
  await ask(2, "initialize", { ...first, clientInfo: { name: "x", version: "1" } });
  expect(await call(3, "private")).toContain("FORBIDDEN");
  expect(await call(4, "public")).toContain("public text");
  // The first name stays: none that is said later lends its rights.
  await ask(5, "initialize", { ...first, clientInfo: { name: "test", version: "1" } });
  expect(await call(6, "code")).toContain("FORBIDDEN");
  child.stdin.end();
  await new Promise((resolve) => child.once("exit", resolve));
});

test("a name is taken from the first message of either protocol, as far as it can be stored", () => {
  const named = (name: unknown) => ({
    jsonrpc: "2.0" as const,
    id: 1,
    method: "initialize",
    params: { clientInfo: { name } },
  });
  expect(agentOfMessage(named("claude-code"))).toBe("mcp:claude-code");
  expect(agentOfMessage(named("a\0b\ud800"))).toBe("mcp:ab\ufffd");
  expect(agentOfMessage(named("x".repeat(5000)))).toHaveLength(204);
  for (const name of ["", "  ", 7, null, undefined]) {
    expect(agentOfMessage(named(name))).toBeUndefined();
  }
  const later = { "io.modelcontextprotocol/clientInfo": { name: "cursor" } };
  const request = {
    jsonrpc: "2.0" as const,
    id: 1,
    method: "tools/call",
    params: { _meta: later },
  };
  expect(agentOfMessage(request)).toBe("mcp:cursor");
  expect(agentOfMessage({ jsonrpc: "2.0", id: 1, result: {} })).toBeUndefined();
});
