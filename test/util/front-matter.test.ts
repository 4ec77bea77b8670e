import { expect, test } from "vitest";
import { parseFrontMatter, writeFrontMatter } from "#dist/util/front-matter.js";
import { markdownRecord } from "#dist/memory/importers/markdown-folder.js";

test.each([
  ["a: text", "text"],
  ["a: a text: with colons, and # within", "a text: with colons, and"],
  ["a: no#comment", "no#comment"],
  ['a: "quoted \\"text\\" \\u00e9"', 'quoted "text" é'],
  ["a: 'it''s' # comment", "it's"],
  ["a: 12", 12],
  ["a: -1.5", -1.5],
  ["a: 007", "007"],
  ["a: 1e3", "1e3"],
  ["a: true", true],
  ["a: False", false],
  ["a: 2025-11-22", "2025-11-22"],
  ["a:", ""],
  ["a: []", []],
  ["a: [x, 'y, z', \"w\", 3]", ["x", "y, z", "w", 3]],
  ["a:\n  - x\n  - 2", ["x", 2]],
  ["a:\n- x\n- 'y'", ["x", "y"]],
  ["a: |\n  one\n  two", "one\ntwo"],
  ["a: |\n  one\n\n    two\n  three", "one\n\n  two\nthree"],
  ["a: >\n  one\n  two", "one two"],
  ["a: >-\n  one\n  two\n\n  three", "one two\nthree"],
  ["a: x\n  y,\n  z", "x y, z"],
  ['a: "x\n  y"', "x y"],
  ["a: [x,\n  y]", ["x", "y"]],
  ["a:\n  - x\n\n  - y", ["x", "y"]],
  ["a:\n  b: c\n  d: [1]", { b: "c", d: [1] }],
  ['a: {"b": [1, {"c": null}]}', { b: [1, { c: null }] }],
])("%j is read as %j", (line, value) => {
  for (const end of ["\n", "\r\n"]) {
    const parsed = parseFrontMatter(`---\n${line}\n---\nbody`.replaceAll("\n", end));
    expect(parsed).toMatchObject({ fields: { a: value }, rest: "", body: "body", lineEnd: end });
  }
});

test.each([
  "a: {b: c}",
  "a:\n  b:\n    c: d",
  "a:\n  b: c\n   d: e",
  "a:\n  - b: c\n    d: e",
  "é: b",
  "a: x\n  b: c",
  "a: x\n  - y",
])("%j is beyond what is read, and is kept as it stands", (line) => {
  const parsed = parseFrontMatter(`---\nfirst: 1\n${line}\nlast: 2\n---\n`);
  expect(parsed).toMatchObject({ fields: { first: 1, last: 2 }, rest: line, body: "" });
});

test("only a text that opens and closes front matter has it", () => {
  for (const text of [
    "",
    "text",
    "---",
    "---\na: 1\n",
    "text\n---\na: 1\n---\n",
    "----\na: 1\n---",
  ]) {
    expect(parseFrontMatter(text), text).toBeUndefined();
  }
  expect(parseFrontMatter("---\n---\n")).toMatchObject({ fields: {}, body: "" });
  expect(parseFrontMatter("---\na: 1\n...\nb")).toMatchObject({ fields: { a: 1 }, body: "b" });
});

test("what is written is read back, and stands on one line each", () => {
  const fields = {
    text: "a\n---\r\n\u2028\u0085\ufeff: # \"'",
    number: -0.5,
    list: ["a, b", "]", ""],
    object: { "a: b": [null, true] },
    missing: undefined,
  };
  const written = writeFrontMatter(fields);
  expect(written.split(/[\n\r\u2028\u0085]/)).toHaveLength(7);
  expect(parseFrontMatter(`${written}body`)).toEqual({
    fields: JSON.parse(JSON.stringify(fields)),
    places: Object.keys(JSON.parse(JSON.stringify(fields))).map((name, i) => {
      return { line: i + 2, name, text: written.split("\n")[i + 1] };
    }),
    rest: "",
    body: "body",
    lineEnd: "\n",
  });
});

test("where each field stands is told, also what is given twice or can't be understood", () => {
  const text = "---\na: 1\n# comment\n\nb:\n  - x\n\n  - y\na: 2\n? odd\n---\n";
  const places = parseFrontMatter(text)?.places.map(({ line, name }) => [line, name]);
  expect(places).toEqual([
    [2, "a"],
    [5, "b"],
    [9, "a"],
    [10, undefined],
  ]);
});

test("a long line, or very many short ones, is read in one go", () => {
  const count = 200_000; // of a million each took minutes when steps grew with the square
  const blank = " ".repeat(count);
  const texts = [
    `---\na${blank}b\n---\n`,
    `---\na: x${blank}b\n---\n`,
    `---\na:\n  -${blank}\u2028\n---\n`,
    `---\n${"a: 1\n".repeat(count)}---\n`,
    `---\na:\n${"  - x\n".repeat(count)}---\n`,
    `---\na: b\n${"  - x: y\n".repeat(count)}---\n`,
    `---\na: b\n${"  c\n\n".repeat(count)}---\n`,
    `---\na: b\n${"\n".repeat(count)}c: d\n---\n`,
    `---\n${"a: b\n\n".repeat(count)}---\n`,
  ];
  for (const [i, text] of texts.entries()) {
    const before = process.cpuUsage();
    expect(parseFrontMatter(text)).toBeDefined();
    expect(process.cpuUsage(before).user, `text ${i}`).toBeLessThan(2e6);
  }
  const text = `# a${"#".repeat(count)}b #\n`;
  const record = markdownRecord({ path: "a.md", text, modifiedAt: 0 }, "n");
  expect(record.metadata).toEqual({ title: `a${"#".repeat(count)}b` });
});
