import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AGENT_CATALOG, MemoryStore } from "#dist/index.js";
import { Database } from "#dist/memory/file/database.js";
import { readTypeFile } from "#dist/agents/types/type-file.js";
import { testFolder } from "../support/folder.ts";
import { runCli } from "../support/process.ts";

function commands(env: Record<string, string> = {}) {
  const cwd = testFolder();
  mkdirSync(join(cwd, ".stigmergy", "agents"), { recursive: true });
  const run = (...args: string[]) => runCli(["agent", ...args], { cwd, env });
  const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);
  const write = (name: string, text: string) =>
    writeFileSync(join(cwd, ".stigmergy", "agents", name), text);
  return { cwd, run, json, write };
}

test("types are listed and shown, and an error in a file of one exits with 1 and its line", async () => {
  const { run, json, write } = commands();
  const { stdout, stderr, code } = await run("types", "--group", "testing");
  expect([stdout.split("\n")[1], stderr, code]).toEqual([
    expect.stringMatching(/^ {2}tdd-london-swarm {2,}testing {2,}medium {2,}Test-driven/),
    ...["2 types\n", 0],
  ]);
  expect((await json("types")).count).toBe(49);
  expect(await json("types", "--capabilities")).toHaveProperty("backend");
  expect((await run("show", "analyst")).stdout).toMatch(
    /^code-analyzer {2}\(specialized, cost medium\)\n.*\ncan: static-analysis.*You tell people/s,
  );
  const near = await run("show", "codr");
  expect([near.code, near.stderr]).toEqual([1, expect.stringContaining('did you mean "coder"')]);
  expect((await run("types", "--group", "none")).code).toBe(2);

  write("a.md", "---\nname: mine\ndescription: my own\ncapabilities: [bakend]\n---\nx");
  write("b.md", "---\nname: tuner\ndescription: tunes\n---\nTune it.");
  const broken = await run("types", "--group", "custom");
  expect(broken).toMatchObject({
    code: 1,
    stdout: expect.stringContaining("custom (own)"),
    stderr: expect.stringContaining(
      'stigmergy: .stigmergy/agents/a.md:4: capabilities: expected a capability of the vocabulary, received "bakend"; did you mean "backend"',
    ),
  });
});

test("types are exported as sub-agents and read back as they are; what was edited stays", async () => {
  const { cwd, run, json } = commands();
  const folder = join(cwd, ".claude", "agents");
  expect((await run("export")).stdout).toBe(
    ".claude/agents: 49 written, 0 replaced, 0 unchanged, 0 kept\n",
  );
  const files = readdirSync(folder);
  expect(files.toSorted()).toEqual(AGENT_CATALOG.map(({ name }) => `${name}.md`).toSorted());
  for (const type of AGENT_CATALOG) {
    const text = readFileSync(join(folder, `${type.name}.md`), "utf8");
    expect(readTypeFile("x", text, () => undefined).type).toEqual(type);
  }
  writeFileSync(join(folder, "coder.md"), "mine");
  const again = await run("export", "coder", "tester", "--to", folder);
  expect([again.code, again.stderr]).toEqual([
    1,
    expect.stringContaining("coder.md says something"),
  ]);
  expect(readFileSync(join(folder, "coder.md"), "utf8")).toBe("mine");
  const forced = await json("export", "coder", "tester", "--overwrite");
  expect(forced.exported.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
    ...["replaced", "unchanged"],
  ]);
  // In the project's own folder they are types again, in place of the catalogue's.
  expect((await run("export", "--to", "")).code).toBe(2);
  await run("export", "--to", join(cwd, ".stigmergy", "agents"));
  const own = await json("types");
  expect(own).toMatchObject({ count: 49, problems: [] });
  expect(own.types.every(({ isOwn }: { isOwn: boolean }) => isOwn)).toBe(true);
});

