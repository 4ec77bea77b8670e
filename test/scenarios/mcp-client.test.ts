import { once } from "node:events";
import { readdirSync } from "node:fs";
import { watch as watchFolder } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../support/folder.ts";
import { connectProcess } from "../support/mcp.ts";
import { CLI, runCli, startNode } from "../support/process.ts";

test("a client stores, finds by glob and by text, restarts the server, and finds again", async () => {
  const project = testFolder();
  const find = async ({ call }: Awaited<ReturnType<typeof connectProcess>>) => {
    const glob = await call("memory_search", { pattern: "services/*" });
    const text = await call("memory_search", { query: "which port does the user service use" });
    return [glob, text].map(({ data }) => (data.results as { key: string }[])[0]?.key);
  };

  const first = await connectProcess(project);
  await first.call("memory_usage", {
    action: "store",
    key: "architecture/services/user",
    value: JSON.stringify({ service: "user", port: 3001 }),
  });
  await first.call("memory_usage", { action: "store", key: "noise", value: "cooking pasta" });
  expect(await find(first)).toEqual(["architecture/services/user", "architecture/services/user"]);
  await first.client.close();

  const second = await connectProcess(project);
  expect(await find(second)).toEqual(["architecture/services/user", "architecture/services/user"]);
  const { data } = await second.call("memory_usage", {
    action: "retrieve",
    key: "architecture/services/user",
  });
  expect(data.value).toEqual({ service: "user", port: 3001 });
  expect(second.stderr()).toBe("");
});

test("two servers of one project see each other's writes at once", async () => {
  const project = testFolder();
  const [one, two] = await Promise.all([connectProcess(project), connectProcess(project)]);
  await one.call("memory_search", { query: "warm both indexes" });
  await two.call("memory_search", { query: "warm both indexes" });
  // Embedders of meaning leave numbers out: what tells the texts apart is a word of each.
  const animals = "zebra tiger falcon salmon beetle camel otter raven lobster gecko".split(" ");
  for (let i = 0; i < 10; i++) {
    const [writer, reader] = i % 2 === 0 ? [one, two] : [two, one];
    await writer.call("memory_usage", {
      action: "store",
      key: `k${i}`,
      value: `${animals[i]} crossing`,
    });
    const { data } = await reader.call("memory_search", { query: animals[i], mode: "semantic" });
    expect((data.results as { key: string }[])[0].key).toBe(`k${i}`);
  }
});

test("stdout holds protocol and nothing else, also at log level debug", async () => {
  const child = startNode([CLI, "mcp", "start", "--trace-coordination"], { cwd: testFolder() });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const send = (message: object): void => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  };
  const lines = async (count: number): Promise<string[]> => {
    while (stdout.split("\n").length <= count) {
      await new Promise((resolve) => child.stdout.once("data", resolve));
    }
    return stdout.trim().split("\n");
  };
  const clientInfo = { name: "raw", version: "0" };
  const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo };
  send({ id: 1, method: "initialize", params });
  await lines(1);
  send({ method: "notifications/initialized" });
  const call = { name: "memory_usage", arguments: { action: "store", key: "k", value: "v" } };
  send({ id: 2, method: "tools/call", params: call });
  for (const line of await lines(2)) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
  expect(stderr).toContain("debug memory_usage: done");
  expect(stderr).not.toContain('"v"');

  // The client goes: the server ends by itself, cleanly.
  const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
  child.stdin.end();
  expect(await ended).toBe(0);
});

test("a batch is answered message by message, and a lost terminal ends the server as stdin does", async () => {
  const child = startNode([CLI, "mcp", "start"], { cwd: testFolder() });
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  const clientInfo = { name: "raw", version: "0" };
  const params = { protocolVersion: "2025-03-26", capabilities: {}, clientInfo };
  const batch = [
    { jsonrpc: "2.0", id: 1, method: "initialize", params },
    { jsonrpc: "2.0", method: "notifications/initialized" },
    { jsonrpc: "2.0", id: 2, method: "ping" },
  ];
  child.stdin.write(`${JSON.stringify(batch)}\n[\n[]\n{"jsonrpc":"2.0","id":3,"method":"pi`);
  child.stdin.write(`ng"}\r\n`);
  while (stdout.split("\n").length <= 3) await once(child.stdout, "data");
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ id }) => id).sort()).toEqual([1, 2, 3]);
  expect(lines.find(({ id }) => id === 1).result.protocolVersion).toBe("2025-03-26");
  child.kill("SIGHUP");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("a message that is too large ends the server with a reason, its store closed", async () => {
  const child = startNode([CLI, "mcp", "start"], { cwd: testFolder() });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on("error", () => undefined);
  const ended = new Promise((resolve) => child.once("close", (code) => resolve(code)));
  child.stdin.write(`{"jsonrpc":"2.0","id":1,"method":"${"x".repeat(11 * 2 ** 20)}"}\n`);
  expect(await ended).toBe(1);
  expect(stderr).toMatch(/stigmergy: IO_FAILED: mcp: the connection broke/);
});

test("SIGTERM ends a server whose client reads no answers", async () => {
  const cwd = testFolder();
  await runCli(["memory", "store", "k", "-"], { cwd, input: "x".repeat(2 ** 20) });
  const child = startNode([CLI, "mcp", "start"], { cwd });
  const params = { name: "memory_retrieve", arguments: { key: "k" } };
  for (let id = 0; id < 20; id++) {
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params })}\n`);
  }
  await once(child.stdout, "readable");
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("a server that was asked to makes a backup, and a copy of it elsewhere", async () => {
  const project = testFolder();
  const elsewhere = testFolder();
  const child = startNode(
    [CLI, "mcp", "start", "--backups", "--backups-copy-to", elsewhere, "--log-level", "info"],
    { cwd: project },
  );
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const copies = watchFolder(elsewhere)[Symbol.asyncIterator]();
  while (!readdirSync(elsewhere).some((name) => /^scheduled-.*\.db$/.test(name))) {
    await copies.next();
  }
  const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  expect(stderr).not.toContain("error");
  const own = readdirSync(join(project, ".stigmergy", "backups"));
  expect(own).toEqual(readdirSync(elsewhere));
});

test("a signal ends the server cleanly", async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const child = startNode([CLI, "mcp", "start", "--log-level", "info"], { cwd: testFolder() });
    await new Promise((resolve) => child.stderr.once("data", resolve));
    const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
    child.kill(signal);
    expect(await ended).toBe(0);
  }
});
