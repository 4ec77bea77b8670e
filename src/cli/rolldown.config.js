import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** What nearly every command loads: in one file, as each one more takes a millisecond to find and open. */
const ALWAYS = reached(
  "./dist/memory/memory-store.js",
  "./dist/cli/open-store.js",
  "./dist/cli/options.js",
);

// The command line in few files: opening some ninety modules takes longer than most commands do.
// Packages stay what they are, installed beside. Kernels, model and worker are found from dist/bin as
// from any folder of dist.

export default {
  input: "./dist/cli/main.js",
  platform: "node",
  external: /^[^./]/,
  logLevel: "warn",
  output: {
    dir: "dist/bin",
    cleanDir: true,
    advancedChunks: { groups: [{ name: "store", test: (id) => ALWAYS.has(id) }] },
  },
};

/** The modules that are loaded with some: those that they import, those import and so on, but for `import()`. */
function reached(...entries) {
  const found = new Set();
  const visit = (file) => {
    if (found.has(file)) return;
    found.add(file);
    const text = readFileSync(file, "utf8");
    for (const [, target] of text.matchAll(
      /^(?:import|export)\s(?:[^;"=]*?\sfrom\s)?"(\.[^"]+)";$/gm,
    )) {
      visit(resolve(dirname(file), target));
    }
  };
  for (const entry of entries) visit(resolve(entry));
  return found;
}
