import { join } from "node:path";
import { expect, test } from "vitest";
import { importMemory } from "#dist/memory/importers/import-memory.js";
import { textFile } from "../../support/foreign-stores.js";
import { testFolder } from "../../support/folder.js";
import { MapTarget } from "../../support/import-target.js";

const CLAUDE_CODE =
  "---\nname: testing\ndescription: How to test\ntype: feedback\n---\n\nNo mocks.\n";

test("Claude Code's memories of a folder go to claude-code, its index too", async () => {
  const folder = testFolder();
  textFile(join(folder, "-home-me-app/memory/feedback_testing.md"), CLAUDE_CODE);
  textFile(join(folder, "-home-me-app/memory/MEMORY.md"), "# What is known\n\n- testing");
  textFile(join(folder, "-home-me-app/log.jsonl"), "{}\n");
  textFile(
    join(folder, "-home-me-b/memory/role.md"),
    "---\nname: role\ndescription: d\nmetadata:\n  type: user\n---\nKnows Go.\n",
  );
  const target = new MapTarget();
  const { sources } = await importMemory(target, folder);
  expect(sources).toMatchObject([
    { path: "-home-me-app/memory", format: "Claude Code memory", imported: 2 },
    { path: "-home-me-b/memory", format: "Claude Code memory", imported: 1 },
  ]);
  expect(target.of("claude-code -home-me-app/memory/feedback_testing")).toMatchObject({
    value: "No mocks.",
    metadata: { title: "testing", description: "How to test", type: "feedback" },
  });
  expect(target.of("claude-code -home-me-app/memory/MEMORY").metadata.title).toBe("What is known");
});

test("documents of a project are no memories", async () => {
  const project = testFolder();
  textFile(join(project, "package.json"), "{}");
  textFile(join(project, "index.js"), "");
  textFile(join(project, "README.md"), "---\ntitle: A project\n---\n# A project\n");
  textFile(
    join(project, ".claude/agents/coder.md"),
    "---\nname: coder\ntype: developer\ndescription: Writes code\n---\nYou are a coder.\n",
  );
  expect((await importMemory(new MapTarget(), project)).sources).toEqual([]);
});

test("a folder of Markdown with front matter is taken whole, under its own name", async () => {
  const vault = join(testFolder(), "vault");
  textFile(
    join(vault, "idea.md"),
    "---\ntags: [one, 'two, three']\ncreated: 2025-11-22\n---\nText",
  );
  textFile(join(vault, "sub/plain.md"), "# A heading #\n\nMore text\n");
  textFile(join(vault, "empty.md"), "---\na: 1\n---\n");
  const target = new MapTarget();
  const report = await importMemory(target, vault);
  expect(report).toMatchObject({ read: 3, imported: 2, skipped: { empty: 1 } });
  expect(target.of("vault idea")).toMatchObject({
    value: "Text",
    tags: ["one", "two, three"],
    createdAt: Date.UTC(2025, 10, 22),
    metadata: { importedFrom: { format: "Markdown", path: ".", id: "idea.md" } },
  });
  expect(target.of("vault sub/plain").metadata.title).toBe("A heading");
  expect(await importMemory(target, vault)).toMatchObject({ imported: 0 });
});

test("one Markdown file that is named is taken, whatever it is", async () => {
  const path = textFile(
    join(testFolder(), "notes", "a.md"),
    "\uFEFFJust text, on\r\ntwo lines\r\n",
  );
  const target = new MapTarget();
  await importMemory(target, path);
  expect(target.of("notes a").value).toBe("Just text, on\r\ntwo lines");
});

test("front matter names namespace and key; what can't be understood of it is kept", async () => {
  const path = textFile(
    join(testFolder(), "a.md"),
    "---\nnamespace: api\nkey: users\nhooks:\n  pre: |\n    echo\n__proto__: x\n---\nText",
  );
  const target = new MapTarget();
  await importMemory(target, path);
  expect(target.of("api users").metadata.frontMatter).toBe("hooks:\n  pre: |\n    echo");
});
