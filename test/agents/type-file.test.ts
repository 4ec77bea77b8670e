import * as fc from "fast-check";
import { expect, test } from "vitest";
import { AGENT_CATALOG, type AgentType } from "#dist/index.js";
import { AGENT_GROUPS, COST_CLASSES } from "#dist/agents/types/agent-type.js";
import { CAPABILITY_NAMES } from "#dist/agents/types/capabilities.js";
import { readTypeFile, writeTypeFile } from "#dist/agents/types/type-file.js";

const none = (): undefined => undefined;
const coder = AGENT_CATALOG[0];

/** What is wrong with a file, as `line: message`. */
function problemsOf(text: string): string[] {
  const { type, problems } = readTypeFile("a.md", text, none);
  expect(type === undefined).toBe(problems.length > 0);
  return problems.map(({ line, message }) => `${line}: ${message}`);
}

test("every type of the catalogue is read back as it was written", () => {
  for (const type of AGENT_CATALOG) {
    const text = writeTypeFile(type);
    expect(readTypeFile("a.md", text, none)).toMatchObject({ type, problems: [] });
    expect(readTypeFile("a.md", text.replaceAll("\n", "\r\n"), none).type).toEqual(type);
    expect(text.split("\n")[1]).toBe(`name: "${type.name}"`);
  }
});

test("a type whose texts are full of signs is read back as it was written", () => {
  const odd: AgentType = {
    ...coder,
    name: "odd-1",
    group: "custom",
    model: "claude-opus-4-1",
    capabilities: [],
    description: "a: b # c \"d\" 'e' & *f !g | > \\ \u2028 é 🐜 {x} [y]",
    tools: ["Bash(git log:*, git diff)", "mcp__x__y"],
    prompt: "---\nname: inner\n---\n\n# Title\n\n- *a*: &b\n\n```yaml\nx: *y\n```",
  };
  expect(readTypeFile("a.md", writeTypeFile(odd), none).type).toEqual(odd);
});

test("a sub-agent of Claude Code's is read as it is, and keeps what it does not say from what it replaces", () => {
  const text = `---
name: coder
description: Use this agent when: the user asks for "code". <example>user: 'hi'</example>
tools: Read, Bash
model: haiku
color: blue
permissionMode: acceptEdits
---
You code.
`;
  const { type } = readTypeFile("a.md", text, () => coder);
  expect(type).toEqual({
    name: "coder",
    group: "core-development",
    costClass: "low",
    prompt: "You code.",
    description: `Use this agent when: the user asks for "code". <example>user: 'hi'</example>`,
    tools: ["Read", "Bash"],
    capabilities: coder.capabilities,
  });
  const alone = readTypeFile("a.md", "---\nname: x\ndescription: y\n---\nz", none).type;
  expect(alone).toEqual({
    name: "x",
    group: "custom",
    description: "y",
    capabilities: [],
    tools: [],
    costClass: "medium",
    prompt: "z",
  });
});

test.each([
  ['tools: "*"', []],
  ["tools: ['*']", []],
  ["tools: Read, mcp__github__*", ["Read", "mcp__github__*"]],
  ["tools: [\n  Read,\n  Bash(git:*),\n]", ["Read", "Bash(git:*)"]],
  ['tools: "Read, Bash(git log, git diff)" # and no more', ["Read", "Bash(git log, git diff)"]],
])("%j are tools", (field, tools) => {
  const text = `---\nname: coder\n${field}\ndescription: d\n---\nx`;
  expect(readTypeFile("a.md", text, () => coder).type?.tools).toEqual(tools);
});

test("examples that Claude Code writes on one line have lines again", () => {
  const description = String.raw`Use it so.\n\n<example>\nuser: "Go"\n</example>`;
  const text = `---\nname: x\ndescription: ${description}\n---\ny`;
  const read = readTypeFile("a.md", text, none).type?.description;
  expect(read?.split("\n").slice(-3)).toEqual(["<example>", 'user: "Go"', "</example>"]);
  const plain = `---\nname: x\ndescription: Keeps C:${String.raw`\new`}\n---\ny`;
  expect(readTypeFile("a.md", plain, none).type?.description).toBe(String.raw`Keeps C:\new`);
});

