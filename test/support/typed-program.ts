import { execFile } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "./process.ts";

const run = promisify(execFile);

/**
 * Compiles TypeScript in a folder from where `stigmergy` is found as an installed package, as a strict user would.
 * @param sources by file name
 * @returns what the compiler says, which is nothing when all is well
 */
export async function compileProgram(
  folder: string,
  sources: Readonly<Record<string, string>>,
): Promise<string> {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules", "stigmergy"), "dir");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  for (const [file, source] of Object.entries(sources)) writeFileSync(join(folder, file), source);
  const compilerOptions = {
    strict: true,
    target: "ES2022",
    module: "NodeNext",
    moduleResolution: "NodeNext",
    lib: ["ES2023", "ESNext.Disposable"],
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [join(ROOT, "node_modules", "@types")],
  };
  const files = Object.keys(sources);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const compiled = await run(process.execPath, [tsc, "-p", folder]).catch(
    (failed: { stdout: string }) => failed,
  );
  return compiled.stdout;
}
