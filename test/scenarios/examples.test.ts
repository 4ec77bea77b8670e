import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import * as door from "#dist/index.js";
import * as mcp from "#dist/mcp/index.js";
import { testFolder } from "../support/folder.ts";
import { ROOT } from "../support/process.ts";
import { compileProgram } from "../support/typed-program.ts";

const run = promisify(execFile);

/** An example of a docstring, as an editor shows it. */
interface Example {
  /** What it is of: the line that is declared below it. */
  readonly of: string;
  readonly code: string;
}

/** The examples in the declarations that are shipped. */
function examples(): Example[] {
  const dist = join(ROOT, "dist");
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".d.ts"))
    .sort()
    .flatMap((file) => {
      const text = readFileSync(join(dist, file), "utf8");
      return [...text.matchAll(/@example\n(.*?)\n *\*\/\n *([^\n]*)/gs)].map(([, code, of]) => ({
        of: `${file}: ${of}`,
        code: code.replaceAll(/^ *\* ?/gm, ""),
      }));
    });
}

/** What examples use without making it, in the order in which one is made of the other. */
const GIVEN: Readonly<Record<string, string>> = {
  query: "const query = Float32Array.of(1, 0, 0);",
  index: `const index = await VectorIndex.create({ dim: 3, threads: 2 });
await index.add([7, 8], Float32Array.of(1, 0, 0, 0, 1, 0));`,
  store: "const store = await MemoryStore.open({ path: 'given' });",
  texts: `const texts = Array.from({ length: 40 }, (_, i) =>
  i % 2 === 0 ? \`the parser crashes on \${i}\` : \`please add an option \${i}\`);`,
  labels: 'const labels = texts.map((_, i) => (i % 2 === 0 ? "bug" : "feature"));',
  model: "const model = await PatternModel.train({ texts, labels, hidden: [16], threads: 1 });",
  tasks: 'const tasks = [{ id: "t1", text: "unit tests of the parser" }];',
  agents: 'const agents = [{ id: "bob", type: "tester" }];',
};

const uses = (code: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(code);
const makes = (code: string, name: string): boolean =>
  new RegExp(`\\b(?:const|let)\\s+(?:${name}|[{[][^=]*\\b${name}\\b[^=]*[}\\]])\\s*=`).test(code);

/** An example with all that it uses, which fails where it comes to something else than it says. */
function programOf({ of, code }: Example): string {
  let program = code;
  for (const [name, made] of Object.entries(GIVEN).toReversed()) {
    if (uses(program, name) && !makes(program, name)) program = `${made}\n${program}`;
  }
  program = program.replaceAll(/^(.+); \/\/ → (.+)$/gm, "assert.deepEqual($1, $2, NAME);");
  const imported = (from: object, path: string): string =>
    `import { ${Object.keys(from)
      .filter((name) => uses(program, name))
      .join(", ")} } from "${path}";`;
  return `import assert from "node:assert/strict";
${imported(door, "stigmergy")}
${imported(mcp, "stigmergy/mcp")}
const NAME = ${JSON.stringify(of)};
{
${program}
}
export { NAME };
`;
}

test("every example in the shipped docstrings compiles, runs, and comes to what it says", async () => {
  const all = examples();
  expect(all.length).toBeGreaterThan(25);
  for (const { code, of } of all) {
    expect(code.split("\n").length, of).toBeLessThanOrEqual(7);
  }
  const folder = testFolder();
  const sources = all.map((each, i) => [`${100 + i}.ts`, programOf(each)] as const);
  expect(await compileProgram(folder, Object.fromEntries(sources))).toBe("");
  // One needs a service, and one would answer on our stdin.
  const runs = all.flatMap(({ code }, i) => (/http:|serveOnStdio/.test(code) ? [] : [100 + i]));
  for (const name of runs) mkdirSync(join(folder, `${name}`));
  const list = runs.map((name) => `process.chdir("../${name}"); await import("../${name}.js");`);
  const program = ["--input-type=module", "--eval", list.join("\n")];
  const { stderr } = await run(process.execPath, program, { cwd: join(folder, "node_modules") });
  expect(stderr.replaceAll(/^.*(?:ExperimentalWarning|--trace-warnings).*$/gm, "").trim()).toBe("");
});
