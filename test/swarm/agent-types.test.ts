import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AGENT_CATALOG } from "#dist/index.js";
import { loadAgentTypes } from "#dist/swarm/agent-types.js";
import { testFolder } from "../support/folder.ts";

/** A project whose store's folder holds files of agent types. */
function project(files: Readonly<Record<string, string | Uint8Array>>): {
  readonly root: string;
  readonly store: string;
  readonly agents: string;
} {
  const root = testFolder();
  const store = join(root, ".stigmergy");
  const agents = join(store, "agents");
  mkdirSync(agents, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(agents, name), text);
  return { root, store, agents };
}

function file(name: string, description = "does things"): string {
  return `---\nname: ${name}\ndescription: ${description}\n---\nDo it.\n`;
}

test("a project without files has the catalogue, found by name, by older names and by its misspellings", async () => {
  const types = await loadAgentTypes(join(testFolder(), ".stigmergy"));
  expect(types.list()).toEqual(AGENT_CATALOG);
  for (const [name, meant] of [
    ["coder", "coder"],
    ["Backend Dev", "backend-dev"],
    ["backend_dev", "backend-dev"],
    ["analyst", "code-analyzer"],
    ["coordinator", "task-orchestrator"],
    ["optimizer", "perf-analyzer"],
    ["documenter", "api-docs"],
    ["monitor", "performance-benchmarker"],
    ["specialist", "system-architect"],
    ["architect", "system-architect"],
  ]) {
    expect(types.get(name).name, name).toBe(meant);
  }
  for (const name of ["constructor", "__proto__", "", "coderr"]) {
    expect(() => types.get(name), name).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
  }
  expect(() => types.get("reviwer")).toThrow(/did you mean "reviewer"/);
  expect(() => types.get("xylophone")).toThrow(/stigmergy agent types lists them/);
});

test("a project's own types come after the catalogue's, or in their place", async () => {
  const { store } = project({
    "mine.md": file("sql-tuner"),
    "coder.md": file("coder", "codes our way"),
    "README.md": "no type",
    ".hidden.md": "no type",
    "notes.txt": "no type",
  });
  const types = await loadAgentTypes(store);
  expect(types.problems).toEqual([]);
  expect(types.list()).toHaveLength(50);
  expect(types.get("sql-tuner")).toMatchObject({ group: "custom", prompt: "Do it." });
  expect(types.get("coder")).toMatchObject({
    group: "core-development",
    description: "codes our way",
  });
  expect([types.isOwn("coder"), types.isOwn("tester")]).toEqual([true, false]);
});

test("types in folders of the folder count as those in it, whatever the folders are called", async () => {
  const { store, agents } = project({ "mine.md": file("mine") });
  mkdirSync(join(agents, "core", "deep"), { recursive: true });
  mkdirSync(join(agents, ".hidden"));
  writeFileSync(join(agents, "core", "deep", "tuner.md"), file("sql-tuner"));
  writeFileSync(join(agents, "core", "broken.md"), "no front matter");
  writeFileSync(join(agents, "core", "README.md"), "no type");
  writeFileSync(join(agents, ".hidden", "old.md"), file("old"));
  // A link to a folder that holds it would never end.
  symlinkSync(agents, join(agents, "core", "loop"));
  const types = await loadAgentTypes(store);
  expect(
    types
      .list()
      .filter(({ name }) => types.isOwn(name))
      .map(({ name }) => name),
  ).toEqual(["sql-tuner", "mine"]);
  expect(types.problems.map((each) => each.file)).toEqual([".stigmergy/agents/core/broken.md"]);
});

test("a file with an error is left out and named with its line; the others count", async () => {
  const { store } = project({
    "a.md": file("good-one"),
    "b.md": "---\nname: broken\ndescription: d\ncost: much\n---\nx",
    "c.md": new Uint8Array([0xff, 0xfe, 0x00]),
    "d.md": "x".repeat(10 * 2 ** 20),
    "e.md": file("twin"),
    "f.md": file("twin"),
  });
  const { problems, ...types } = await loadAgentTypes(store);
  expect(types).toBeDefined();
  const told = problems.map((each) => `${each.file}:${each.line ?? "-"}: ${each.message}`);
  expect(told).toEqual([
    '.stigmergy/agents/b.md:4: cost: expected low, medium, high, received "much"',
    ".stigmergy/agents/c.md:-: expected a text in UTF-8",
    ".stigmergy/agents/d.md:-: expected at most 262144 bytes, received 10485760",
    ".stigmergy/agents/e.md:2: name: twin is given by .stigmergy/agents/f.md, too",
    ".stigmergy/agents/f.md:2: name: twin is given by .stigmergy/agents/e.md, too",
  ]);
  const loaded = await loadAgentTypes(store);
  expect(loaded.find("good-one")).toBeDefined();
  expect(() => loaded.get("twin")).toThrow(/left out for their errors: \.stigmergy\/agents\/b\.md/);
});

test("a link out of the project is refused, one inside it is followed, and a pipe is not waited for", async () => {
  const outside = testFolder();
  writeFileSync(join(outside, "secret.md"), file("secret"));
  const { root, store, agents } = project({ "a.md": file("inside") });
  mkdirSync(join(root, ".claude"));
  writeFileSync(join(root, ".claude", "linked.md"), file("linked"));
  symlinkSync(join(root, ".claude", "linked.md"), join(agents, "b.md"));
  symlinkSync(join(outside, "secret.md"), join(agents, "c.md"));
  symlinkSync(join(outside, "absent.md"), join(agents, "d.md"));
  mkdirSync(join(agents, "e.md")); // a folder, whatever it is called
  if (process.platform !== "win32") execFileSync("mkfifo", [join(agents, "f.md")]);
  const types = await loadAgentTypes(store);
  expect(
    types
      .list()
      .slice(49)
      .map(({ name }) => name),
  ).toEqual(["inside", "linked"]);
  const told = types.problems.map((each) => `${each.file.slice(-4)} ${each.message}`);
  expect(told.slice(0, 2)).toEqual([
    expect.stringMatching(/^c\.md .*inside the root folder/),
    expect.stringMatching(/^d\.md .*inside the root folder/),
  ]);
  if (process.platform !== "win32") expect(told[2]).toMatch(/^f\.md expected an ordinary file/);

  const other = join(testFolder(), ".stigmergy");
  mkdirSync(other);
  symlinkSync(outside, join(other, "agents"));
  const left = await loadAgentTypes(other);
  expect(left.list()).toEqual(AGENT_CATALOG);
  expect(left.problems).toMatchObject([
    { file: ".stigmergy/agents", message: expect.stringContaining("inside the root folder") },
  ]);
  // No error tells where on the machine the project is.
  for (const { message } of [...types.problems, ...left.problems]) {
    expect(message).not.toContain(root);
    expect(message).not.toContain(outside);
  }
});
