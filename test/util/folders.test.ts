import { chmodSync, existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "#dist/util/folders.js";
import { MemoryStore, VectorIndex } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";

test("folders are made with those above them, and what is there stays", async () => {
  const folder = testFolder();
  const deep = join(folder, "a", "b", "c");
  await makeFolder(deep, 0o700);
  expect(statSync(join(folder, "a")).mode & 0o777).toBe(0o700);
  chmodSync(deep, 0o755);
  await makeFolder(deep, 0o700);
  expect(statSync(deep).mode & 0o777).toBe(0o755);
  await makeFolder("/");
  // Many processes may make the same one at once.
  const same = join(folder, "x", "y", "z");
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(same)));
  expect(existsSync(same)).toBe(true);
  writeFileSync(join(folder, "file"), "");
  await expect(makeFolder(join(folder, "file"))).rejects.toMatchObject({ code: "EEXIST" });
  await expect(makeFolder(join(folder, "file", "in"))).rejects.toMatchObject({ code: "ENOTDIR" });
});

test.skipIf(!existsSync("/proc/self"))(
  "what can't be made in /proc is refused, and nothing waits for it for ever",
  async () => {
    await expect(makeFolder("/proc/stigmergy/a")).rejects.toMatchObject({ code: "ENOENT" });
    const index = await VectorIndex.create({ dim: 2 });
    await expect(index.save("/proc/stigmergy")).rejects.toMatchObject({ code: "IO_FAILED" });
    await index.close();
    await expect(MemoryStore.open({ path: "/proc/stigmergy" })).rejects.toMatchObject({
      code: expect.stringMatching(/^(NOT_FOUND|IO_FAILED|STORE_FAILED)$/),
    });
  },
);
