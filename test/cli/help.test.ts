import { expect, test } from "vitest";
import { drain } from "#dist/pool/drain.js";
import { testFolder } from "../support/folder.ts";
import { runCli } from "../support/process.ts";

/** The names of the commands that a help text lists. */
function commandsIn(help: string): string[] {
  const [, listed = ""] = help.split("\nCommands:\n");
  const names = listed.split("\n\n")[0].matchAll(/^ {2}([a-z][a-z-]*)/gm);
  return Array.from(names, ([, name]) => name).filter((name) => name !== "help");
}

test("every command says what it does, with an example, and takes --json or prints for programs", async () => {
  const cwd = testFolder();
  const told: string[] = [];
  const look = async (path: readonly string[]): Promise<string[][]> => {
    const { stdout, stderr, code } = await runCli([...path, "--help"], { cwd });
    expect({ code, stderr }, path.join(" ")).toEqual({ code: 0, stderr: "" });
    const below = commandsIn(stdout);
    if (below.length > 0) return below.map((name) => [...path, name]);
    told.push(path.join(" "));
    expect(stdout, path.join(" ")).toMatch(/\nExamples?:\n {2}\$ /);
    if (path[0] !== "mcp") expect(stdout, path.join(" ")).toContain("--json");
    return [];
  };
  for (let level: string[][] = [[]]; level.length > 0;) {
    const next: string[][] = [];
    await drain(level, 2, async (path) => void next.push(...(await look(path))));
    level = next;
  }
  expect(told).toEqual(
    expect.arrayContaining(["status", "mcp start", "memory store", "memory audit verify"]),
  );
  expect(told.length).toBeGreaterThan(25);
});

test("a word that is no command exits with 2, and so does a family of commands without one", async () => {
  for (const args of [["memory", "explode"], ["hooks"], ["memory"], ["explode", "--json"]]) {
    const { code, stdout } = await runCli(args, { cwd: testFolder() });
    expect({ code, stdout }, args.join(" ")).toEqual({ code: 2, stdout: "" });
  }
});
