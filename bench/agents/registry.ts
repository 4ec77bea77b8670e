import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { AGENT_CATALOG, MemoryStore } from "#dist/index.js";
import { AgentTypes } from "#dist/agents/types/agent-types.js";
import { loadDriver } from "#dist/memory/file/driver.js";
import { median } from "#dist/measure/timing.js";
import { agentsOf } from "#dist/swarm/agents.js";
import { keep, printTable, setting } from "../support/report.js";

const ROUNDS = 5;
const COUNTS = [10, 25, 50, 100, 1000];
const OUTCOMES = 10; // recorded for each agent

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** What some agents take, each figure of all of them together. */
interface Taken {
  readonly spawnMs: number;
  readonly driverMs: number;
  readonly beatMs: number;
  readonly listMs: number;
  readonly measureMs: number;
  readonly heapBytes: number;
  readonly fileBytes: number;
}

/** What do live agents cost in time and memory, and does each cost as much among many as among few? */
export async function benchRegistry(): Promise<void> {
  process.env.STIGMERGY_MAX_AGENTS = "10000";
  const most = setting("BENCH_LIVE_AGENTS", 1000);
  const counts = COUNTS.filter((count) => count <= most);
  const samples = new Map<number, Taken[]>(counts.map((count) => [count, []]));
  // By turns, so that whatever else the machine does meets all alike; the first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const count of counts) {
      const taken = await measure(count);
      if (round > 0) samples.get(count)?.push(taken);
    }
  }
  keep("agents registry", Object.fromEntries(samples));
  const of = (count: number, field: keyof Taken): number =>
    median((samples.get(count) ?? []).map((each) => each[field]));
  console.log(
    "\nlive agents with handlers that run: one transaction to spawn all, then each a sign",
  );
  console.log(
    `of life, a list, and measured success of ${OUTCOMES} outcomes each (medians of ${ROUNDS})`,
  );
  printTable(
    [
      "agents",
      "spawn ms",
      "driver ms",
      "beats ms",
      "list ms",
      "measure ms",
      "heap KiB",
      "file KiB",
    ],
    counts.map((count) => [
      String(count),
      ...(["spawnMs", "driverMs", "beatMs", "listMs", "measureMs"] as const).map((field) =>
        of(count, field).toFixed(2),
      ),
      ...(["heapBytes", "fileBytes"] as const).map((field) => (of(count, field) / 1024).toFixed(0)),
    ]),
  );
  const each = (field: keyof Taken, unit: number): string =>
    counts.map((count) => ((of(count, field) / count) * unit).toFixed(0)).join(", ");
  console.log(`  each of ${counts.join(", ")}: beat µs ${each("beatMs", 1000)}`);
  console.log(`  heap bytes ${each("heapBytes", 1)}; file bytes ${each("fileBytes", 1)}`);
}

async function measure(count: number): Promise<Taken> {
  const folder = mkdtempSync(join(tmpdir(), "stigmergy-agents-"));
  try {
    await using store = await MemoryStore.open({ path: join(folder, ".stigmergy") });
    const agents = agentsOf(store);
    const types = new AgentTypes(AGENT_CATALOG);
    const requests = Array.from({ length: count }, (_, i) => ({
      type: AGENT_CATALOG[i % AGENT_CATALOG.length].name,
      id: `agent-${i}`,
    }));
    await agents.list(); // what is loaded when it is first used is
    const before = await bytesOf(store);
    let begun = 0;
    const [spawned, spawnMs] = await timed(() =>
      agents.spawn(types, requests, async ({ signal }) => {
        begun++;
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      }),
    );
    const after = await bytesOf(store);
    assert.equal(begun, count);
    const [, beatMs] = await timed(async () => {
      for (const { id } of spawned) await agents.heartbeat(id, { load: 1 });
    });
    for (const { id: agent } of spawned) {
      for (let i = 0; i < OUTCOMES; i++) {
        const metadata = { agent, success: i > 2, durationMs: i };
        await store.models.recordOutcome({ pattern: "prediction", data: { metadata } });
      }
    }
    const [listed, listMs] = await timed(() => agents.list());
    assert.deepEqual(
      listed.map(({ id, status }) => [id, status]),
      requests.map(({ id }) => [id, "busy"]),
    );
    const [measured, measureMs] = await timed(() => agents.measure(listed));
    for (const { id } of requests) assert.equal(measured.get(id)?.successRate, 0.7);
    const driverMs = await driverAlone(
      folder,
      spawned.map((each) => JSON.stringify(each)),
    );
    await agents.close();
    return {
      spawnMs,
      driverMs,
      beatMs,
      listMs,
      measureMs,
      heapBytes: after.heap - before.heap,
      fileBytes: after.file - before.file,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timed<Result>(work: () => Promise<Result>): Promise<[Result, number]> {
  const began = performance.now();
  const result = await work();
  return [result, performance.now() - began];
}

async function bytesOf(store: MemoryStore): Promise<{ heap: number; file: number }> {
  await new Promise((resolve) => setImmediate(resolve));
  const { bytes: file } = await store.persist();
  collect();
  return { heap: process.memoryUsage().heapUsed, file };
}

/** The same rows, inserted by the SQLite driver in one transaction and nothing else. */
async function driverAlone(folder: string, rows: readonly string[]): Promise<number> {
  const { DatabaseSync } = await loadDriver();
  const file = new DatabaseSync(join(folder, "plain.db"));
  try {
    file.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    file.exec("CREATE TABLE agents (id INTEGER PRIMARY KEY, name TEXT UNIQUE, facts TEXT)");
    const began = performance.now();
    file.exec("BEGIN IMMEDIATE");
    const insert = file.prepare("INSERT INTO agents (name, facts) VALUES (?, ?)");
    for (const [i, facts] of rows.entries()) insert.get(`agent-${i}`, facts);
    file.exec("COMMIT");
    return performance.now() - began;
  } finally {
    file.close();
  }
}
