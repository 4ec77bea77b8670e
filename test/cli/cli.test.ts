import { once } from "node:events";
import module from "node:module";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { printable, firstLine, bytesText } from "#dist/cli/print.js";
import { testFolder } from "../support/folder.ts";
import { CLI, runCli, startNode } from "../support/process.ts";

test.each([
  ["STIGMERGY_WASM", "fast"],
  ["RUV_ENABLE_WASM", "maybe"],
  ["RUV_MAX_AGENTS", "many"],
  ["RUV_NEURAL_MODELS", "0"],
])("the server does not start with a setting that can't be understood: %s", async (name, value) => {
  const { code, stderr } = await runCli(["mcp", "start"], {
    cwd: testFolder(),
    env: { [name]: value },
  });
  expect(code).toBe(2);
  expect(stderr).toMatch(new RegExp(`^stigmergy: INVALID_SETTING: ${name}: .*\n$`));
});

test("--version prints the version, and --help shows examples", async () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(await runCli(["--version"])).toEqual({ stdout: `${version}\n`, stderr: "", code: 0 });
  const help = await runCli(["--help"]);
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help.stdout).toContain("stigmergy memory search");
  expect((await runCli(["memory", "store", "--help"])).stdout).toContain("Examples:");
});

test("what Node compiles is kept in the user's own folder, where Node can, and is no need", async () => {
  const cache = testFolder();
  const kept = await runCli(["status"], { cwd: testFolder(), env: { XDG_CACHE_HOME: cache } });
  expect(kept).toMatchObject({ code: 0, stderr: "" });
  expect(existsSync(join(cache, "stigmergy"))).toBe("enableCompileCache" in module);
  for (const env of [{ XDG_CACHE_HOME: "/dev/null" }, { XDG_CACHE_HOME: "", HOME: "/nowhere" }]) {
    expect(await runCli(["status"], { cwd: testFolder(), env })).toMatchObject({ code: 0 });
  }
});

test("memory store, get, list, search and delete do what they say, as text and as JSON", async () => {
  const cwd = testFolder();
  const run = (...args: string[]) => runCli(["memory", ...args], { cwd });
  const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);

  const value = "PostgreSQL, for its row locks\nand its types";
  const stored = await run("store", "decisions/db", value, "--tags", "db, adr", "--ttl", "60");
  expect(stored).toMatchObject({ code: 0, stderr: "" });
  expect(await json("get", "decisions/db")).toMatchObject({
    found: true,
    value,
    tags: ["db", "adr"],
    expiresAt: expect.any(Number),
  });
  expect(await run("get", "decisions/db")).toEqual({ stdout: `${value}\n`, stderr: "", code: 0 });

  await runCli(["memory", "store", "piped", "-"], { cwd, input: "from stdin" });
  expect((await run("list")).stdout).toContain("default  piped  from stdin");
  expect(await json("list", "--pattern", "decisions/*")).toMatchObject([{ key: "decisions/db" }]);

  expect(await json("search", "row", "locks")).toMatchObject({
    mode: "hybrid",
    embedder: { kind: "semantic" },
    hits: [{ key: "decisions/db" }],
  });
  const hits = await run("search", "row locks");
  expect(hits.stdout).toMatch(/^\d\.\d{3} {2}default {2}decisions\/db {2}PostgreSQL/);
  expect(hits.stderr).toContain("semantic vectors");
  expect(await json("search", "d*/db")).toMatchObject({ mode: "glob", hits: [{ score: 1 }] });

  expect(await run("delete", "piped")).toMatchObject({ code: 0 });
  expect(await run("delete", "piped")).toMatchObject({ code: 1 });
  expect(await run("get", "piped")).toMatchObject({ code: 1, stdout: "" });
  expect(await json("get", "piped")).toEqual({ found: false });
});

test("what is read from stdin comes back byte for byte, or is refused with the way out", async () => {
  const cwd = testFolder();
  const pipe = async (bytes: Buffer) => {
    const child = startNode([CLI, "memory", "store", "k", "-"], { cwd });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.on("error", () => undefined);
    child.stdin.end(bytes);
    const [code] = await once(child, "close");
    return { code, stderr };
  };
  const kept = "\ufeffa\r\n\u202eb\u0000".replace("\0", "\n");
  expect(await pipe(Buffer.from(kept))).toEqual({ code: 0, stderr: "" });
  const { stdout } = await runCli(["memory", "get", "k", "--json"], { cwd });
  expect(JSON.parse(stdout).value).toBe(kept);

  const latin = await pipe(Buffer.from("caf\xe9", "latin1"));
  expect(latin).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("expected UTF-8 on stdin"),
  });
  expect(await pipe(Buffer.alloc(2 ** 20 + 1, "x"))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("TOO_LARGE: value: expected at most 1048576 bytes on stdin"),
  });

  // A stream without end is refused as well.
  const endless = startNode([CLI, "memory", "store", "k", "-"], { cwd });
  endless.stdin.on("error", () => undefined);
  const pump = (): void => {
    while (endless.stdin.writable && endless.stdin.write("y\n".repeat(32_768)));
  };
  endless.stdin.on("drain", pump);
  pump();
  expect((await once(endless, "exit"))[0]).toBe(2);
  endless.stdin.destroy();
});

