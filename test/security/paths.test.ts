import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { insideRoot } from "#dist/security/paths.js";
import { testFolder } from "../support/folder.ts";

test("a path inside the root, there already or not, comes back absolute", async () => {
  const { root } = folders();
  for (const [path, real] of [
    ["file", "file"],
    ["inner/deep", "inner/deep"],
    ["new/folders/file", "new/folders/file"],
    ["./inner//../file", "file"],
    ["..file", "..file"],
    ["...", "..."],
    ["inner/", "inner"],
    [join(root, "inner/new"), "inner/new"],
    ["nowhere/../file", "file"],
    ["C:\\new", "C:\\new"],
  ]) {
    expect(await insideRoot(root, path)).toBe(join(root, real));
  }
});

test("a path with .. or of another folder never leaves the root", async () => {
  const { root, outside } = folders();
  for (const path of [
    "..",
    "../",
    "../outside/file",
    "inner/../../outside/file",
    "new/../../x",
    "../root-evil/file",
    `${root}-evil/file`,
    join(outside, "file"),
    "/etc/passwd",
    "/",
    "../../../../../../../../etc/passwd",
  ]) {
    await expect(insideRoot(root, path), path).rejects.toMatchObject({ code: "OUTSIDE_ROOT" });
  }
});

test("a link that leads out of the root is refused, and so is anything beyond it", async () => {
  const { root, outside } = folders();
  symlinkSync(outside, join(root, "out"));
  symlinkSync(join(outside, "file"), join(root, "out-file"));
  symlinkSync("out", join(root, "again"));
  symlinkSync("../outside", join(root, "inner", "relative"));
  symlinkSync("..", join(root, "up"));
  for (const path of ["out", "out/file", "out/new/file", "out-file", "again", "again/file"]) {
    await expect(insideRoot(root, path), path).rejects.toMatchObject({ code: "OUTSIDE_ROOT" });
  }
  for (const path of ["up", "up/outside/file", "up/root-evil", "inner/relative/../../up"]) {
    await expect(insideRoot(root, path), path).rejects.toMatchObject({ code: "OUTSIDE_ROOT" });
  }
});

test("a link that leads nowhere, or to itself, is refused wherever it points", async () => {
  const { root, outside } = folders();
  symlinkSync(join(outside, "new"), join(root, "dangling-out"));
  symlinkSync(join(root, "new"), join(root, "dangling-in"));
  symlinkSync("dangling-out", join(root, "to-dangling"));
  symlinkSync("loop", join(root, "loop"));
  for (const name of ["dangling-out", "dangling-in", "to-dangling", "loop"]) {
    for (const path of [name, `${name}/file`, `${name}/deep/file`]) {
      await expect(insideRoot(root, path), path).rejects.toMatchObject({ code: "OUTSIDE_ROOT" });
    }
  }
});

test("links within the root are followed, and a root that is a link is its folder", async () => {
  const { root, base } = folders();
  symlinkSync("inner", join(root, "in"));
  symlinkSync("in", join(root, "in-again"));
  symlinkSync(root, join(base, "link"));
  expect(await insideRoot(root, "in/deep")).toBe(join(root, "inner/deep"));
  expect(await insideRoot(root, "in-again/new/file")).toBe(join(root, "inner/new/file"));
  expect(await insideRoot(join(base, "link"), "file")).toBe(join(root, "file"));
  expect(await insideRoot(join(base, "link"), join(base, "link/new"))).toBe(join(root, "new"));
  expect(await insideRoot(root, join(base, "link/inner"))).toBe(join(root, "inner"));
  expect(await insideRoot(join(base, "link"), join(root, "inner"))).toBe(join(root, "inner"));
});

test("the root itself is inside, but no file", async () => {
  const { root } = folders();
  for (const path of [".", "inner/..", root, `${root}/`]) {
    expect(await insideRoot(root, path)).toBe(root);
    await expect(insideRoot(root, path, { file: true })).rejects.toMatchObject({
      code: "OUTSIDE_ROOT",
    });
  }
});

test("what is no path, has no root or goes through a file is an error of its own", async () => {
  const { root, base } = folders();
  for (const [from, path, code] of [
    [root, "", "INVALID_INPUT"],
    [root, "a\0b", "INVALID_INPUT"],
    [root, 5 as never, "INVALID_INPUT"],
    [join(base, "missing"), "file", "NOT_FOUND"],
    [root, "file/below", "IO_FAILED"],
  ] as const) {
    await expect(insideRoot(from, path), path).rejects.toMatchObject({ code });
  }
});

test("a refusal shows the path as it was given, and not where the root is", async () => {
  const { root, base } = folders();
  for (const path of ["../outside/file", "file/below"]) {
    const error = await insideRoot(root, path).catch((thrown) => thrown);
    expect(error.message).toContain(`path "${path}"`);
    expect(error.message).not.toContain(base);
  }
});

/** A root with a file and a folder, a folder outside it, and one whose name starts as the root's. */
function folders(): { base: string; root: string; outside: string } {
  const base = realpathSync(testFolder());
  const root = join(base, "root");
  const outside = join(base, "outside");
  for (const folder of [root, outside, `${root}-evil`]) {
    mkdirSync(join(folder, "inner"), { recursive: true });
    writeFileSync(join(folder, "file"), "text");
    writeFileSync(join(folder, "inner", "deep"), "text");
  }
  return { base, root, outside };
}
