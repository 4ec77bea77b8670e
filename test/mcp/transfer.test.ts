import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectInMemory } from "../support/mcp.ts";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

async function project() {
  const root = testFolder();
  const store = await testStore({ path: join(root, ".stigmergy") });
  return { root, store, ...(await connectInMemory(store)) };
}

test("memory_export writes inside the project, and memory_import of another store reads it back", async () => {
  const one = await project();
  await one.store.store({ key: "a", value: "größe", tags: ["t"], agent: "coder" });
  await one.store.store({ key: "b", value: '{"x":1}', namespace: "n" });
  for (const format of ["json", "csv", "md"] as const) {
    const outputPath = `exports/${format}/all`;
    const { data } = await one.call("memory_export", { outputPath, format });
    expect(data).toMatchObject({ success: true, path: outputPath, format, entries: 2 });
    const two = await project();
    mkdirSync(join(two.root, "in"));
    const files = (from: string) => readFileSync(join(one.root, from));
    if (format !== "md") writeFileSync(join(two.root, "in", `all.${format}`), files(outputPath));
    else symlinkSync(join(one.root, outputPath), join(two.root, "out"));
    if (format === "md") {
      const out = await two.call("memory_import", { inputPath: "out" });
      expect(JSON.parse(out.text)).toMatchObject({ code: "OUTSIDE_ROOT" });
      continue;
    }
    const dry = await two.call("memory_import", { inputPath: "in", dryRun: true });
    expect(dry.data).toMatchObject({ dryRun: true, read: 2, imported: 2 });
    expect((await two.store.stats()).entries).toBe(0);
    const back = await two.call("memory_import", { inputPath: `in/all.${format}` });
    expect(back.data).toMatchObject({ success: true, read: 2, imported: 2 });
    expect(await two.store.retrieve("a")).toMatchObject({ value: "größe", tags: ["t"] });
    const again = await two.call("memory_import", { inputPath: "in" });
    expect(again.data).toMatchObject({ imported: 0, skipped: { unchanged: 2 } });
  }
  const part = await one.call("memory_export", { outputPath: "part.json", namespace: "n" });
  expect(part.data).toMatchObject({ namespace: "n", entries: 1 });
});

test("memory_export replaces nothing that it was not told to, and none of the store's own files", async () => {
  const { root, store, call } = await project();
  await store.store({ key: "a", value: "v" });
  writeFileSync(join(root, "package.json"), "{}");
  for (const [args, code] of [
    [{ outputPath: "package.json" }, "CONFLICT"],
    [{ outputPath: "package.json", overwrite: true, format: "md" }, "CONFLICT"],
    [{ outputPath: "../out.json" }, "OUTSIDE_ROOT"],
    [{ outputPath: "/tmp/out.json" }, "OUTSIDE_ROOT"],
    [{ outputPath: "." }, "OUTSIDE_ROOT"],
    [{ outputPath: "" }, "INVALID_INPUT"],
    [{ outputPath: "a\0b" }, "INVALID_INPUT"],
    [{ outputPath: ".stigmergy/memory.db", overwrite: true }, "INVALID_INPUT"],
    [{ outputPath: ".stigmergy/memory.db-wal", overwrite: true }, "INVALID_INPUT"],
    [{ outputPath: ".stigmergy/backups/x.json" }, "INVALID_INPUT"],
    [{ outputPath: ".stigmergy" }, "INVALID_INPUT"],
    [{ outputPath: "out.json", includeVectors: true }, "NOT_SUPPORTED"],
  ] as const) {
    const { isError, text } = await call("memory_export", args);
    expect(isError, JSON.stringify(args)).toBe(true);
    expect(JSON.parse(text).code, JSON.stringify(args)).toBe(code);
  }
  expect(readFileSync(join(root, "package.json"), "utf8")).toBe("{}");
  expect(existsSync(join(root, "out.json"))).toBe(false);
  const told = await call("memory_export", { outputPath: "package.json", overwrite: true });
  expect(told.data).toMatchObject({ entries: 1 });
});

test("memory_import says why nothing could be read", async () => {
  const { root, store, call } = await project();
  writeFileSync(join(root, "broken.json"), '{"schema":"stigmergy-export/1","entries":[');
  for (const [args, code] of [
    [{ inputPath: "nowhere.json" }, "NOT_FOUND"],
    [{ inputPath: "../x" }, "OUTSIDE_ROOT"],
    [{ inputPath: "broken.json" }, "FORMAT"],
    [{ inputPath: "broken.json", merge: false }, "NOT_SUPPORTED"],
  ] as const) {
    const { isError, text } = await call("memory_import", args);
    expect(isError, JSON.stringify(args)).toBe(true);
    expect(JSON.parse(text).code, text).toBe(code);
  }
  expect((await store.stats()).seq).toBe(0);
});