test("wrong use exits with 2 and one line with the way out, other failures with 1", async () => {
  const cwd = testFolder();
  await runCli(["memory", "store", "k", "v"], { cwd });
  const refused = await runCli(["memory", "search", "x", "--limit", "0", "--json"], { cwd });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/^stigmergy: INVALID_INPUT: limit: expected [^\n]*\n$/);
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: "INVALID_INPUT" } });
  for (const args of [
    ["nonsense"],
    ["memory", "store", "only-a-key"],
    ["memory", "list", "--limit", "many"],
    ["memory", "search", "x", "--mode", "magic"],
    ["memory", "store", "k", "v", "--metadata", "{"],
    ["memory", "store", "k", "v", "--ttl", "0"],
  ]) {
    const { code, stderr } = await runCli(args, { cwd });
    expect(code, args.join(" ")).toBe(2);
    expect(stderr).not.toBe("");
    expect(stderr).not.toMatch(/ {4}at /);
  }
  mkdirSync(join(cwd, "broken"));
  writeFileSync(
    join(cwd, "broken", "memory.db"),
    "not a database at all, but long enough ".repeat(50),
  );
  const damaged = await runCli(["memory", "list", "--path", "broken"], { cwd });
  expect(damaged).toMatchObject({ code: 1, stdout: "" });
  expect(damaged.stderr).toMatch(/^stigmergy: DAMAGED: /);
});

test("status tells the build, the store and its health, and makes nothing", async () => {
  const cwd = testFolder();
  const before = await runCli(["status", "--json"], { cwd });
  expect(before.code).toBe(0);
  expect(JSON.parse(before.stdout)).toMatchObject({
    healthy: true,
    kernels: { ok: true, build: expect.any(String) },
    store: { ok: true, empty: true },
  });
  expect(existsSync(join(cwd, ".stigmergy"))).toBe(false);

  await runCli(["memory", "store", "a", "b"], { cwd });
  const after = await runCli(["status"], { cwd, env: { STIGMERGY_WASM: "off" } });
  expect(after.stdout).toMatch(/kernels {3}off/);
  expect(after.stdout).toMatch(/1 entries in 1 namespaces/);
  expect(after.stdout).toMatch(/static-\S+, semantic/);

  writeFileSync(join(cwd, ".stigmergy", "memory.db"), "x".repeat(5000));
  const broken = await runCli(["status", "--json"], { cwd });
  expect(broken.code).toBe(1);
  expect(JSON.parse(broken.stdout)).toMatchObject({
    healthy: false,
    store: { ok: false, code: "DAMAGED" },
  });
});

test("commands that only look make no store, and find nothing", async () => {
  const cwd = testFolder();
  const list = await runCli(["memory", "list", "--json"], { cwd });
  expect(list).toMatchObject({ code: 0, stdout: "[]\n" });
  expect(list.stderr).toContain("no store here yet");
  expect(await runCli(["memory", "get", "k"], { cwd })).toMatchObject({ code: 1 });
  expect(await runCli(["memory", "delete", "k"], { cwd })).toMatchObject({ code: 1 });
  expect((await runCli(["memory", "search", "x"], { cwd })).code).toBe(0);
  expect(existsSync(join(cwd, ".stigmergy"))).toBe(false);
});

test("a reader that has seen enough is no failure", async () => {
  const cwd = testFolder();
  const store = await MemoryStore.open({ path: join(cwd, ".stigmergy") });
  for (let i = 0; i < 100; i++) await store.store({ key: `k${i}`, value: "x".repeat(9000) });
  await store.close();
  const list = startNode([CLI, "memory", "list", "--json"], { cwd });
  list.stdout.once("data", () => list.stdout.destroy());
  let stderr = "";
  list.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = await once(list, "exit");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test("a store that can't be reached is not an empty one", async () => {
  const cwd = testFolder();
  writeFileSync(join(cwd, "file"), "");
  symlinkSync(join(cwd, "nowhere"), join(cwd, "dangling"));
  symlinkSync(join(cwd, "loop"), join(cwd, "loop"));
  for (const path of ["file", "file/deeper", "dangling", "loop"]) {
    const { code, stdout } = await runCli(["status", "--json", "--path", path], { cwd });
    expect(code, path).toBe(1);
    expect(JSON.parse(stdout).store, path).toMatchObject({
      ok: false,
      code: expect.stringMatching(/^(IO_FAILED|INVALID_INPUT|NOT_FOUND)$/),
      error: expect.not.stringContaining(cwd),
    });
  }
});

test("a setting that can't be understood is an error that names the variable", async () => {
  const { code, stdout } = await runCli(["status", "--json"], {
    cwd: testFolder(),
    env: { STIGMERGY_WASM: "turbo" },
  });
  expect(code).toBe(1);
  expect(JSON.parse(stdout).kernels).toMatchObject({
    code: "INVALID_SETTING",
    error: expect.stringContaining("STIGMERGY_WASM"),
  });
});

test("stored text can't command the terminal", () => {
  expect(printable("a\u001b[31mred\u0007\tb\nc")).toBe("a\\x1b[31mred\\x07\tb\nc");
  // Terminals obey some of those above 127 as well.
  expect(printable("\u007f\u009b31m")).toBe("\\x7f\\x9b31m");
  expect(firstLine("one\ntwo", 10)).toBe("one…");
  expect(firstLine("exactly10!", 10)).toBe("exactly10!");
  expect(firstLine("more than ten", 10)).toBe("more than…");
  expect([0, 1023, 1536, 5 * 2 ** 30].map(bytesText)).toEqual([
    "0 B",
    "1023 B",
    "1.5 KiB",
    "5.0 GiB",
  ]);
});
