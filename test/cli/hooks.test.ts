import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { CLI, runCli, startNode } from "../support/process.ts";

/** A command that has said on stderr that it is ready, and what it says until it ends. */
async function started(args: readonly string[], cwd: string) {
  const child = startNode([CLI, ...args], { cwd });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, "close").then(([code]) => ({ stdout, stderr, code: code as number }));
  await Promise.race([once(child.stderr, "data"), ended]);
  const firstLine = async (): Promise<string> => {
    while (!stdout.includes("\n")) await once(child.stdout, "data");
    return stdout.split("\n")[0];
  };
  return { child, ended, firstLine };
}

test("session-restore --wait blocks until another process notifies, then prints the session", async () => {
  const cwd = testFolder();
  await runCli(["memory", "store", "b", "second", "--session", "s"], { cwd });
  await runCli(["memory", "store", "a", "third", "--session", "s"], { cwd });
  await runCli(["memory", "store", "x", "elsewhere", "--session", "other"], { cwd });
  for (const wait of ["schema-complete", "build/done"]) {
    const args = ["hooks", "session-restore", "--session-id", "s", "--wait", wait, "--json"];
    const { ended } = await started(args, cwd);
    await runCli(["hooks", "notify", "--message", "something else"], { cwd });
    const sent = await runCli(
      wait === "build/done"
        ? ["hooks", "notify", "--message", "m", "--event", wait]
        : ["hooks", "notify", "--message", wait, "--data", '{"tables":["users"]}', "--json"],
      { cwd },
    );
    expect(sent.code).toBe(0);
    const { stdout, code } = await ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      sessionId: "s",
      count: 2,
      entries: [
        { key: "b", value: "second" },
        { key: "a", value: "third" },
      ],
    });
  }
});

test("session-restore ends with exit code 1 when the time is over, and counts what came since", async () => {
  const cwd = testFolder();
  const wait = ["hooks", "session-restore", "--session-id", "s", "--wait", "go"];
  const late = await runCli([...wait, "--timeout", "0.05"], { cwd });
  expect(late).toMatchObject({ code: 1, stdout: "" });
  expect(late.stderr).toContain("no message go in 0.05 seconds");
  const { version } = JSON.parse(
    (await runCli(["hooks", "notify", "--message", "go", "--json"], { cwd })).stdout,
  );
  const since = await runCli([...wait, "--since", String(version - 1)], { cwd });
  expect(since.code).toBe(0);
  for (const args of [
    ["hooks", "session-restore"],
    ["hooks", "session-restore", "--session-id", "s", "--timeout", "1"],
    [...wait, "--timeout", "-1"],
    ["hooks", "notify"],
    ["hooks", "notify", "--message", "m", "--data", "{"],
  ]) {
    expect((await runCli(args, { cwd })).code, args.join(" ")).toBe(2);
  }
});

test("memory watch prints a line for each change of any process, as it happens, until a signal", async () => {
  const cwd = testFolder();
  const path = join(cwd, ".stigmergy");
  const { child, ended, firstLine } = await started(
    ["memory", "watch", "--namespace", "n", "--json"],
    cwd,
  );
  await using store = await MemoryStore.open({ path });
  await store.store({ key: "elsewhere", value: "v" });
  await store.store({ key: "k", value: "v", namespace: "n" });
  expect(JSON.parse(await firstLine())).toMatchObject({ type: "stored", key: "k", version: 2 });
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ code: 0 });

  await store.delete("k", { namespace: "n" });
  await store.send({ name: "build/done", data: { ok: true } });
  const past = ["memory", "watch", "--since", "0", "--count", "3"];
  const { stdout, code } = await runCli(past, { cwd });
  expect({ code, lines: stdout.trimEnd().split("\n") }).toEqual({
    code: 0,
    lines: [
      "stored   1  default  elsewhere  v",
      "removed  3  n  k",
      'message  4  build/done  {"ok":true}',
    ],
  });
});

test("memory send reaches a watch of its name", async () => {
  const cwd = testFolder();
  const { ended } = await started(["memory", "watch", "--message", "build/*", "--count", "1"], cwd);
  await runCli(["memory", "send", "other"], { cwd });
  const sent = await runCli(["memory", "send", "build/done", '{"commit":"5d1f"}'], { cwd });
  expect(sent.stdout).toBe("sent build/done (version 2)\n");
  expect((await ended).stdout).toBe('message  2  build/done  {"commit":"5d1f"}\n');
  expect((await runCli(["memory", "send", "x", "{"], { cwd })).code).toBe(2);
});
