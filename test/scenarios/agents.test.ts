import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { testFolder } from "../support/folder.ts";
import { ROOT, runCli } from "../support/process.ts";

const DOOR = pathToFileURL(join(ROOT, "dist", "index.js")).href;
const PROGRAM = `
import { agentsOf, loadAgentTypes, MemoryStore } from ${JSON.stringify(DOOR)};
const store = await MemoryStore.open();
const agents = agentsOf(store);
const types = await loadAgentTypes(store.folder);
await agents.spawn(types, [{ type: "coder", id: "c" }], async ({ agent, signal, heartbeat }) => {
  await store.store({ key: "task", value: JSON.stringify({ agent: "c" }), namespace: "claims" });
  await heartbeat(1);
  console.log("begun", agent.starts);
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
});
process.stdin.resume();
`;

test("an agent whose handler runs in a program is restarted and stopped from the command line; one whose program was killed is stale", async () => {
  const cwd = testFolder();
  const program = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM], {
    cwd,
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void program.kill("SIGKILL"));
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  const said = async (): Promise<string> => String((await lines.next()).value);
  expect(await said()).toBe("begun 1");
  const env = { STIGMERGY_AGENT_TIMEOUT: "1" };
  const run = (...args: string[]) => runCli(["agent", ...args], { cwd });
  const restarted = await run("restart", "c");
  expect(restarted.stdout).toBe("c  begins again as start 2; 1 claims ended, 0 notes removed\n");
  expect(await said()).toBe("begun 2");
  expect((await run("list", "--json")).stdout).toContain('"status": "busy"');
  expect((await run("stop", "c")).code).toBe(1); // it has a task in hand

  program.kill("SIGKILL");
  await once(program, "exit");
  const late = async (): Promise<string> => {
    for (;;) {
      const { stdout } = await runCli(["agent", "list", "--json"], { cwd, env });
      const [{ status, lastHeartbeat }] = JSON.parse(stdout).agents;
      // Two commands take longer than the second that it was given.
      if (Date.now() - Date.parse(lastHeartbeat) > 1500) return status;
    }
  };
  expect(await late()).toBe("stale");
  const stopped = await runCli(["agent", "stop", "--stale", "--force"], { cwd, env });
  expect(stopped).toMatchObject({ code: 0, stdout: "c  stopped; 1 claims ended\n" });
});
