import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../support/folder.ts";
import { ROOT, runNode } from "../support/process.ts";

test("without its kernels the package says what is missing, loses nothing, and runs without them", async () => {
  const folder = testFolder();
  cpSync(join(ROOT, "dist"), join(folder, "dist"), { recursive: true });
  cpSync(join(ROOT, "package.json"), join(folder, "package.json"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const run = (args: string[], env = {}) =>
    runNode([join(folder, "dist/bin/main.js"), "memory", ...args, "--path", join(folder, "s")], {
      env,
    });
  const off = { STIGMERGY_WASM: "off" };
  expect((await run(["store", "a", "a walrus"], off)).code).toBe(0);
  for (const bytes of [undefined, "no module"]) {
    if (bytes !== undefined) {
      mkdirSync(join(folder, "build"));
      for (const name of ["kernels", "kernels.relaxed"]) {
        writeFileSync(join(folder, "build", `${name}.wasm`), bytes);
      }
    }
    const refused = await run(["store", "a", "another"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/KERNELS_MISSING: .*build\/kernels.*\.wasm.* reinstall/);
  }
  expect((await run(["get", "a"])).stdout).toContain("a walrus");
  expect((await run(["search", "walrus"], off)).stdout).toContain("a walrus");
});
