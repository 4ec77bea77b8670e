import { createHash } from "node:crypto";
import { existsSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectInMemory } from "../support/mcp.ts";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

async function project() {
  const root = testFolder();
  const store = await testStore({ path: join(root, ".stigmergy") });
  await store.store({ key: "a", value: "first", tags: ["t"] });
  await store.store({ key: "b", value: "first", namespace: "n" });
  return { root, store, ...(await connectInMemory(store)) };
}

const sha256 = (path: string): string =>
  createHash("sha256").update(readFileSync(path)).digest("hex");

test("memory_backup tells path, bytes and hash of the file that it made, and memory_restore brings it back", async () => {
  const { root, store, call } = await project();
  for (const path of [undefined, "copies/all.db", "copies/all.json"]) {
    const { data } = await call("memory_backup", path === undefined ? {} : { path });
    const file = join(root, data.path as string);
    expect(data).toMatchObject({
      success: true,
      entries: 2,
      sha256: sha256(file),
      bytes: readFileSync(file).length,
      path: path ?? expect.stringMatching(/^\.stigmergy\/backups\//),
    });
    await store.store({ key: "a", value: "second" });
    await store.store({ key: "c", value: "new" });
    const back = await call("memory_restore", { backupPath: data.path });
    expect(back.data).toMatchObject({ success: true, path: data.path, entries: 2 });
    expect(existsSync(join(root, back.data.before as string))).toBe(true);
    expect(await store.retrieve("a")).toMatchObject({ value: "first", tags: ["t"] });
    expect(await store.retrieve("c")).toBeUndefined();
    expect((await store.search({ query: "first" })).hits).toHaveLength(2);
  }
});

test("memory_restore brings back one key or one namespace, and leaves the rest", async () => {
  const { store, call } = await project();
  await call("memory_backup", { emergency: true });
  await store.store({ key: "a", value: "second" });
  await store.store({ key: "b", value: "second", namespace: "n" });
  await store.store({ key: "c", value: "new", namespace: "n" });
  const key = await call("memory_restore", { backupPath: "emergency", key: "a" });
  expect(key.data).toMatchObject({ entries: 1 });
  expect((await store.retrieve("a"))?.value).toBe("first");
  expect((await store.retrieve("b", { namespace: "n" }))?.value).toBe("second");
  const part = await call("memory_restore", { backupPath: "latest", namespace: "n" });
  expect(part.data).toMatchObject({ entries: 1 });
  expect((await store.retrieve("b", { namespace: "n" }))?.value).toBe("first");
  expect((await store.retrieve("c", { namespace: "n" }))?.value).toBe("new");
});

test("state_snapshot keeps a state by name, and context_restore goes back to it", async () => {
  const { root, store, call } = await project();
  const { data } = await call("state_snapshot", { name: "Before the Refactoring!" });
  expect(data).toMatchObject({
    success: true,
    name: "Before the Refactoring!",
    entries: 2,
    snapshotId: expect.stringMatching(/^before-the-refactoring-\d{4}-/),
    sha256: sha256(join(root, data.path as string)),
  });
  const unnamed = await call("state_snapshot");
  expect(unnamed.data.snapshotId).toMatch(/^snapshot-/);
  await store.store({ key: "a", value: "second" });
  const back = await call("context_restore", { snapshotId: data.snapshotId });
  expect(back.data).toMatchObject({ snapshotId: data.snapshotId, entries: 2 });
  expect((await store.retrieve("a"))?.value).toBe("first");
  // Also one that is younger than the state in force.
  expect((await call("context_restore", { snapshotId: unnamed.data.snapshotId })).isError).toBe(
    false,
  );
});

test("what is no backup, or not where it may be, is refused, and nothing is changed", async () => {
  const { root, store, call } = await project();
  writeFileSync(join(root, "package.json"), "{}");
  writeFileSync(join(root, "noise.db"), "x".repeat(9000));
  symlinkSync("/tmp", join(root, "link"));
  const { data } = await call("memory_backup", { path: "torn.db" });
  truncateSync(join(root, "torn.db"), (data.bytes as number) - 1000);
  const { snapshotId } = (await call("state_snapshot", { name: "there" })).data;
  const { seq } = await store.stats();
  for (const [tool, args, code] of [
    ["memory_backup", { path: "package.json" }, "INVALID_INPUT"],
    ["memory_backup", { path: "../x.db" }, "OUTSIDE_ROOT"],
    ["memory_backup", { path: "link/x.db" }, "OUTSIDE_ROOT"],
    ["memory_backup", { path: ".stigmergy/memory.db" }, "INVALID_INPUT"],
    ["memory_backup", { path: ".stigmergy/memory.db-wal" }, "INVALID_INPUT"],
    ["memory_backup", { path: "" }, "INVALID_INPUT"],
    ["memory_restore", { backupPath: "nowhere.db" }, "NOT_FOUND"],
    ["memory_restore", { backupPath: "emergency" }, "NOT_FOUND"],
    ["memory_restore", { backupPath: "/etc/passwd" }, "OUTSIDE_ROOT"],
    ["memory_restore", { backupPath: "link" }, "OUTSIDE_ROOT"],
    ["memory_restore", { backupPath: "torn.db" }, "DAMAGED"],
    ["context_restore", { snapshotId: "../../torn" }, "INVALID_INPUT"],
    ["context_restore", { snapshotId: "elsewhere" }, "NOT_FOUND"],
  ] as const) {
    const { isError, text } = await call(tool, args);
    expect(isError, `${tool} ${JSON.stringify(args)}`).toBe(true);
    expect(JSON.parse(text).code, text).toBe(code);
    expect(text).not.toContain(root);
  }
  for (const backupPath of ["noise.db", "package.json"]) {
    const { isError, text } = await call("memory_restore", { backupPath });
    expect({ isError, code: JSON.parse(text).code }).toMatchObject({
      isError: true,
      code: expect.stringMatching(/^(DAMAGED|FORMAT)$/),
    });
  }
  expect((await call("context_restore", { snapshotId: "elsewhere" })).text).toContain(
    snapshotId as string,
  );
  expect(readFileSync(join(root, "package.json"), "utf8")).toBe("{}");
  expect(await store.stats()).toMatchObject({ seq, entries: 2 });
});
