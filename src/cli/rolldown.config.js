import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** What nearly every command loads: in one file, as each one more takes a millisecond to find and open. */
const ALWAYS = reached(
  "./dist/memory/memory-store.js",
  "./dist/cli/open-store.js",
  "./dist/cli/options.js",
);
/** What the first text that is embedded loads. */
const EMBEDS = reached("./dist/text/static-rows.js");
/** What searches load beside both. */
const SEARCHES = reached(
  "./dist/memory/search/search.js",
  "./dist/memory/words/word-mirror.js",
  "./dist/vector/vector-index.js",
);

const NOTICE =
  "/*! With commander, MIT license, (c) 2011 TJ Holowaychuk: node_modules/commander/LICENSE */";

// The command line in few files: opening some ninety modules takes longer than most commands do.
// Packages stay what they are, installed beside, but for commander, which each command loads. Kernels, model and worker are found from dist/bin as
// from any folder of dist.

export default {
  input: "./dist/cli/main.js",
  platform: "node",
  external: (id) => /^[^./]/.test(id) && id !== "commander",
  logLevel: "warn",
  output: {
    dir: "dist/bin",
    cleanDir: true,
    banner: ({ name }) => (name === "store" ? NOTICE : ""),
    advancedChunks: {
      groups: [
        { name: "store", test: (id) => ALWAYS.has(id), priority: 2 },
        { name: "embed", test: (id) => EMBEDS.has(id), priority: 1 },
        { name: "search", test: (id) => SEARCHES.has(id) },
      ],
    },
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
