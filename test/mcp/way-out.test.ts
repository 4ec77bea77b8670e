import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { TOOL_OF_COMMAND } from "#dist/mcp/answer/way-out.js";
import { connectInMemory, connectProcess } from "../support/mcp.ts";
import { startService } from "../support/embedding-service.ts";
import { testFolder } from "../support/folder.ts";
import { CLI } from "../support/process.ts";
import { testStore } from "../support/store.ts";

test("what is not found is answered with the tool that tells what there is, not with a command", async () => {
  const { call, client } = await connectInMemory(await testStore());
  const tools = new Set((await client.listTools()).tools.map(({ name }) => name));
  const calls: [tool: string, input: Record<string, unknown>, wayOut: string][] = [
    ["agent_status", { agentId: "nobody" }, "agent_list"],
    ["agent_heartbeat", { agentId: "nobody" }, "agent_list"],
    ["agent_terminate", { agentId: "nobody" }, "agent_list"],
    ["agent_types", { type: "qqqqqqqq" }, "agent_types"],
    ["agent_types", { capability: "qqqqqqqq" }, "agent_types"],
  ];
  for (const [tool, input, wayOut] of calls) {
    const { text, isError } = await call(tool, input);
    expect([tool, isError]).toEqual([tool, true]);
    expect(text).toContain(wayOut);
    expect(text).not.toMatch(/stigmergy (agent|memory|neural)/);
    expect(tools).toContain(wayOut);
  }
});

test("a server says at its start which settings of networks protect nothing", async () => {
  const env = { CLAUDE_FLOW_AUTH_REQUIRED: "true", CLAUDE_FLOW_RATE_LIMIT: "1000" };
  const said = await connectProcess(testFolder(), [], { ...env, CLAUDE_FLOW_SSL_ENABLED: "false" });
  await said.client.close();
  expect(said.stderr()).toMatch(/without effect on stdio.*AUTH_REQUIRED, CLAUDE_FLOW_RATE_LIMIT;/);
  const quiet = await connectProcess(testFolder());
  await quiet.client.close();
  expect(quiet.stderr()).toBe("");
});

test("tools stand for commands that there are", async () => {
  const { client } = await connectInMemory(await testStore());
  const { tools } = await client.listTools();
  for (const [command, tool] of TOOL_OF_COMMAND) {
    const [name] = tool.split(/[ ,]/);
    expect(tools.map((each) => each.name)).toContain(name);
    const [, group, sub, option] = command.split(" ");
    const help = spawnSync(process.execPath, [CLI, group, sub, "--help"], { encoding: "utf8" });
    expect(help.status).toBe(0);
    expect(help.stdout).toContain(option ?? `stigmergy ${group} ${sub}`);
  }
});

test("a server whose embedder is out of reach starts, stores, and searches by words, and says so", async () => {
  let isGone = false;
  const { url } = await startService((_, response) => isGone && response.destroy() !== undefined);
  const folder = testFolder();
  const env = { STIGMERGY_EMBEDDER: `${url}#m` };
  const first = await connectProcess(folder, [], env);
  expect((await first.call("memory_store", { key: "a", value: "walrus" })).isError).toBe(false);
  await first.client.close();
  isGone = true;
  const { call } = await connectProcess(folder, [], env);
  const stored = await call("memory_store", { key: "b", value: "a second walrus" });
  expect(stored.data).toMatchObject({ success: true, vectorError: expect.any(String) });
  const { data } = await call("memory_search", { query: "walrus" });
  expect(data).toMatchObject({ mode: "lexical", count: 2, vectorError: expect.any(String) });
  const semantic = await call("memory_search", { query: "walrus", mode: "semantic" });
  expect(semantic).toMatchObject({ isError: true, text: expect.stringMatching("EMBEDDER_FAILED") });
  expect((await call("memory_stats")).data.unembedded).toBe(1);
});
