import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore, StigmergyError } from "#dist/index.js";
import { storePath } from "#dist/cli/store-path.js";
import { testFolder } from "../support/folder.ts";
import { CLI, runCli } from "../support/process.ts";

test("a command in a subfolder finds its project's store instead of starting another", () => {
  const project = testFolder();
  const deep = join(project, "packages", "api");
  mkdirSync(deep, { recursive: true });
  expect(storePath(undefined, {}, deep)).toBe(join(deep, ".stigmergy"));
  mkdirSync(join(project, ".stigmergy"));
  expect(storePath(undefined, {}, deep)).toBe(join(project, ".stigmergy"));
  expect(storePath(undefined, { STIGMERGY_PATH: "../there" }, deep)).toBe(
    join(project, "packages", "there"),
  );
  expect(storePath("here", { STIGMERGY_PATH: "there" }, deep)).toBe(join(deep, "here"));
});

test("a link to a store that is not there is told, and no second store is made below or beside it", async () => {
  const project = testFolder();
  const deep = join(project, "packages");
  mkdirSync(deep);
  symlinkSync(join(project, "unmounted", "memory"), join(project, ".stigmergy"));
  const dead = { code: "NOT_FOUND", message: expect.stringContaining("where nothing is") };
  for (const cwd of [project, deep]) {
    expect(() => storePath(undefined, {}, cwd)).toThrow(expect.objectContaining(dead));
  }
  const path = join(project, ".stigmergy");
  expect(() => storePath(path, {}, deep)).toThrow(expect.objectContaining(dead));
  await expect(MemoryStore.open({ path })).rejects.toMatchObject(dead);
  const { stderr, code } = await runCli(["memory", "store", "a", "b"], { cwd: deep });
  expect([code, stderr]).toEqual([1, expect.stringContaining("where nothing is")]);
  expect(readdirSync(deep)).toEqual([]);
  // What leads to one another leads nowhere.
  rmSync(path);
  symlinkSync(".stigmergy", path);
  expect(() => storePath(undefined, {}, deep)).toThrow(/where nothing is/);
  await expect(MemoryStore.open({ path })).rejects.toBeInstanceOf(StigmergyError);
});

test("worktrees of one project share its memory, and a file that only claims to be one does not", async () => {
  const above = testFolder();
  const [main, side, other] = ["main", "side by side", "other"].map((name) => join(above, name));
  const git = (cwd: string, ...args: string[]) => {
    const who = ["-c", "user.name=a", "-c", "user.email=a@b.c"];
    const { status, stderr } = spawnSync("git", [...who, ...args], { cwd, encoding: "utf8" });
    expect(stderr, args.join(" ")).toSatisfy(() => status === 0);
  };
  mkdirSync(join(main, ".stigmergy", "agents"), { recursive: true });
  writeFileSync(
    join(main, ".stigmergy", "agents", "lead.md"),
    "a type that comes with the project",
  );
  git(main, "init", "-q");
  git(main, "add", "--force", ".");
  git(main, "commit", "-qm", "all");
  git(main, "worktree", "add", "-q", "-b", "side", side);
  const shared = join(realpathSync(main), ".stigmergy");

  // The first to write makes it for all.
  mkdirSync(join(side, "deep"));
  await runCli(["memory", "store", "from", "the side"], { cwd: join(side, "deep") });
  expect(readdirSync(join(side, ".stigmergy"))).toEqual(["agents"]);
  expect(await runCli(["memory", "get", "from"], { cwd: main })).toMatchObject({
    stdout: "the side\n",
  });
  expect(storePath(undefined, {}, side)).toBe(shared);

  // One that has a memory of its own keeps it.
  writeFileSync(join(side, ".stigmergy", "memory.db"), "");
  expect(storePath(undefined, {}, side)).toBe(join(side, ".stigmergy"));

  // What points into another's checkout without being known there stays outside.
  mkdirSync(other);
  copyFileSync(join(side, ".git"), join(other, ".git"));
  expect(storePath(undefined, {}, other)).toBe(join(other, ".stigmergy"));
  for (const text of ["", "gitdir: \n", "gitdir: /nowhere\n", "gitdir: ../main/.git\n"]) {
    writeFileSync(join(other, ".git"), text);
    expect(storePath(undefined, {}, other), text).toBe(join(other, ".stigmergy"));
  }
  // A bare repository has no checkout that could hold it.
  const [bare, leaf] = ["bare.git", "leaf"].map((name) => join(above, name));
  git(above, "clone", "-q", "--bare", main, bare);
  git(bare, "worktree", "add", "-q", leaf, "HEAD");
  expect(storePath(undefined, {}, leaf)).toBe(join(leaf, ".stigmergy"));
});

test("a working folder that is gone, and no folder for temporary files, are told with the way out", async () => {
  const store = testFolder();
  const gone = join(testFolder(), "gone");
  await runCli(["memory", "store", "k", "v", "--path", store]);
  const inGone = (args: string) => {
    const run = `"${process.execPath}" "${CLI}" ${args}`;
    const script = `mkdir "$0" && cd "$0" && rmdir "$0" && exec ${run}`;
    const { status, stdout, stderr } = spawnSync("sh", ["-c", script, gone], { encoding: "utf8" });
    return { code: status, stdout, stderr };
  };
  for (const args of ["memory list", "hooks notify --message m", "mcp start"]) {
    const { code, stderr } = inGone(args);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^stigmergy: NOT_FOUND: working folder: it was removed.*--path\n$/,
      ),
    });
  }
  expect(inGone(`memory get k --path "${store}"`)).toMatchObject({ code: 0, stdout: "v\n" });

  const env = { TMPDIR: join(store, "nowhere") };
  const nowhere = await runCli(["memory", "list"], { cwd: testFolder(), env });
  expect(nowhere.stderr).toMatch(/^stigmergy: IO_FAILED: temporary files: .* set TMPDIR to one\n$/);
});