test.each([
  ["text", ["1: expected front matter between two lines of ---, with name and description"]],
  ["---\nname: x\n---\ny", ["1: description: expected what it is good at, found no such field"]],
  [
    "---\nname: X y\ndescription: d\n---\ny",
    ['2: name: expected lower-case letters, digits and hyphens, at most 64, received "X y"'],
  ],
  [
    "---\nname: ../../etc/passwd\ndescription: d\n---\ny",
    [
      '2: name: expected lower-case letters, digits and hyphens, at most 64, received "../../etc/passwd"',
    ],
  ],
  [
    "---\nname: [x]\ndescription: 3\n---\ny",
    [/^2: name: .* a list$/, /^3: description: .* number$/],
  ],
  ["---\nname: x\ndescription: d\n---\n  \n", ["2: expected a prompt below the front matter"]],
  [
    "---\nname: x\ndescription: d\n\ncapabilities: [backend, databses]\n---\ny",
    [/^5: capabilities: .*"databses"; did you mean "databases"/],
  ],
  [
    '---\nname: x\ndescription: d\ncost: cheap\ngroup: mine\ntools: {"a": 1}\n---\ny',
    [
      /^4: cost: expected low, medium, high/,
      /^5: group: expected core/,
      /^6: tools: expected at most 256 words/,
    ],
  ],
  [
    "---\nname: x\ndescription: d\ntool: Read\ncapabilites: [backend]\n---\ny",
    [/^4: tool: .* did you mean tools$/, /^5: capabilites: .* did you mean capabilities$/],
  ],
  ["---\nname: x\ndescription: d\nname: y\n---\nz", ["4: name: given twice"]],
  [
    "---\na: &a [x]\nb: &b [*a, *a, *a]\nname: x\ndescription: *b\nmodel: !!js/function y\n---\nz",
    [
      /^2: a: anchors/,
      /^3: b: anchors/,
      /^5: description: anchors/,
      /^6: model: anchors/,
      /^6: model: /,
    ],
  ],
  [
    "---\nname: x\ndescription: d\n<<: *base\n? complex\n---\nz",
    [/^4: expected name: value/, /^5: expected name: value/],
  ],
  [
    "---\nname: x\ndescription: d\n__proto__: y\ntools: [1, 2]\n---\nz",
    [/^5: tools: .* number among/],
  ],
  [
    "---\nname: x\ndescription: d\ntools: []\n---\nz",
    [/^4: tools: expected some, received none; leave the field out/],
  ],
])("%j is refused by line", (text, expected) => {
  const problems = problemsOf(text);
  expect(problems).toHaveLength(expected.length);
  expected.forEach((each, i) => {
    if (typeof each === "string") expect(problems[i]).toBe(each);
    else expect(problems[i]).toMatch(each);
  });
});

test("fields that are Claude Code's alone are passed over, whatever they hold", () => {
  const text = `---
name: guarded
description: Reviews changes
disallowedTools: Write, Edit
skills:
  - api-conventions
mcpServers:
  - slack
  - local:
      command: node
      args: ["server.js"]
hooks:
  PreToolUse:
    - matcher: "Bash"
      hooks:
        - type: command
          command: "./check.sh"
memory: project
color: green
maxTurns: 5
---
You review.
`;
  expect(readTypeFile("a.md", text, none)).toMatchObject({
    type: { name: "guarded", prompt: "You review.", tools: [] },
    problems: [],
  });
  expect(problemsOf("---\nname: x\ndescription: y\ntolls: Read\n---\nz")).toEqual([
    "4: tolls: there is no such field; did you mean tools",
  ]);
});

test("any type is read back as it was written, and any text is read without a fault", () => {
  const line = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 });
  const types = fc.record({
    name: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/),
    group: fc.constantFrom(...AGENT_GROUPS),
    description: line.map((text) => text.trim()).filter((text) => text !== ""),
    capabilities: fc.uniqueArray(fc.constantFrom(...CAPABILITY_NAMES), { maxLength: 5 }),
    tools: fc.uniqueArray(fc.stringMatching(/^[A-Za-z][\w.-]{0,20}(\([^()\n]{0,9}\))?$/), {
      maxLength: 5,
    }),
    costClass: fc.constantFrom(...COST_CLASSES),
    prompt: fc
      .array(line, { minLength: 1, maxLength: 5 })
      .map((lines) => lines.join("\n").replaceAll(/\r\n?/g, "\n").trim())
      .filter((text) => text !== "" && !text.includes("<!-- stigmergy")),
  });
  fc.assert(
    fc.property(types, (type) => {
      const read = readTypeFile("a.md", writeTypeFile(type), none);
      expect(read).toMatchObject({ problems: [], type });
    }),
    { seed: 7, numRuns: 300 },
  );
  const yaml = fc.constantFrom(
    ...[
      "name: x",
      "description: d",
      "tools:",
      "  - Read",
      "- a",
      "a: &b",
      "*b",
      "|",
      "  x",
      "",
      ":",
      "'",
    ],
  );
  const texts = fc.array(fc.oneof(yaml, line), { maxLength: 12 }).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(texts, (text) => {
      const { type, problems } = readTypeFile("a.md", `---\n${text}\n---\nbody`, none);
      expect(type === undefined).toBe(problems.length > 0);
      for (const { line: at } of problems) {
        expect(at).toBeGreaterThan(0);
        expect(at).toBeLessThanOrEqual(text.split(/\r?\n/).length + 3);
      }
    }),
    { seed: 7, numRuns: 1000 },
  );
});

test("a file that would grow without end where aliases are followed takes no time here", () => {
  const levels = Array.from({ length: 30 }, (_, i) => {
    const before = i === 0 ? '"lol"' : `*a${i - 1}`;
    return `a${i}: &a${i} [${Array(9).fill(before).join(", ")}]`;
  });
  const text = `---\nname: x\ndescription: d\n${levels.join("\n")}\n---\ny`;
  expect(problemsOf(text)).toHaveLength(30);
});
