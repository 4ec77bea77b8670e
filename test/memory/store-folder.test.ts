import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";

test("a file that is no store of ours is refused and left as it is", async () => {
  const path = testFolder();
  const file = join(path, "memory.db");
  const { loadDriver } = await import("#dist/memory/file/driver.js");
  const { DatabaseSync } = await loadDriver();

  writeFileSync(
    file,
    "this is not a database, and much longer than a header of SQLite is".repeat(20),
  );
  const before = statSync(file).size;
  await expect(MemoryStore.open({ path })).rejects.toMatchObject({ code: "DAMAGED" });
  expect(statSync(file).size).toBe(before);

  const foreign = testFolder();
  const newer = testFolder();
  const theirs = new DatabaseSync(join(foreign, "memory.db"));
  theirs.exec("CREATE TABLE memory_entries (id INTEGER PRIMARY KEY)");
  theirs.close();
  await expect(MemoryStore.open({ path: foreign })).rejects.toMatchObject({ code: "FORMAT" });

  await (await MemoryStore.open({ path: newer })).close();
  const future = new DatabaseSync(join(newer, "memory.db"));
  future.exec("PRAGMA user_version = 99");
  future.close();
  await expect(MemoryStore.open({ path: newer })).rejects.toMatchObject({
    code: "FORMAT",
    message: expect.stringContaining("newer stigmergy"),
  });

  const taken = join(testFolder(), "file");
  writeFileSync(taken, "");
  await expect(MemoryStore.open({ path: taken })).rejects.toMatchObject({ code: "INVALID_INPUT" });
});

test("a new store's folder is private and kept out of version control", async () => {
  const path = join(testFolder(), "deep", ".stigmergy");
  await using _ = await MemoryStore.open({ path });
  expect(existsSync(join(path, ".gitignore"))).toBe(true);
  if (process.platform !== "win32") {
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, "memory.db")).mode & 0o777).toBe(0o600);
  }
});

test("git takes a project's agent types and nothing else of its store, also where they came first", async () => {
  const git = (cwd: string, ...args: string[]) =>
    execFileSync("git", args, { cwd, encoding: "utf8" }).trim().split("\n").toSorted();
  for (const comesWithTypes of [false, true]) {
    const root = testFolder();
    git(root, "init", "--quiet");
    const path = join(root, ".stigmergy");
    if (comesWithTypes) mkdirSync(join(path, "agents"), { recursive: true });
    const store = await MemoryStore.open({ path });
    await store.store({ key: "k", value: "v" });
    await store.backup();
    await store.close();
    mkdirSync(join(path, "agents", "more"), { recursive: true });
    writeFileSync(join(path, "agents", "a.md"), "a");
    writeFileSync(join(path, "agents", "more", "b.md"), "b");
    expect(git(root, "ls-files", "--others", "--exclude-standard")).toEqual([
      ".stigmergy/agents/a.md",
      ".stigmergy/agents/more/b.md",
    ]);
  }
  // A folder that holds other things, chosen as a store's, is not hidden from git.
  const other = testFolder();
  await (await MemoryStore.open({ path: other })).close();
  expect(existsSync(join(other, ".gitignore"))).toBe(false);
});
