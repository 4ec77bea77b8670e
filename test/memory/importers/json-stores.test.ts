import { join } from "node:path";
import { expect, test } from "vitest";
import { importMemory } from "#dist/memory/importers/import-memory.js";
import { MILLISECONDS, textFile } from "../../support/foreign-stores.js";
import { testFolder } from "../../support/folder.js";
import { MapTarget } from "../../support/import-target.js";

test("lists by namespace keep the namespace, the time and that a value was redacted", async () => {
  const target = await imported({
    default: [{ key: "a", value: "1", namespace: "default", timestamp: MILLISECONDS }],
    api: [{ key: "a", value: "2", timestamp: MILLISECONDS, redacted: true }],
    moved: [{ key: "a", value: "3", namespace: "told" }],
    empty: [],
  });
  expect(target.of("told a").value).toBe("3");
  expect(target.of("default a")).toMatchObject({ value: "1", createdAt: MILLISECONDS });
  expect(target.of("api a")).toMatchObject({ value: "2", metadata: { redacted: true } });
});

test("a map of entries keeps what each tells of itself", async () => {
  const target = await imported({
    entries: {
      a: { value: { deep: [1] }, namespace: "ns", tags: ["t"], metadata: { m: 1 } },
      b: { value: "text", createdAt: "2025-11-22T08:26:40.000Z", accessCount: 2 },
    },
  });
  expect(target.of("ns a")).toMatchObject({ value: '{"deep":[1]}', tags: ["t"] });
  expect(target.of("default b")).toMatchObject({ createdAt: MILLISECONDS, accessCount: 2 });
});

test("names such as __proto__ are keys like any other", async () => {
  const target = await imported(
    '{"entries": {"__proto__": {"value": "v", "metadata": {"__proto__": {"a": 1}}}, "constructor": {"value": "w"}}}',
  );
  expect(target.of("default __proto__").value).toBe("v");
  expect(Object.keys(target.of("default __proto__").metadata)).toContain("__proto__");
  expect(target.of("default constructor").value).toBe("w");
  expect({}).not.toHaveProperty("a");
});

test("agents, tasks and swarms of any version become entries", async () => {
  const target = await imported({
    agents: { "agent-1": { agentId: "agent-1", agentType: "coder", createdAt: MILLISECONDS } },
    tasks: [{ id: "task-1", description: "Do it", status: "pending" }],
    swarms: { s: { swarmId: "s", objective: "Ship" } },
    version: "3.0.0",
  });
  expect(target.of("agents agent-1")).toMatchObject({
    createdAt: MILLISECONDS,
    metadata: { type: "coder", source: "claude-flow agents and tasks" },
  });
  expect(target.of("tasks task-1").metadata).toMatchObject({ title: "Do it", status: "pending" });
  expect(JSON.parse(target.of("swarms s").value)).toEqual({ swarmId: "s", objective: "Ship" });
});

test("the state of coordination becomes one entry a part", async () => {
  const target = await imported({
    topology: { type: "mesh" },
    nodes: {},
    version: "3.0.0",
    updated: "never",
  });
  expect([...target.entries.keys()]).toEqual(["coordination topology", "coordination nodes"]);
});

test("neural patterns come as text, without their vectors", async () => {
  const target = await imported({
    models: { m: { weights: [1] } },
    patterns: { p: { id: "p", name: "N", content: "c", embedding: [1], usageCount: 4 } },
    version: "3.0.0",
  });
  expect(target.of("patterns p")).toMatchObject({ value: "c", accessCount: 4 });
  expect(JSON.stringify([...target.entries])).not.toContain("embedding");
});

test("items that are no entries, and halves of characters, stop nothing", async () => {
  const target = await imported(
    '{"schema": "ruflo-memory-export/v1", "entries": [null, 7, {"key": "", "value": "v"}, {"key": "k", "value": "a\\ud800b"}, {"key": "l", "value": "w", "createdAt": {}}]}',
  );
  expect([...target.entries.keys()]).toEqual(["default k", "default l"]);
  expect(target.of("default k").value).toBe("a\ufffdb");
});

test("JSON nested a hundred thousand deep does no harm", async () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const target = new MapTarget();
  const path = textFile(
    join(testFolder(), "store.json"),
    `{"entries": {"a": {"value": ${deep}}, "b": {"value": "v", "metadata": {"deep": ${deep}}}}}`,
  );
  const report = await importMemory(target, path);
  // Newer versions of Node read and write it as any other; older ones can't, and then it is left.
  const { read, imported, skipped } = report;
  expect([read, imported + (skipped["too large"] ?? 0)]).toEqual([2, 2]);
});

test("an export nested a hundred thousand deep is refused with a reason", async () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const path = textFile(
    join(testFolder(), "store.json"),
    `{"schema": "stigmergy-export/1", "sha256": "00", "entries": [{"metadata": ${deep}}]}`,
  );
  const { sources } = await importMemory(new MapTarget(), path);
  // Where Node can read it after all, its checksum is wrong.
  const problem = expect.stringMatching(/^(too large|damaged): /);
  expect(sources).toMatchObject([{ read: 0, problem }]);
});

async function imported(content: unknown): Promise<MapTarget> {
  const target = new MapTarget();
  const report = await importMemory(target, textFile(join(testFolder(), "store.json"), content));
  expect(report.sources).toHaveLength(1);
  expect(report.sources[0]).not.toHaveProperty("problem");
  return target;
}
