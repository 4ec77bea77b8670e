import { linkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { connectProcess } from "../support/mcp.ts";
import { testFolder } from "../support/folder.ts";
import { ROOT, runCli, runModule, startNode } from "../support/process.ts";

test("two processes write 2,000 entries each into one store at once, and both see all 4,000", async () => {
  const path = testFolder();
  // Each ends only when it has seen the other's last entry by key, by words and by vector.
  const writer = (name: string, other: string): string => `
    import { MemoryStore } from "#dist/index.js";
    const store = await MemoryStore.open({ embedder: "lexical-hash", path: ${JSON.stringify(path)} });
    for (let i = 0; i < 2000; i++) {
      await store.store({ key: "${name}/" + i, value: "entry ${name} number " + i });
    }
    await store.store({ key: "done/${name}", value: "finished ${name}" });
    while ((await store.retrieve("done/${other}")) === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const count = async (pattern) => (await store.list({ pattern, limit: 10000 })).length;
    const { hits } = await store.search({ query: "entry ${other} number 1999", mode: "semantic" });
    console.log(JSON.stringify([await count("a/*"), await count("b/*"),
      hits[0].key, (await store.stats()).index.rows]));
    await store.close();`;
  const results = await Promise.all([runModule(writer("a", "b")), runModule(writer("b", "a"))]);
  for (const [i, { stdout, stderr, code }] of results.entries()) {
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    const other = i === 0 ? "b" : "a";
    expect(JSON.parse(stdout)).toEqual([2000, 2000, `${other}/1999`, 4002]);
  }
});

test("eight processes open a store that is not there yet, all at once", async () => {
  const path = testFolder();
  const opener = (i: number): string => `
    import { MemoryStore } from "#dist/index.js";
    const store = await MemoryStore.open({ embedder: "lexical-hash", path: ${JSON.stringify(path)} });
    await store.store({ key: "k${i}", value: "v" });
    await store.close();`;
  const results = await Promise.all(Array.from({ length: 8 }, (_, i) => runModule(opener(i))));
  for (const { stderr, code } of results) expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  await using store = await MemoryStore.open({ embedder: "lexical-hash", path });
  expect((await store.list()).length).toBe(8);
});

test("SIGKILL in the middle of writes loses no acknowledged entry", async () => {
  const path = testFolder();
  const acknowledged = new Set<string>();
  for (let round = 0; round < 5; round++) {
    const child = startNode(
      [
        "--input-type=module",
        "--eval",
        `import { writeSync } from "node:fs";
         import { MemoryStore } from "#dist/index.js";
         const store = await MemoryStore.open({ embedder: "lexical-hash", path: ${JSON.stringify(path)} });
         for (let i = 0; ; i++) {
           const { key } = await store.store({ key: "r${round}/" + i, value: "value " + i });
           writeSync(1, key + "\\n");
         }`,
      ],
      { cwd: ROOT },
    );
    let told = "";
    const enough = 150 + 37 * round;
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk: Buffer) => {
        told += chunk.toString();
        if (told.split("\n").length > enough) child.kill("SIGKILL");
      });
      child.on("close", () => resolve());
    });
    // What follows the last line end was cut off, and so perhaps never said.
    const keys = told.split("\n").slice(0, -1);
    expect(keys.length).toBeGreaterThanOrEqual(enough);
    for (const key of keys) acknowledged.add(key);

    await using store = await MemoryStore.open({ embedder: "lexical-hash", path });
    const stored = await store.list({ limit: 10_000 });
    const found = new Map(stored.map(({ key, value }) => [key, value]));
    for (const key of acknowledged) expect(found.get(key)).toBe(`value ${key.split("/")[1]}`);
    const last = keys.at(-1) as string;
    for (const mode of ["lexical", "semantic"] as const) {
      const query = `${last} value ${last.split("/")[1]}`;
      const { hits } = await store.search({ query, mode, limit: 5 });
      expect(
        hits.map(({ key }) => key),
        mode,
      ).toContain(last);
    }
  }
});

test("a call that names a file of the store itself is refused, and takes no lock from it", async () => {
  const cwd = testFolder();
  const { call } = await connectProcess(cwd);
  await call("memory_store", { key: "first", value: "of the server" });
  linkSync(join(cwd, ".stigmergy", "memory.db-shm"), join(cwd, "other-name.db"));
  for (const name of [".stigmergy/memory.db", ".stigmergy/memory.db-shm", "other-name.db"]) {
    const answers = [
      await call("memory_restore", { backupPath: name }),
      await call("memory_restore", { backupPath: name, key: "first" }),
      await call("memory_import", { inputPath: name }),
      await call("memory_backup", { path: name }),
    ];
    for (const { isError, text } of answers) {
      expect(isError, name).toBe(true);
      expect(JSON.parse(text), name).toMatchObject({ code: "INVALID_INPUT" });
    }
  }
  await call("memory_import", { inputPath: "." });
  for (let i = 0; i < 5; i++) {
    const theirs = await runCli(["memory", "store", `command/${i}`, "x".repeat(3000)], { cwd });
    expect(theirs).toMatchObject({ code: 0, stderr: "" });
    const ours = await call("memory_store", { key: `server/${i}`, value: "x".repeat(3000) });
    expect(ours.isError).toBe(false);
    const seen = await runCli(["memory", "get", `server/${i}`], { cwd });
    expect(seen).toMatchObject({ code: 0 });
  }
  expect(await runCli(["memory", "verify"], { cwd })).toMatchObject({ code: 0 });
});

test("a store that a process opens twice keeps its locks", async () => {
  const path = testFolder();
  await using first = await MemoryStore.open({ embedder: "lexical-hash", path });
  await first.store({ key: "a", value: "b" });
  await (await MemoryStore.open({ embedder: "lexical-hash", path })).close();
  await expect(MemoryStore.repair(path)).rejects.toMatchObject({ code: "STORE_BUSY" });
  // Whoever can lock the file alone believes to be the last, and takes the log away.
  const { stdout, stderr } = await runModule(`
    import { loadDriver } from "#dist/memory/file/driver.js";
    const { DatabaseSync } = await loadDriver();
    const database = new DatabaseSync(${JSON.stringify(join(path, "memory.db"))});
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    try {
      database.exec("BEGIN EXCLUSIVE");
      console.log("alone");
    } catch ({ message }) {
      console.log(message);
    }`);
  expect({ stdout, stderr }).toEqual({ stdout: "database is locked\n", stderr: "" });
  expect(await first.retrieve("a")).toMatchObject({ value: "b" });
});
