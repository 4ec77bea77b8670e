// What do backup, verify, clear and gc of a large store cost, and how long do others wait for them?

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { MemoryStore } from "#dist/index.js";
import { textOf } from "#dist/measure/memory.js";
import { keep, printTable, setting } from "../support/report.js";

/** Runs and prints the upkeep of a large store beside another process that writes every 20 ms. */
export async function benchUpkeep(): Promise<void> {
  const path = mkdtempSync(join(tmpdir(), "stigmergy-bench-"));
  try {
    const entries = setting("BENCH_UPKEEP", 200_000);
    await using store = await MemoryStore.open({ path });
    for (let from = 0; from < entries; from += 1000) {
      await store.transaction((tx) => {
        for (let i = from; i < Math.min(entries, from + 1000); i++) {
          const namespace = i % 2 === 0 ? "notes" : "logs";
          tx.store({ key: `k/${i}`, value: textOf(i, 12).slice(0, 80), namespace });
        }
      });
    }
    await store.gc();
    const works: Record<string, () => Promise<unknown>> = {
      backup: () => store.backup(),
      verify: () => store.verify(),
      "clear of a half": () => store.clear({ namespace: "logs" }),
      gc: () => store.gc(),
    };
    const rows = [];
    for (const [name, work] of Object.entries(works)) rows.push(await timed(path, name, work));
    keep("upkeep", { entries, rows });
    console.log(
      `\n${entries} entries of 80 bytes with vectors, beside a process that writes every 20 ms`,
    );
    printTable(
      [
        "",
        "s",
        "processor's s",
        "longest turn ms",
        "longest write of the other ms",
        "of it failed",
      ],
      rows.map(({ name, seconds, busy, turn, other }) => [
        name,
        ...[seconds, busy].map((each) => each.toFixed(1)),
        ...[turn, other.longest].map((each) => each.toFixed(0)),
        String(other.failed),
      ]),
    );
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

async function timed(path: string, name: string, work: () => Promise<unknown>) {
  const writer = await startWriter(path);
  let turn = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    turn = Math.max(turn, performance.now() - last);
    last = performance.now();
  }, 2);
  const start = performance.now();
  const before = process.cpuUsage();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  await wait(5);
  clearInterval(timer);
  return { name, seconds, busy: (user + system) / 1e6, turn, other: await writer.stop() };
}

async function startWriter(path: string) {
  const source = `
    import { setTimeout as wait } from "node:timers/promises";
    import { MemoryStore } from "#dist/index.js";
    const store = await MemoryStore.open({ path: ${JSON.stringify(path)} });
    const state = { isDone: false };
    process.stdin.on("end", () => (state.isDone = true)).resume();
    let [longest, failed] = [0, 0];
    console.log("ready");
    while (!state.isDone) {
      const start = performance.now();
      await store.store({ namespace: "other", key: "k", value: "written" }).catch(() => failed++);
      longest = Math.max(longest, performance.now() - start);
      await wait(20);
    }
    await store.close();
    console.log(JSON.stringify({ longest, failed }));`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let told = "";
  child.stdout.on("data", (text) => (told += String(text)));
  while (!told.includes("ready")) await once(child.stdout, "data");
  return {
    async stop(): Promise<{ longest: number; failed: number }> {
      child.stdin.end();
      await once(child, "close");
      return JSON.parse(told.slice(told.indexOf("{"))) as { longest: number; failed: number };
    },
  };
}
