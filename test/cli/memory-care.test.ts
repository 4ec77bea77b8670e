import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { runCli } from "../support/process.ts";

function commands(env: Record<string, string> = {}) {
  const cwd = testFolder();
  const run = (...args: string[]) => runCli(["memory", ...args], { cwd, env });
  const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);
  return { cwd, run, json };
}

test("namespace changes settings and shows those in force, namespaces lists them", async () => {
  const { run, json } = commands();
  const set = ["--ttl", "60", "--max-entries", "2", "--eviction", "lru", "--no-vectors"];
  expect(await json("namespace", "n", ...set, "--history", "3")).toEqual({
    namespace: "n",
    settings: { ttl: 60, maxEntries: 2, eviction: "lru", vectors: false, history: 3 },
  });
  const unset = await json("namespace", "n", "--unset", "ttl,vectors");
  expect(unset.settings).toEqual({ maxEntries: 2, eviction: "lru", history: 3 });
  expect((await run("namespace", "n")).stdout).toContain("maxEntries 2, eviction lru");
  for (const key of ["a", "b", "c"]) await run("store", key, "v", "--namespace", "n");
  expect(await json("namespaces")).toMatchObject([{ namespace: "n", entries: 2 }]);
  expect((await run("namespaces")).stdout).toMatch(/^n {2}2 entries, 2 B {2}\{"maxEntries":2/);
  for (const args of [
    ["--unset", "colour"],
    ["--ttl", "60", "--unset", "ttl"],
    ["--max-entries", "0"],
    ["--eviction", "fifo"],
    ["--history", "many"],
  ]) {
    expect((await run("namespace", "n", ...args)).code, args.join(" ")).toBe(2);
  }
});

test("clear removes a namespace only when it is told --yes, where nobody can be asked", async () => {
  const { run, json } = commands();
  for (const key of ["a", "b"]) await run("store", key, "v", "--namespace", "n");
  await run("store", "other", "v");
  const refused = await run("clear", "--namespace", "n");
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toMatch(/remove 2 entries of namespace n\? expected --yes/);
  expect((await run("clear", "--yes")).code).toBe(2);
  expect(await json("clear", "--namespace", "n", "--yes")).toMatchObject({ removed: 2 });
  expect(await json("list")).toMatchObject([{ key: "other" }]);
});

test("gc, compress and stats measure what they did", async () => {
  const { cwd, run, json } = commands();
  const store = await MemoryStore.open({ path: join(cwd, ".stigmergy") });
  for (let i = 0; i < 60; i++) {
    await store.store({ key: `k${i}`, value: `line ${i} `.repeat(500), agent: "coder" });
  }
  await store.store({ key: "gone", value: "v", ttl: 0.001 });
  while ((await store.retrieve("gone")) !== undefined);
  await store.close();
  expect(await json("gc", "--dry-run")).toMatchObject({ dryRun: true, expired: 1 });
  expect((await run("gc")).stdout).toMatch(/^removed 1 expired, 0 orphans/);
  const report = await json("compress", "--namespace", "default");
  expect(report).toMatchObject({ namespace: "default", entries: 60 });
  expect(report.bytesAfter).toBeLessThan(report.bytesBefore);
  expect(statSync(join(cwd, ".stigmergy", "memory.db")).size).toBeLessThan(report.bytesBefore);
  expect(await json("gc", "--aggressive")).toMatchObject({ expired: 0, dryRun: false });
  expect(await json("stats")).toMatchObject({
    entries: 60,
    expired: 0,
    isSealed: false,
    hasPolicy: false,
    agents: [{ agent: "coder", entries: 60 }],
  });
  expect((await run("stats")).stdout).toMatch(/^60 entries, 0 expired/);
  expect((await run("get", "k7")).stdout).toBe(`${"line 7 ".repeat(500)}\n`);
});

test("a store is sealed with a new key that no command line, output or log holds", async () => {
  const old = (await runCli(["memory", "keygen"])).stdout.trim();
  const next = JSON.parse((await runCli(["memory", "keygen", "--json"])).stdout).key;
  expect(old).toMatch(/^[0-9a-f]{64}$/);
  expect(next).not.toBe(old);
  const { cwd } = commands();
  const run = (env: Record<string, string>, ...args: string[]) =>
    runCli(["memory", ...args], { cwd, env });
  const withOld = { STIGMERGY_ENCRYPTION_KEY: old };
  await run(withOld, "store", "k", "the treasure is under the oak");
  expect((await run({}, "get", "k")).stderr).toMatch(/KEY_REQUIRED/);
  expect((await run({ STIGMERGY_ENCRYPTION_KEY: next }, "get", "k")).stderr).toMatch(/WRONG_KEY/);

  const none = await run(withOld, "rekey");
  expect(none).toMatchObject({ code: 2 });
  expect(none.stderr).toContain("--new-key-file or STIGMERGY_NEW_ENCRYPTION_KEY");
  writeFileSync(join(cwd, "open.key"), next, { mode: 0o644 });
  expect((await run(withOld, "rekey", "--new-key-file", "open.key")).stderr).toMatch(/chmod 600/);
  writeFileSync(join(cwd, "new.key"), next, { mode: 0o600 });
  const sealed = await run(withOld, "rekey", "--new-key-file", "new.key");
  expect(sealed).toMatchObject({ code: 0 });
  const env = { STIGMERGY_KEY_FILE: join(cwd, "new.key") };
  expect((await run(env, "get", "k")).stdout).toContain("treasure");
  expect((await run(withOld, "get", "k")).stderr).toMatch(/WRONG_KEY/);
  const back = await run({ ...env, STIGMERGY_NEW_ENCRYPTION_KEY: old }, "rekey", "--json");
  expect(JSON.parse(back.stdout)).toMatchObject({ generation: 3 });
  for (const { stdout, stderr } of [none, sealed, back]) {
    for (const secret of [old, next]) expect(stdout + stderr).not.toContain(secret);
  }
  const bad = await run({ ...withOld, STIGMERGY_NEW_ENCRYPTION_KEY: "short" }, "rekey");
  expect(bad.stderr).toMatch(/INVALID_SETTING: STIGMERGY_NEW_ENCRYPTION_KEY/);
  expect(bad.stderr).not.toContain('"short"');
  expect(readFileSync(join(cwd, ".stigmergy", "memory.db")).includes("treasure")).toBe(false);
});

test("audit lists who did what and finds what was edited, scan finds what should not be there", async () => {
  const { cwd, run, json } = commands({ STIGMERGY_AUDIT: "true", STIGMERGY_AGENT: "coder" });
  await run("store", "k", "v");
  await run("store", "config", "aws_access_key_id = AKIAIOSFODNN7EXAMPLF");
  await run("get", "k");
  const lines = await json("audit", "list");
  expect(lines).toMatchObject([
    { line: 1, agent: "coder", action: "store", key: "k", outcome: "done" },
    { line: 2, action: "store", key: "config" },
    { line: 3, action: "retrieve", key: "k", hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ]);
  expect((await run("audit", "list", "--limit", "1")).stdout.trim().split("\n")).toHaveLength(1);
  expect(await run("audit", "verify")).toMatchObject({ code: 0 });

  const scan = await run("scan", "--json");
  expect(scan.code).toBe(1);
  expect(JSON.parse(scan.stdout).secrets).toMatchObject([{ key: "config", field: "value" }]);
  expect(scan.stdout).not.toContain("AKIAIOSFODNN7EXAMPLF");
  expect(await run("scan", "--namespace", "other")).toMatchObject({ code: 0 });
  expect((await runCli(["memory", "scan"], { cwd })).stdout).toMatch(/in the clear on disk/);
});

test("agent-keys prints a pair that signs for a policy", async () => {
  const keys = JSON.parse((await runCli(["memory", "agent-keys"])).stdout);
  expect(Object.keys(keys)).toEqual(["publicKey", "privateKey"]);
  const { signEntry } = await import("#dist/index.js");
  const entry = { namespace: "n", key: "k", value: "v", tags: [], metadata: {}, agent: "a", at: 1 };
  expect(signEntry(entry, keys.privateKey)).toHaveLength(88);
});

test("export, import and migrate carry entries from store to store", async () => {
  const one = commands();
  await one.run("store", "a", "größe", "--tags", "t");
  await one.run("store", "b", "v", "--namespace", "n");
  expect(await one.json("export", "out.csv", "--format", "csv")).toMatchObject({ entries: 2 });
  const two = commands();
  const file = join(one.cwd, "out.csv");
  expect((await two.run("import", file, "--dry-run")).stdout).toMatch(/would store 2 of 2 entries/);
  expect(await two.json("list")).toEqual([]);
  expect(await two.json("import", file)).toMatchObject({ imported: 2 });
  expect(await two.json("get", "a")).toMatchObject({ value: "größe", tags: ["t"] });
  const three = commands();
  expect(await three.json("migrate", "--from", one.cwd)).toMatchObject({ imported: 2 });
  expect((await three.run("migrate")).code).toBe(2);
  expect(await three.run("import", "nowhere.json")).toMatchObject({ code: 1 });
  writeFileSync(join(three.cwd, "broken.json"), '{"schema":"stigmergy-export/1","entries":[');
  expect(await three.run("import", "broken.json")).toMatchObject({ code: 1 });
});
