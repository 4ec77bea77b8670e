import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { testFolder } from "../support/folder.ts";
import { ROOT } from "../support/process.ts";

const run = promisify(execFile);

test("the packed package works in an empty folder, installed without running any script", async () => {
  const folder = testFolder();
  // The build is there: packing would make it again, under the feet of other tests.
  const { stdout: packed } = await run(
    "npm",
    ["pack", "--ignore-scripts", "--json", "--pack-destination", folder],
    { cwd: ROOT },
  );
  const [{ filename, files, version }] = JSON.parse(packed) as {
    filename: string;
    version: string;
    files: { path: string }[];
  }[];
  const paths = files.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      "package.json",
      "README.md",
      "LICENSE",
      "CHANGELOG.md",
      "dist/index.js",
      "dist/index.d.ts",
      "dist/bin/main.js",
      "dist/pool/worker.js",
      "build/kernels.wasm",
      "build/kernels.relaxed.wasm",
      "build/baseline.wasm",
    ]),
  );
  expect(paths.filter((path) => /^(src|test|bench|assembly|\.)/.test(path))).toEqual([]);
  // Commands run from dist/bin, and what trains the built-in model stays here.
  expect(paths.filter((path) => /^dist\/(cli|neural\/embedder)\//.test(path))).toEqual([]);

  const app = join(folder, "app");
  mkdirSync(app);
  writeFileSync(join(app, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await run("npm", ["install", "--ignore-scripts", "--prefer-offline", join(folder, filename)], {
    cwd: app,
  });
  const said = await run("npx", ["stigmergy", "--version"], { cwd: app });
  expect(said.stdout).toBe(`${version}\n`);

  writeFileSync(
    join(app, "use.ts"),
    `import { createEmbedder, MemoryStore, StigmergyError, VectorIndex } from "stigmergy";
     import { createServer, Log } from "stigmergy/mcp";

     const store = await MemoryStore.open({ path: "memory" });
     await store.store({ key: "greeting", value: "hello swarm" });
     const { hits } = await store.search({ query: "hello" });

     const index = await VectorIndex.create({ dim: 3, threads: 1 });
     await index.add([7], Float32Array.from([1, 2, 3]));
     const [many] = await index.searchMany(Float32Array.from([1, 2, 3]));
     const { kernels } = index.stats();
     const { kind } = await createEmbedder();
     const refused: string = await index.add([-1], new Float32Array(3)).then(
       () => "stored",
       (error: unknown) => (error instanceof StigmergyError ? error.code : "other"),
     );
     createServer({ memory: store, log: new Log("silent") });
     await index.close();
     await store.close();
     console.log(JSON.stringify([hits[0]?.key, Array.from(many?.keys ?? []), kernels !== "off", kind, refused]));
     `,
  );
  // As a strict user would, whether Node or a bundler finds the modules: our declarations are checked too, and
  // nothing of the DOM is there.
  const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
  const settings = { ...strict, skipLibCheck: false, target: "ES2022" };
  const types = { types: ["node"], typeRoots: [join(ROOT, "node_modules", "@types")] };
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  for (const finding of [
    { module: "ESNext", moduleResolution: "bundler", noEmit: true },
    { module: "NodeNext", moduleResolution: "NodeNext" },
  ]) {
    const lib = ["ES2023", "ESNext.Disposable"];
    const compilerOptions = { ...settings, ...types, ...finding, lib };
    const config = JSON.stringify({ compilerOptions, files: ["use.ts"] });
    writeFileSync(join(app, "tsconfig.json"), config);
    const { stdout: problems } = await run(process.execPath, [tsc, "-p", app]).catch(
      (failed: { stdout: string }) => failed,
    );
    // Only what we wrote: another package's declarations are its own affair.
    const ours = /^\S*(?:node_modules\/stigmergy\/|use\.ts)/;
    expect(problems.split("\n").filter((line) => ours.test(line))).toEqual([]);
  }
  const used = await run(process.execPath, ["use.js"], { cwd: app });
  expect(JSON.parse(used.stdout)).toEqual(["greeting", [7], true, "semantic", "INVALID_INPUT"]);
  expect(readdirSync(join(app, "memory"))).toContain("memory.db");

  const required = `const { solveAssignment } = require("stigmergy"); console.log(solveAssignment(new Float64Array([1, 0]), 1, 2)[0])`;
  const fromCommonJs = await run(
    process.execPath,
    ["--input-type=commonjs", "--no-warnings", "--eval", required],
    { cwd: app },
  );
  expect(fromCommonJs.stdout).toBe("1\n");
});
