import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { CLI, ROOT, runModule, runNode, startNode } from "../support/process.ts";

const KEY = "11".repeat(32);
/** What is closed to others is open to the superuser. */
const other = process.getuid?.() === 0 ? { uid: 65_534 } : {};
/** Whether they may come to where the package, Node and folders of tests are. */
const isReachable = [CLI, process.execPath, tmpdir()].every(isOpenToOthers);
const isLeftOut = process.platform === "win32" || (other.uid !== undefined && !isReachable);
if (isLeftOut) console.warn("read-only stores: not tested, this system has nobody to try it as");

function isOpenToOthers(path: string): boolean {
  const found = statSync(path);
  const rights = found.isDirectory() ? 0o005 : 0o004;
  if ((found.mode & rights) !== rights) return false;
  return path === dirname(path) || isOpenToOthers(dirname(path));
}

/** A store of 30 entries in a folder whose name has what addresses escape. */
async function makeStore(options = {}): Promise<string> {
  const outer = testFolder();
  const path = join(outer, "a store? 100%#1");
  const { stderr } = await runModule(`
    import { MemoryStore } from "#dist/index.js";
    const store = await MemoryStore.open(${JSON.stringify({ path, ...options })});
    for (let i = 0; i < 30; i++) await store.store({ key: "k" + i, value: "entry number " + i });
    await store.close();`);
  expect(stderr).toBe("");
  return path;
}

/** Takes from everybody the right to write a folder and what is in it. */
function close(path: string, mode = 0o555): void {
  chmodSync(join(path, ".."), 0o755);
  for (const name of readdirSync(path)) chmodSync(join(path, name), 0o444);
  chmodSync(path, mode);
  onTestFinished(() => chmodSync(path, 0o755));
}

const run = (path: string, ...args: string[]) =>
  runNode([CLI, ...args, "--path", path], { ...other, env: { HOME: "/nonexistent" } });

const ALL = `
  import { MemoryStore } from "#dist/index.js";
  const options = JSON.parse(process.env.TEST_OPTIONS);
  const store = await MemoryStore.open(options);
  const told = {};
  const attempt = async (name, work) => {
    try { told[name] = await work(); } catch (error) { told[name] = error.code ?? String(error); }
  };
  await attempt("get", async () => (await store.retrieve("k7"))?.value);
  await attempt("list", async () => (await store.list()).length);
  for (const mode of ["lexical", "hybrid", "glob"]) {
    const query = mode === "glob" ? "k7*" : "entry number 7";
    await attempt(mode, async () => (await store.search({ query, mode })).hits[0]?.key);
  }
  const near = { query: "entry number", mode: "semantic" };
  await attempt("semantic", async () => (await store.search(near)).hits.length);
  await attempt("verify", async () => (await store.verify({ full: true })).ok);
  await attempt("stats", async () => (await store.stats()).isReadOnly);
  const { format } = await store.export(process.env.TEST_EXPORT);
  told.export = format;
  await attempt("store", () => store.store({ key: "new", value: "new" }));
  await attempt("delete", () => store.delete("k7"));
  await attempt("send", () => store.send({ name: "told" }));
  await attempt("clear", () => store.clear());
  await attempt("gc", () => store.gc());
  await attempt("configure", () => store.configure("default", { ttl: 5 }));
  await attempt("transaction", () => store.transaction((tx) => tx.store({ key: "a", value: "b" })));
  await attempt("setPolicy", () => store.setPolicy(null));
  await attempt("rekey", () => store.rekey("22".repeat(32)));
  await attempt("compress", () => store.compress());
  await store.close();
  console.log(JSON.stringify(told));`;

const EXPECTED = {
  get: "entry number 7",
  list: 30,
  lexical: "k7",
  hybrid: "k7",
  semantic: 10,
  glob: "k7",
  verify: true,
  stats: true,
  export: "json",
  store: "READ_ONLY",
  delete: "READ_ONLY",
  send: "READ_ONLY",
  clear: "READ_ONLY",
  gc: "READ_ONLY",
  configure: "READ_ONLY",
  transaction: "READ_ONLY",
  setPolicy: "READ_ONLY",
  rekey: "READ_ONLY",
  compress: "READ_ONLY",
};