test("agents are spawned, listed, restarted below a threshold, and stopped", async () => {
  const { cwd, run, json } = commands();
  const spawned = await run("spawn", "backend-dev", "--id", "b1", "--name", "Dev", "--task", "do");
  expect(spawned).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Task\("Dev", "do/) });
  expect(spawned.stderr).toContain("stigmergy agent export --to .claude/agents");
  await run("spawn", "prompt-tuner", "--id", "p", "--can", "wit,research", "--restart", "never");
  expect((await run("spawn", "backend-devv")).stderr).toContain('did you mean "backend-dev"');
  expect((await run("spawn", "coder", "--id", "b1")).stderr).toContain("CONFLICT");
  {
    await using store = await MemoryStore.open({ path: join(cwd, ".stigmergy") });
    for (let i = 0; i < 11; i++) {
      const metadata = { agent: i % 2 === 0 ? "b1" : "p", success: false, durationMs: 90_000 };
      await store.models.recordOutcome({ pattern: "prediction", data: { metadata } });
    }
    await store.store({ key: "t", value: "b1", namespace: "claims" });
  }
  expect((await run("heartbeat", "b1", "--load", "1")).stdout).toBe("b1  busy\n");
  const table = await run("list");
  expect(table.stdout).toMatch(/id +type +status +load +tasks +success +median +seen *\n/);
  expect(table.stdout).toMatch(/b1 +backend-dev +busy +1 of 1 +6 +0 % +1\.5 min +\S+ m?s ago/);
  expect(await json("list", "--status", "busy")).toMatchObject({
    count: 1,
    agents: [{ agentId: "b1", metrics: { tasks: 6, successRate: 0 } }],
  });
  const database = await Database.openFile(join(cwd, ".stigmergy", "memory.db"));
  database.execute("UPDATE outcomes SET data = 'x' WHERE id = 1");
  database.close();
  expect((await run("list")).stderr).toMatch(/left out: 1; stigmergy memory verify .*\n2 agents/);
  const dry = await run("restart", "--performance-threshold", "0.6", "--dry-run");
  expect(dry.stdout).toMatch(/b1 +would restart +0 % of 5 tasks succeeded, below 60 %/);
  expect(await json("restart", "--performance-threshold", "0.6")).toMatchObject({
    restarted: 1,
    agents: [
      { agentId: "b1", restarted: true, claims: ["t"] },
      { agentId: "p", restarted: false, why: expect.stringContaining("never to restart") },
    ],
  });
  const told = await run("heartbeat", "b1", "--starts", "1");
  expect([told.code, told.stdout]).toEqual([1, "b1 is to begin again, as start 2\n"]);
  expect((await run("heartbeat", "b1", "--starts", "2", "--load", "2")).code).toBe(0);
  expect((await run("stop", "b1")).stderr).toContain("CONFLICT");
  expect((await run("stop", "b1", "p", "--force")).stderr).toBe("2 agents stopped\n");
  expect((await run("show", "b1")).stdout).toContain("status: stopped\n");
  expect((await json("list")).count).toBe(0);
  expect((await json("list", "--all")).count).toBe(2);
  for (const args of [["restart"], ["stop"], ["list", "--status", "odd"], ["spawn"]]) {
    expect((await run(...args)).code, args.join(" ")).toBe(2);
  }
  expect((await run("restart", "nobody")).code).toBe(1);
  expect((await run("restart", "--performance-threshold", "60")).code).toBe(2);
});

test("no more agents live than the setting allows, and one that can't be understood is told", async () => {
  const { run } = commands({ RUV_MAX_AGENTS: "1" });
  expect((await run("spawn", "coder")).code).toBe(0);
  expect((await run("spawn", "coder")).stderr).toContain(
    "LIMIT_REACHED: agents: expected at most 1",
  );
  const odd = commands({ STIGMERGY_MAX_AGENTS: "lots" });
  expect(await odd.run("spawn", "coder")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("STIGMERGY_MAX_AGENTS: expected a whole number"),
  });
});
