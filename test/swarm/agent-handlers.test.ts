import { expect, test } from "vitest";
import { AGENT_CATALOG, MemoryStore } from "#dist/index.js";
import { AgentTypes } from "#dist/agents/types/agent-types.js";
import { AgentRegistry } from "#dist/agents/registry/registry.js";
import { agentsOf } from "#dist/swarm/agents.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

const types = new AgentTypes(AGENT_CATALOG);

test("a handler runs as its agent, and again when it is restarted from another store of the same file", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path });
  await using other = await MemoryStore.open({ path });
  const begun: number[] = [];
  let tell = (): void => undefined;
  const next = () => new Promise<void>((resolve) => (tell = resolve));
  let waiting = next();
  const [agent] = await agentsOf(store).spawn(types, [{ type: "coder" }], async (run) => {
    begun.push(run.agent.starts);
    await run.heartbeat(1);
    tell();
    await new Promise((resolve) => run.signal.addEventListener("abort", resolve));
  });
  await waiting;
  waiting = next();
  expect(await agentsOf(store).restart(agent.id, "here")).toMatchObject({ by: "handler" });
  await waiting;
  waiting = next();
  expect(await agentsOf(other).restart(agent.id, "there")).toMatchObject({ by: "client" });
  await waiting;
  expect(begun).toEqual([1, 2, 3]);
  expect(await agentsOf(other).get(agent.id)).toMatchObject({ status: "busy", starts: 3 });
  await agentsOf(store).close();
});

test("a restart waits for a handler that goes on up to a limit; the next start begins when it ends at last", async () => {
  const store = await testStore();
  const agents = new AgentRegistry(
    {
      storage: store.agents(),
      outcomes: store.models,
      traces: { endClaims: async () => [], clearNotes: async () => 0 },
      signals: { send: async () => undefined, watch: async function* () {} },
    },
    { most: 9, staleAfterMs: 60_000, patienceMs: 1 },
  );
  const begun: number[] = [];
  let end = (): void => undefined;
  const stubborn = new Promise<void>((resolve) => (end = resolve));
  let tell = (): void => undefined;
  const second = new Promise<void>((resolve) => (tell = resolve));
  const [{ id }] = await agents.spawn(types, [{ type: "coder" }], async ({ agent, signal }) => {
    begun.push(agent.starts);
    if (agent.starts === 1) return stubborn;
    tell();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  });
  expect((await agents.restart(id, "x")).agent.status).toBe("restarting");
  expect(begun).toEqual([1]);
  end();
  await second;
  expect(begun).toEqual([1, 2]);
  expect((await agents.get(id)).status).toBe("idle");
  await agents.close();
});

test("a handler that fails runs again as its policy says, and then is stopped with the reason", async () => {
  const store = await testStore();
  let runs = 0;
  const ended = new Promise<void>((resolve) => {
    void (async () => {
      for await (const change of store.watch({ message: "agent-signal" })) {
        if (change.type === "message" && (change.data as { what: string }).what === "stop") break;
      }
      resolve();
    })();
  });
  const restart = { when: "on-failure", most: 1, withinSeconds: 60 } as const;
  const [{ id }] = await agentsOf(store).spawn(types, [{ type: "coder", restart }], async () => {
    runs++;
    throw new Error("no luck");
  });
  await ended;
  expect(runs).toBe(2);
  expect(await agentsOf(store).get(id)).toMatchObject({
    status: "stopped",
    starts: 2,
    restarts: [{ reason: "failed: no luck" }],
    ended: "failed: no luck; it was restarted 1 times within 60 s",
  });
  await agentsOf(store).close();
});