async function everything(options: { path: string }): Promise<unknown> {
  const out = testFolder();
  chmodSync(out, 0o777);
  const { stdout, stderr } = await runModule(ALL, {
    ...other,
    env: { TEST_OPTIONS: JSON.stringify(options), TEST_EXPORT: join(out, "all.json") },
  });
  expect(stderr).toBe("");
  expect(JSON.parse(readFileSync(join(out, "all.json"), "utf8"))).toMatchObject({ count: 30 });
  return JSON.parse(stdout);
}

test.skipIf(isLeftOut).each([{}, { encryptionKey: KEY, audit: true }])(
  "a store in a folder that can't be written is read, and refuses to be written: %o",
  async (options) => {
    const path = await makeStore(options);
    close(path);
    const before = readFileSync(join(path, "memory.db"));
    const names = readdirSync(path);
    expect(await everything({ path, ...options })).toEqual(EXPECTED);
    expect(readdirSync(path)).toEqual(names);
    expect(readFileSync(join(path, "memory.db")).equals(before)).toBe(true);
  },
);

test.skipIf(isLeftOut)(
  "a file that can't be written in a folder that can is only read",
  async () => {
    const path = await makeStore();
    close(path, 0o777);
    expect(await everything({ path })).toEqual(EXPECTED);
  },
);

test.skipIf(isLeftOut)(
  "commands tell that a store can only be read, and how to go on",
  async () => {
    const path = await makeStore();
    close(path);
    expect((await run(path, "memory", "get", "k3")).stdout).toContain("entry number 3");
    expect((await run(path, "memory", "search", "number 3")).stdout).toContain("k3");
    expect(await run(path, "memory", "verify")).toMatchObject({ code: 0, stderr: "" });
    expect((await run(path, "memory", "stats")).stdout).toContain("can only be read");
    const refused = await run(path, "memory", "store", "k3", "other");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/READ_ONLY: .* permissions, or copy the folder/);
    const copies = testFolder();
    chmodSync(copies, 0o777);
    const backup = await run(path, "memory", "backup", join(copies, "b.db"));
    expect(backup).toMatchObject({ code: 0, stderr: "" });
  },
);

test.skipIf(isLeftOut)("what others write is seen by who can only read", async () => {
  const path = await makeStore();
  close(path);
  const source = `
    import { once } from "node:events";
    import { MemoryStore } from "#dist/index.js";
    const store = await MemoryStore.open({ path: ${JSON.stringify(path)} });
    const found = async () => {
      const { hits } = await store.search({ query: "heron" });
      return (await store.retrieve("k1"))?.value + " " + hits.length;
    };
    console.log(await found());
    await once(process.stdin, "data");
    console.log(await found());
    process.stdin.destroy();
    await store.close();`;
  const child = startNode(["--input-type=module", "--eval", source], { cwd: ROOT, ...other });
  const lines = child.stdout.setEncoding("utf8")[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe("entry number 1 0\n");
  chmodSync(path, 0o755);
  chmodSync(join(path, "memory.db"), 0o644);
  const { stderr } = await runModule(`
    import { MemoryStore } from "#dist/index.js";
    const store = await MemoryStore.open({ path: ${JSON.stringify(path)} });
    await store.store({ key: "k1", value: "a heron" });
    await store.close();`);
  expect(stderr).toBe("");
  child.stdin.write("go\n");
  expect((await lines.next()).value).toBe("a heron 1\n");
  child.stdin.end();
});

test.skipIf(isLeftOut)(
  "a log that can't be read without writing is told, and lost by nobody",
  async () => {
    const path = testFolder();
    await using store = await MemoryStore.open({ path });
    await store.store({ key: "k", value: "in the log" });
    const copy = join(testFolder(), "copy");
    mkdirSync(copy);
    for (const end of ["", "-wal", "-shm"]) {
      if (existsSync(join(path, `memory.db${end}`))) {
        copyFileSync(join(path, `memory.db${end}`), join(copy, `memory.db${end}`));
      }
    }
    close(copy);
    expect((await run(copy, "memory", "get", "k")).stdout).toContain("in the log");
    chmodSync(copy, 0o755);
    rmSync(join(copy, "memory.db-shm"));
    chmodSync(copy, 0o555);
    const refused = await run(copy, "memory", "get", "k");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/READ_ONLY: .*log.*copy the folder/);
  },
);
