import { expect, test } from "vitest";
import { testFolder } from "../support/folder.ts";
import { runCli } from "../support/process.ts";

function commands(cwd = testFolder(), env: Record<string, string> = {}) {
  const run = (...args: string[]) => runCli(args, { cwd, env });
  const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);
  return { cwd, run, json };
}

test("store with --if-version keeps what others have written meanwhile", async () => {
  const { run, json } = commands();
  const { version } = await json("memory", "store", "k", "one", "--if-version", "0");
  const taken = await run("memory", "store", "k", "two", "--if-version", "0");
  expect(taken).toMatchObject({ code: 1, stdout: "" });
  expect(taken.stderr).toMatch(
    /^stigmergy: CONFLICT: key "k" .*expected no entry, found version 1/,
  );
  const ours = ["memory", "store", "k", "three", "--if-version", String(version)];
  expect((await run(...ours)).code).toBe(0);
  expect((await run(...ours)).code).toBe(1);
  const late = await run("memory", "delete", "k", "--if-version", String(version));
  expect(late.stderr).toContain("CONFLICT");
  expect((await run("memory", "get", "k")).stdout).toBe("three\n");
});

test("store keeps provenance and pins, and get --history prints earlier values", async () => {
  const { run, json } = commands();
  await run("memory", "namespace", "default", "--history", "2");
  const how = ["--provenance", "tool_result", "--pinned", "--agent", "coder"];
  expect(await json("memory", "store", "k", "one", ...how)).toMatchObject({
    provenance: "tool_result",
    pinned: true,
    agent: "coder",
  });
  expect(await json("memory", "store", "k", "two")).toMatchObject({ pinned: true });
  expect(await json("memory", "store", "k", "three", "--no-pinned")).toMatchObject({
    pinned: false,
  });
  const past = await json("memory", "get", "k", "--history");
  expect(past).toMatchObject([{ value: "two" }, { value: "one", agent: "coder" }]);
  expect((await run("memory", "get", "k", "--history")).stdout).toMatch(
    /^version 2, until .*Z\ntwo/,
  );
  expect(await run("memory", "get", "absent", "--history")).toMatchObject({ code: 1, stdout: "" });
  expect((await run("memory", "store", "k", "v", "--provenance", "hearsay")).code).toBe(2);

  expect(await run("memory", "delete", "k", "--erase")).toMatchObject({ code: 0 });
  expect(await json("memory", "get", "k", "--history")).toEqual([]);
});

test("STIGMERGY_AGENT names who stores, and whose rights count", async () => {
  const { cwd, run } = commands();
  const coder = commands(cwd, { STIGMERGY_AGENT: "coder" });
  expect(await coder.json("memory", "store", "k", "v")).toMatchObject({ agent: "coder" });
  const policy = {
    roles: { admin: [{ namespace: "*", rights: ["admin"] }] },
    agents: { root: { roles: ["admin"] } },
  };
  const input = JSON.stringify(policy);
  expect(await runCli(["memory", "policy", "set", "-"], { cwd, input })).toMatchObject({
    code: 0,
    stdout: "in force: 1 roles, 1 agents\n",
  });
  const refused = await coder.run("memory", "get", "k");
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(/^stigmergy: FORBIDDEN: /);
  expect((await coder.run("memory", "policy", "clear")).stderr).toContain("FORBIDDEN");
  expect((await run("memory", "get", "k")).stdout).toBe("v\n");
  expect(JSON.parse((await run("memory", "policy", "show")).stdout)).toMatchObject(policy);
  expect((await run("memory", "policy", "clear")).code).toBe(0);
  expect((await coder.run("memory", "get", "k")).stdout).toBe("v\n");
  const long = commands(cwd, { STIGMERGY_AGENT: "x".repeat(300) });
  expect((await long.run("memory", "get", "k")).stderr).toContain("STIGMERGY_AGENT");
});

test("list narrows by session, and search by provenance", async () => {
  const { run, json } = commands();
  await run("memory", "store", "a", "red apple", "--session", "s", "--provenance", "user_claim");
  await run("memory", "store", "b", "green apple");
  expect(await json("memory", "list", "--session", "s")).toMatchObject([{ key: "a" }]);
  const found = await json("memory", "search", "apple", "--provenance", "user_claim,tool_result");
  expect(found.hits).toMatchObject([{ key: "a" }]);
  expect((await run("memory", "search", "apple", "--provenance", "hearsay")).code).toBe(2);
});
