import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

/** Which rooms each room may import from. `errors` and `util` are open to all. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  assembly: [],
  errors: [],
  util: [],
  security: [],
  wasm: [],
  pool: ["wasm"],
  vector: ["wasm", "pool"],
  text: ["wasm"],
  neural: ["wasm", "pool", "text"],
  tasks: ["security"],
  agents: ["wasm", "neural", "text"],
  memory: ["wasm", "pool", "vector", "text", "security"],
  measure: ["wasm", "pool", "vector", "text", "neural", "agents", "memory"],
  swarm: [
    ...["wasm", "pool", "vector", "text", "neural", "tasks", "agents"],
    ...["memory", "measure", "security"],
  ],
  mcp: ["swarm", "agents", "memory", "tasks", "neural", "vector", "security"],
  cli: ["swarm", "mcp", "memory", "tasks", "security"],
  index: [
    ...["wasm", "pool", "vector", "text", "neural", "tasks", "agents"],
    ...["memory", "measure", "swarm", "security"],
  ],
};

/** The one room that each package enters by; zod stands at the edges and at file formats. */
const PACKAGE_ROOMS: Record<string, readonly string[]> = {
  "@assemblyscript/loader": ["wasm"],
  piscina: ["pool"],
  "hnswlib-node": ["vector"],
  "@huggingface/transformers": ["text"],
  "@photostructure/sqlite": ["memory"],
  tinybench: ["measure"],
  "@modelcontextprotocol/server": ["mcp"],
  zod: ["mcp"],
  commander: ["cli"],
};

const MOST_LINES = 300;

describe.each([...sourceFiles("assembly"), ...sourceFiles("src")])("%s", (file) => {
  const source = readFileSync(file, "utf8");
  const room = roomOf(file);

  test("imports only from rooms open to it", () => {
    expect(
      MAY_IMPORT,
      `"${room}" is not a room: put the file in one, or argue for it`,
    ).toHaveProperty([room]);
    const open = [room, "errors", "util", ...MAY_IMPORT[room]];
    for (const path of importsOf(source).filter((each) => each.startsWith("."))) {
      expect(open, `${room} imports ${path}`).toContain(roomOf(join(dirname(file), path)));
    }
  });

  test("imports packages only where they enter", () => {
    const packages = importsOf(source).filter((path) => !/^[.#]|^node:/.test(path));
    for (const name of packages.map(packageName)) {
      expect(PACKAGE_ROOMS, `${name} enters by no room`).toHaveProperty([name]);
      expect(PACKAGE_ROOMS[name], `${name} in ${room}`).toContain(room);
    }
  });

  test("is short enough to read in one sitting", () => {
    expect(source.split("\n").length).toBeLessThanOrEqual(MOST_LINES);
  });

  test("documents every export", () => {
    if (/^src\/(index|mcp\/index)\.ts$/.test(file)) return;
    const lines = source.split("\n");
    lines.forEach((line, i) => {
      const name =
        /^export (?:async |abstract )?(?:function|class|interface|type|const) (\w+)/.exec(line);
      if (name === null) return;
      expect(lines[i - 1], `${name[1]} has no doc comment`).toMatch(/\*\/$/);
    });
  });
});

describe.each([...Object.keys(MAY_IMPORT)].filter(hasFolders))("folders of %s", (room) => {
  // What only tells types is left out: it says what a thing is, not what runs first.
  const uses = new Map<string, Set<string>>();
  for (const file of [...sourceFiles("assembly"), ...sourceFiles("src")]) {
    if (roomOf(file) !== room) continue;
    for (const path of valueImportsOf(readFileSync(file, "utf8"))) {
      const target = join(dirname(file), path);
      const [from, to] = [dirname(file), dirname(target)];
      if (from === to || roomOf(target) !== room) continue;
      uses.set(from, (uses.get(from) ?? new Set()).add(to));
    }
  }

  test("import each other in one direction", () => {
    const reach = (folder: string, seen = new Set<string>()): Set<string> => {
      for (const next of uses.get(folder) ?? []) if (!seen.has(next)) reach(next, seen.add(next));
      return seen;
    };
    for (const folder of uses.keys()) {
      expect([...reach(folder)], `${folder} imports itself in the end`).not.toContain(folder);
    }
  });
});

test("the public door and the MCP door are named lists and nothing else", () => {
  for (const door of ["src/index.ts", "src/mcp/index.ts"]) {
    const source = readFileSync(door, "utf8");
    const statements = source.replaceAll(/^\/\/.*$/gm, "").split(";");
    for (const statement of statements.filter((each) => each.trim() !== "")) {
      expect(statement.trim()).toMatch(/^export (type )?\{[^*]*\} from "\.[^"]*"$/s);
    }
    expect(source.split("\n").length).toBeLessThanOrEqual(200);
  }
});

test("no package is declared that nothing imports, and none imported that is not declared", () => {
  const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
    readFileSync("package.json", "utf8"),
  );
  const declared = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  expect(declared.toSorted()).toEqual(Object.keys(PACKAGE_ROOMS).toSorted());
  const imported = new Set(
    sourceFiles("src").flatMap((file) => importsOf(readFileSync(file, "utf8")).map(packageName)),
  );
  for (const name of declared) expect(imported, `nothing imports ${name}`).toContain(name);
});

function sourceFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
    .map((path) => join(root, path));
}

function hasFolders(room: string): boolean {
  return sourceFiles(room === "assembly" ? room : "src").some(
    (file) =>
      roomOf(file) === room && dirname(file).split("/").length > (room === "assembly" ? 1 : 2),
  );
}

/** Paths of files beside or above that are there when the file runs. */
function valueImportsOf(source: string): string[] {
  const statements = source.matchAll(/^(?:import|export)(?! type)[^;]*? from "(\.[^"]+)"/gm);
  return [...statements]
    .filter(([all]) => !/^import \{(?:\s*type [\w ]+,?)+\s*\}/.test(all))
    .map(([, path]) => path);
}

function importsOf(source: string): string[] {
  const literals = source.matchAll(/(?:\bfrom |\bimport\(|^import )"([^"]+)"/gm);
  // A name that TypeScript must not look up is held by a variable first.
  const held = source.matchAll(/const name: string = "([^"]+)";\n.*import\(name\)/gs);
  return [...literals, ...held].map(([, path]) => path);
}

/** `@scope/name/sub` → `@scope/name`; `name/sub` → `name`. */
function packageName(path: string): string {
  return path.split("/", path.startsWith("@") ? 2 : 1).join("/");
}

/** `src/vector/rows.ts` → `vector`; `src/errors.ts` → `errors`; `assembly/base/lanes.ts` → `assembly`. */
function roomOf(path: string): string {
  const [root, room] = path.split("/");
  return root === "src" ? room.replace(/\.ts$/, "") : root;
}
