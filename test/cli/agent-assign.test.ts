import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../support/folder.ts";
import { runCli } from "../support/process.ts";

test("agent assign prints who does what and why, as a table, JSON or Task lines", async () => {
  const cwd = testFolder();
  const run = (...args: string[]) => runCli(["agent", ...args], { cwd });
  const tasks = ["write unit tests", "document the API"];
  const options = ["--agents", "coder,tester,api-docs"];
  const table = await run("assign", ...tasks, ...options);
  expect([table.code, table.stderr]).toEqual([0, expect.stringContaining("2 of 2 tasks assigned")]);
  const [header, first] = table.stdout.split("\n");
  expect(header.trim().split(/ +/)).toEqual(["task", "what", "agent", "success", "cost", "why"]);
  expect(first).toMatch(
    /task-1 {2}write unit tests {2}tester .* % .* tester: in its words: write, unit/,
  );

  await run("outcome", "tester", "write unit tests for the parser", "--duration", "1000");
  await run("outcome", "tester", "write unit tests for the lexer", "--failed");
  const plan = JSON.parse((await run("assign", ...tasks, ...options, "--json")).stdout);
  expect(plan.assignments[0]).toMatchObject({
    agent: "tester",
    why: "tester: 2 similar tasks, 50 % done",
  });
  const lines = await run("assign", ...tasks, ...options, "--lines");
  expect(lines.stdout).toBe(
    'Task("tester", "task-1: write unit tests", "tester")\nTask("api-docs", "task-2: document the API", "api-docs")\n',
  );
});

test("agent assign reads tasks and agents from a file, and exits with 1 when a task has nobody", async () => {
  const cwd = testFolder();
  const run = (...args: string[]) => runCli(["agent", ...args], { cwd });
  const file = join(cwd, "plan.json");
  const write = (content: unknown) => writeFileSync(file, JSON.stringify(content));
  write({ tasks: ["fix it", { id: "x", text: "a crate", needs: ["rust"] }], agents: ["coder"] });
  const some = await run("assign", "--file", file, "--explain");
  expect([some.code, some.stdout]).toEqual([
    ...[1, expect.stringContaining("nobody for x: needs rust, which no agent has")],
  ]);
  write([{ text: 5 }]);
  const bad = await run("assign", "--file", file, "--agents", "coder");
  expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining("--file: expected tasks")]);
  expect((await run("assign", "--file", join(cwd, "none.json"))).stderr).toContain("NOT_FOUND");
  expect((await run("assign")).code).toBe(2);
  expect((await run("assign", "x")).stderr).toContain("there are no live ones");
});

test("agent assign gives each agent no more than the capacity asked for", async () => {
  const cwd = testFolder();
  const tasks = ["write unit tests", "add unit tests"];
  const assign = (...args: string[]) =>
    runCli(["agent", "assign", ...tasks, "--agents", "tester", ...args], { cwd });
  const some = await assign("--capacity", "1");
  expect([some.code, some.stdout]).toEqual([
    ...[1, expect.stringMatching(/nobody for task-\d: tester can do it and is full/)],
  ]);
  const wrong = await assign("--capacity=-1");
  expect([wrong.code, wrong.stderr]).toEqual([
    ...[2, expect.stringContaining("capacity: expected a number from 0")],
  ]);
});

test("agent select prints the team for a project", async () => {
  const { stdout, stderr } = await runCli(["agent", "select", "REST API", "for", "books"], {
    cwd: testFolder(),
  });
  expect(stdout).toMatch(/API development .* backend-dev, api-docs, tester .* star/);
  expect(stderr).toContain("most like API development");
});
