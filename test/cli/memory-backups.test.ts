import {
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
  closeSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../support/folder.ts";
import { runCli, runModule } from "../support/process.ts";

function commands() {
  const cwd = testFolder();
  const run = (...args: string[]) => runCli(["memory", ...args], { cwd });
  const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);
  return { cwd, run, json };
}

test("backup, drill and restore say where they wrote and what they brought back", async () => {
  const { cwd, run, json } = commands();
  await run("store", "a", "first");
  const backup = await json("backup");
  expect(backup).toMatchObject({ entries: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(statSync(backup.path).size).toBe(backup.bytes);
  expect((await run("backup", "copy.json")).stdout).toContain(join(cwd, "copy.json"));
  expect(await json("backup", "--emergency")).toMatchObject({
    path: expect.stringContaining("emergency-"),
  });
  await run("store", "a", "second");
  expect(await json("backup", "drill")).toMatchObject({ ok: true, entries: 1, changedSince: 1 });
  expect((await run("backup", "drill", "copy.json")).stdout).toMatch(/^ok: 1 entries, 1 changed/);

  const restored = await run("restore", "--backup", "emergency", "--key", "a");
  expect(restored).toMatchObject({ code: 0 });
  expect((await run("get", "a")).stdout).toBe("first\n");
  await run("store", "b", "new");
  const whole = await json("restore", "--backup", "latest");
  expect(whole).toMatchObject({ entries: 1 });
  expect(existsSync(whole.before)).toBe(true);
  expect(await run("get", "b")).toMatchObject({ code: 1 });
  expect((await run("restore", "--backup", "nowhere.db")).stderr).toMatch(/NOT_FOUND/);
  expect((await run("restore")).code).toBe(2);
});

test("clear backs up first, and says where", async () => {
  const { run, json } = commands();
  await run("store", "a", "v", "--namespace", "n");
  const cleared = await json("clear", "--namespace", "n", "--yes");
  expect(cleared).toMatchObject({ namespace: "n", removed: 1, backup: expect.any(String) });
  await run("restore", "--backup", "latest");
  expect((await run("get", "a", "--namespace", "n")).stdout).toBe("v\n");
  const bare = await json("clear", "--namespace", "n", "--yes", "--no-backup");
  expect(bare).toEqual({ namespace: "n", removed: 1, backup: null });
});

test("verify finds what was damaged, and repair mends it and keeps the file as it was", async () => {
  const { cwd, run, json } = commands();
  const path = join(cwd, ".stigmergy");
  // In another process: this one would keep the file open for a while after it has closed it.
  const made = await runModule(`
    import { MemoryStore } from "#dist/index.js";
        const store = await MemoryStore.open({ path: ${JSON.stringify(path)} });
    for (let i = 0; i < 200; i++) {
      await store.store({ key: "k" + i, value: ("entry " + i + " ").repeat(40) });
    }
    await store.persist();
    await store.close();
  `);
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(await run("verify")).toMatchObject({ code: 0, stdout: "200 entries, whole\n" });
  expect((await run("repair")).stdout).toBe("nothing to repair: 200 entries, whole\n");

  const file = join(path, "memory.db");
  const at = readFileSync(file).indexOf("entry 77 entry 77");
  const handle = openSync(file, "r+");
  writeSync(handle, "ENTRY", at);
  closeSync(handle);
  const found = await run("verify", "--full", "--json");
  expect(found.code).toBe(1);
  expect(JSON.parse(found.stdout)).toMatchObject({ ok: false });
  const repaired = await json("repair");
  expect(repaired).toMatchObject({ repaired: true });
  expect(existsSync(repaired.originalKept)).toBe(true);
  expect(await run("verify", "--full")).toMatchObject({ code: 0 });
});

test("a store that can't be read any more comes back from its backup as the refusals say", async () => {
  for (const content of ["", "no database ".repeat(1000)]) {
    const { cwd, run } = commands();
    const file = join(cwd, ".stigmergy", "memory.db");
    await run("store", "a", "kept");
    await run("backup");
    writeFileSync(file, content);
    for (const args of [["list"], ["repair"]]) {
      const { code, stderr } = await run(...args);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^stigmergy: DAMAGED: .*move it away and restore /);
    }
    renameSync(file, join(cwd, "moved.db"));
    // Whoever looks meanwhile makes no new store of it.
    expect(await run("list")).toMatchObject({ code: 1, stdout: "" });
    expect(await run("restore", "--backup", "nothing.db")).toMatchObject({ code: 1 });
    expect(await run("restore", "--backup", "latest")).toMatchObject({ code: 0, stderr: "" });
    expect(await run("get", "a")).toMatchObject({ code: 0, stdout: "kept\n" });
    expect(await run("verify", "--full")).toMatchObject({ code: 0 });
    const left = readdirSync(join(cwd, ".stigmergy")).filter((name) => name.startsWith(".re"));
    expect(left).toEqual([]);
  }
});

test("a store that is made of a backup has the backup's policy", async () => {
  const { cwd, run, json } = commands();
  await run("store", "a", "kept");
  const roles = { all: [{ namespace: "*", rights: ["admin"] }], none: [] };
  const agents = { boss: { roles: ["all"] }, guest: { roles: ["none"] } };
  writeFileSync(join(cwd, "policy.json"), JSON.stringify({ roles, agents }));
  expect(await run("policy", "set", "policy.json")).toMatchObject({ code: 0 });
  await run("backup");
  renameSync(join(cwd, ".stigmergy", "memory.db"), join(cwd, "moved.db"));
  const args = ["memory", "restore", "--backup", "latest"];
  const refused = await runCli(args, { cwd, env: { STIGMERGY_AGENT: "guest" } });
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("FORBIDDEN") });
  expect(existsSync(join(cwd, ".stigmergy", "memory.db"))).toBe(false);
  expect(await runCli(args, { cwd })).toMatchObject({ code: 0 });
  expect(await json("policy", "show")).toMatchObject({ agents });
});

test("an export never takes the place of the store, by whatever name", async () => {
  const { cwd, run } = commands();
  await run("store", "a", "kept");
  symlinkSync(join(cwd, ".stigmergy"), join(cwd, "other-name"));
  const exported = await run("export", join("other-name", "memory.db"));
  expect(exported).toMatchObject({ code: 2 });
  expect(exported.stderr).toMatch(/INVALID_INPUT: export path: expected none of the store's own/);
  expect(await run("get", "a")).toMatchObject({ code: 0, stdout: "kept\n" });
});

test("commands that would copy a store refuse where there is none", async () => {
  const { cwd, run } = commands();
  for (const args of [["backup"], ["backup", "copy.db"], ["clear", "--namespace", "n", "--yes"]]) {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^stigmergy: NOT_FOUND: .*no store here yet/);
  }
  expect(await run("restore", "--backup", "latest")).toMatchObject({ code: 1 });
  expect(readdirSync(cwd)).toEqual([]);
});
