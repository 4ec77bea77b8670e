import { expect, test } from "vitest";
import { AGENT_CATALOG } from "#dist/index.js";
import { rolePrompt } from "#dist/agents/types/conventions.js";
import { connectedStore } from "../support/mcp.ts";

test("every tool that a role names is a tool of this server", async () => {
  const { client } = await connectedStore();
  const { tools } = await client.listTools();
  const ours = new Set(tools.map(({ name }) => name));
  for (const { name, tools: needed, prompt } of AGENT_CATALOG) {
    for (const tool of needed.filter((each) => each.startsWith("mcp__stigmergy__"))) {
      expect(ours, name).toContain(tool.replace("mcp__stigmergy__", ""));
    }
    const told = rolePrompt({ prompt });
    const named =
      told.match(/\b(?:memory|agents?|neural|daa|swarm|task|load|benchmark|features)_[a-z_]+\b/g) ??
      [];
    expect(named.length, name).toBeGreaterThan(5);
    for (const tool of named) expect(ours, `${name}: ${tool}`).toContain(tool);
  }
});

test("role prompts are MCP prompts: listed with what each is good at, and given with a task", async () => {
  const { client, call } = await connectedStore();
  const { prompts } = await client.listPrompts();
  expect(prompts).toHaveLength(49);
  expect(prompts[0]).toMatchObject({
    name: "coder",
    arguments: [{ name: "task", required: false }],
  });
  const { messages, description } = await client.getPrompt({
    name: "analyst",
    arguments: { task: "Look at the schema" },
  });
  expect(description).toMatch(/^Analyzes code bases/);
  const { text } = messages[0].content as { text: string };
  expect(text).toMatch(/^You tell people what their code is like/);
  expect(text).toContain("## Working beside others");
  expect(text.trimEnd()).toMatch(/## Your task\n\nLook at the schema$/);
  await expect(client.getPrompt({ name: "codr" })).rejects.toThrow(/did you mean "coder"/);
  const { data } = await call("agent_types", { type: "analyst" });
  const [{ prompt }] = data.types as { prompt: string }[];
  expect(text.startsWith(prompt)).toBe(true);
});
