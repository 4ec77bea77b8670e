import { execFileSync } from "node:child_process";
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  givenRecords,
  parseTraining,
  readTrainingFile,
} from "#dist/neural/patterns/training-file.js";
import { testFolder } from "../support/folder.ts";

const fieldsOf = (text: string) => parseTraining(text).map(({ fields }) => fields);
const placesOf = (text: string) => parseTraining(text).map(({ place }) => place);

test("records are read from a JSON list, one within an object, JSON lines and CSV alike", () => {
  const records = [
    { input: "a b", label: "x" },
    { input: "c", label: "y" },
  ];
  const list = JSON.stringify(records);
  for (const text of [
    list,
    JSON.stringify(records, undefined, 2),
    `\uFEFF ${list}\n`,
    JSON.stringify({ labels: ["x", "y"], version: 1, samples: records }, undefined, 1),
    `{"samples": ${list}}`,
    records.map((each) => JSON.stringify(each)).join("\n"),
    `\n${records.map((each) => JSON.stringify(each)).join("\r\n\r\n")}\n`,
    "input,label\na b,x\nc,y",
    '\uFEFFinput,label\r\n"a b",x\r\n"c",y\r\n\r\n',
  ]) {
    expect(fieldsOf(text), text).toEqual(records);
  }
  expect(fieldsOf('{"input": [1, 2], "label": "x"}')).toEqual([{ input: [1, 2], label: "x" }]);
});

test("each record knows its line, whatever stands in the lines before it", () => {
  expect(placesOf('[\n{"a": "]},{"},\n\n{"a":\n1}, {"a": 2}]')).toEqual([
    "line 2",
    "line 4",
    "line 5",
  ]);
  expect(placesOf('{"a": 1}\n\n{"a": 2}')).toEqual(["line 1", "line 3"]);
  expect(placesOf('a,b\n"1\r\n2",3\n4,5\n')).toEqual(["line 2", "line 4"]);
});

test("cells of CSV are numbers and booleans where they say so, and inputs and labels as they stand", () => {
  expect(
    fieldsOf('input,label,size,ok\n"[1, 2]",007,3.50,TRUE\n"{""a"":1}",1e3,-2e-1,no\n[bug] x,y,,'),
  ).toEqual([
    { input: [1, 2], label: "007", size: 3.5, ok: true },
    { input: { a: 1 }, label: "1e3", size: -0.2, ok: "no" },
    { input: "[bug] x", label: "y" },
  ]);
  expect(fieldsOf('text,label\n"a ""quoted"" one, with\na line",x')).toEqual([
    { text: 'a "quoted" one, with\na line', label: "x" },
  ]);
});

test("a malformed file is an error that names the line, and never repeats what stands there", () => {
  const cases: [string, RegExp][] = [
    ["", /empty file/],
    [" \n ", /empty file/],
    ["text;label\na;b\n", /^line 1: expected commas between columns, received ";"$/],
    ['text\tlabel\n"a"\tb\n', /^line 1: expected commas between columns, received "\\t"$/],
    ["[]", /records, received none/],
    ["input,label\n", /records, received none/],
    ['[{"a": 1},\n{"a": secret}]', /^line 2: expected JSON/],
    ['[{"a": 1},\n{"a": 2}', /^line 2: expected JSON, received a list that does not end/],
    ['[{"a": 1},\n]', /^line 2: expected JSON, received a comma too many/],
    ['[{"a": 1}] secret', /^line 1: expected one JSON document/],
    ['[{"a": 1},\n3]', /^line 2: expected an object/],
    ['[["a", 1]]', /^line 1: expected an object/],
    ['{"a": 1}\n{"a": secret}', /^line 2: expected JSON/],
    ['{"a": 1}\n[1]', /^line 2: expected an object/],
    ['{"a": \n1', /^line 1: expected JSON/],
    ["just a text", /^line 1: expected JSON, an object on each line, or CSV/],
    ["a,b\n1,2\n3", /^line 3: expected 2 cells, as the header has, received 1/],
    ["a,b\n1,2,3", /^line 2: expected 2 cells, as the header has, received 3/],
    ["a,\n1,2", /^line 1: expected a header of different names/],
    ["a,a\n1,2", /^line 1: expected a header of different names/],
    ['a,b\n"1,2\n3,4', /^line 2: expected CSV, received a quote that no other ends/],
    ['a,b\n"1"x,2', /^line 2: expected CSV, received text after the quote/],
    ["a,label\n1,x\nNaN,y", /^line 3: expected a finite number for "a", received NaN/],
    ["a,label\n-Infinity,x", /^line 2: expected a finite number/],
  ];
  for (const [text, message] of cases) {
    const error = thrown(() => parseTraining(text));
    expect(error, text).toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringMatching(message),
    });
    expect(String(error)).not.toContain("secret");
  }
});

test("what is no file of text, or too large, is refused before it is read", async () => {
  const folder = testFolder();
  const path = (name: string) => join(folder, name);
  mkdirSync(path("folder"));
  execFileSync("mkfifo", [path("pipe")]);
  writeFileSync(path("binary"), Buffer.from([123, 10, 0, 1]));
  writeFileSync(path("latin1"), Buffer.from("input,label\ncaf\xe9,x\n", "latin1"));
  writeFileSync(path("large"), "");
  truncateSync(path("large"), 64 * 2 ** 20 + 1);
  const refused = (name: string) => readTrainingFile(path(name)).catch((error: unknown) => error);
  expect(await refused("nowhere")).toMatchObject({ code: "NOT_FOUND" });
  expect(await refused("folder")).toMatchObject({ code: "INVALID_INPUT" });
  expect(await refused("pipe")).toMatchObject({ code: "INVALID_INPUT" });
  expect(await refused("large")).toMatchObject({ code: "TOO_LARGE" });
  expect(await refused("binary")).toMatchObject({ message: expect.stringMatching(/^line 2: /) });
  expect(await refused("latin1")).toMatchObject({ message: expect.stringMatching(/^line 2: /) });
});

test("records given by themselves are a list, or an object with one", () => {
  const records = [{ input: "a", label: "x" }];
  expect(givenRecords(records)).toEqual([{ place: "sample 1", fields: records[0] }]);
  expect(givenRecords({ epochs: [1], samples: records })).toHaveLength(1);
  for (const data of [{}, null, "text", 3, [], { samples: [] }, [1], [[]], [null]]) {
    expect(
      thrown(() => givenRecords(data)),
      JSON.stringify(data),
    ).toMatchObject({
      code: "INVALID_INPUT",
    });
  }
});

function thrown(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
