import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadDriver } from "#dist/memory/file/driver.js";
import { testFolder } from "../support/folder.ts";
import { runModule } from "../support/process.ts";

const { name } = await loadDriver();

test.skipIf(name === "node:sqlite")(
  "without SQLite the error names what to install, and nothing is made",
  async () => {
    const path = join(testFolder(), "store");
    const { stdout } = await runModule(
      `import { register } from "node:module";
       register("data:text/javascript," + encodeURIComponent(
         "export function resolve(name, context, next) {" +
         " if (name === '@photostructure/sqlite') throw new Error('absent'); return next(name, context); }"));
       const { MemoryStore } = await import("#dist/index.js");
       await MemoryStore.open({ path: ${JSON.stringify(path)} }).catch(({ code, message }) =>
         console.log(code, message));`,
    );
    expect(stdout).toMatch(/^DEPENDENCY_MISSING .*npm install @photostructure\/sqlite/);
    expect(existsSync(path)).toBe(false);
  },
);
