import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { AGENT_CATALOG } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { everyStore } from "../support/foreign-stores.ts";
import { connectInMemory } from "../support/mcp.ts";
import { CLI, ROOT } from "../support/process.ts";
import { testStore } from "../support/store.ts";
import { compileProgram } from "../support/typed-program.ts";

const run = promisify(execFile);
const TEXT = readFileSync(join(ROOT, "README.md"), "utf8");

/** The code blocks of a language, in order. */
function blocks(language: string): string[] {
  return [...TEXT.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(
    ([, code]) => code,
  );
}

test("every command line of the README does its work, as a shell reads it", async () => {
  const lines = blocks("sh").flatMap((block) => block.match(/^stigmergy .*$/gm) ?? []);
  expect(lines.length).toBeGreaterThanOrEqual(6);
  const folder = testFolder();
  const project = join(folder, "project");
  mkdirSync(project);
  await everyStore(join(folder, "other-project"));
  const issues = Array.from({ length: 40 }, (_, i) =>
    i % 2 === 0 ? `the parser crashes on input ${i},bug` : `please add an option ${i},feature`,
  );
  writeFileSync(join(project, "issues.csv"), ["input,label", ...issues].join("\n"));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "stigmergy"), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`, {
    mode: 0o755,
  });
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  const said = new Map<string, string>();
  for (const line of lines) {
    const { stdout } = await run("sh", ["-c", line], { cwd: project, env });
    said.set(line.split(" ").slice(1, 3).join(" "), stdout);
  }
  expect(said.get("memory search")).toContain("decisions/database");
  expect(said.get("agent assign")).toMatch(/task-1.*tester/);
  expect(said.get("agent assign")).toMatch(/task-2.*api-docs/);
  // Each of the commands that it names beside them is there.
  const beside = [...TEXT.matchAll(/^stigmergy (\w+) .*# (.*)$/gm)].flatMap(([, family, names]) =>
    names
      .split(/[,;] /)
      .map((name) => name.trim())
      .filter((name) => /^\w+$/.test(name))
      .map((name) => [family, name]),
  );
  expect(beside.length).toBeGreaterThan(10);
  for (const family of new Set(beside.map(([each]) => each))) {
    const { stdout } = await run(process.execPath, [CLI, family, "--help"]);
    const commands = [...stdout.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name);
    const named = beside.filter(([each]) => each === family).map(([, name]) => name);
    expect(commands).toEqual(expect.arrayContaining(named));
  }
});

test("every call of a tool in the README is answered, and there are as many tools and roles as it says", async () => {
  const { client, call } = await connectInMemory(await testStore());
  const calls = [...TEXT.matchAll(/^# (\w+) +(\{.*\})(?: {3,}.*)?$/gm)];
  expect(calls.length).toBeGreaterThanOrEqual(5);
  for (const [line, tool, written] of calls) {
    const input: unknown = new Function(`return ${written.replace("…", '["tester"]')}`)();
    const { isError, text } = await call(tool, input as Record<string, unknown>);
    expect([line, isError, isError ? text : ""]).toEqual([line, false, ""]);
  }
  const again = await call("memory_store", { key: "lock/deploy", value: "b2", upsert: false });
  expect(again.text).toContain("CONFLICT");
  const { tools } = await client.listTools();
  expect(TEXT).toContain(`${tools.length} tools: `);
  expect(TEXT).toContain(`${AGENT_CATALOG.length} roles`);
  const families = TEXT.match(/^\d+ tools: (.*?)\. /ms)?.[1].match(/[a-z_]+\*?/g) ?? [];
  const isNamed = (name: string): boolean =>
    families.some(
      (each) => each === name || (each.endsWith("*") && name.startsWith(each.slice(0, -1))),
    );
  expect(tools.filter(({ name }) => !isNamed(name)).map(({ name }) => name)).toEqual([]);
});

test("the library's examples in the README compile as TypeScript and print what they say", async () => {
  const folder = testFolder();
  const code = blocks("ts");
  expect(code).toHaveLength(2);
  const given = `
    const vectors = Float32Array.from({ length: 2 * 768 }, (_, i) => Math.sin(i));
    const query = vectors.subarray(0, 768);
    const texts = Array.from({ length: 40 }, (_, i) => (i % 2 ? \`undo it \${i}\` : \`ship it \${i}\`));
    const labels = texts.map((text) => text.slice(0, 4));\n`;
  const sources = { "example-0.ts": code[0], "example-1.ts": `${given}${code[1]}` };
  expect(await compileProgram(folder, sources)).toBe("");
  const first = await run(process.execPath, ["example-0.js"], { cwd: folder });
  expect(first.stdout).toMatch(/^tester tester: 1 similar task.* \[\] 0\n$/);
  const second = await run(process.execPath, ["example-1.js"], { cwd: folder });
  expect(second.stdout).toMatch(/^1 0\.5 \{\s+label: '(undo|ship)'/);
});

test("every table of the documents has a header", () => {
  for (const file of ["README.md", "bench/README.md", "bench/TRIED.md", "test/README.md"]) {
    const lines = readFileSync(join(ROOT, file), "utf8").split("\n");
    const rules = lines.flatMap((line, i) => (/^\|[ :|-]+\|$/.test(line) ? [i] : []));
    for (const i of rules)
      expect([file, i, lines[i - 1]]).toEqual([file, i, expect.stringMatching(/^\|.*\|$/)]);
  }
});
