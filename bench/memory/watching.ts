// How soon does a process know what another has written?

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryStore } from "#dist/index.js";
import { keep } from "../support/report.js";

const CHANGES = 1000;

/** Runs and prints the time from a write's acknowledgement to its being told elsewhere. */
export async function benchWatching(): Promise<void> {
  const path = mkdtempSync(join(tmpdir(), "stigmergy-bench-"));
  try {
    await using store = await MemoryStore.open({ path });
    const changes = store.watch();
    const writer = spawn(
      process.execPath,
      [
        "--input-type=module",
        "--eval",
        `import { setTimeout as wait } from "node:timers/promises";
         import { MemoryStore } from "#dist/index.js";
         const store = await MemoryStore.open({ path: ${JSON.stringify(path)} });
         for (let i = 0; i < ${CHANGES}; i++) {
           await wait(Math.random() * 10);
           const at = performance.timeOrigin + performance.now();
           await store.store({ key: "k" + i, value: String(at) });
         }
         await store.close();`,
      ],
      { stdio: "inherit" },
    );
    const delays: number[] = [];
    for await (const change of changes) {
      if (change.type !== "stored") continue;
      const now = performance.timeOrigin + performance.now();
      delays.push(now - Number(change.entry.value));
      if (delays.length === CHANGES) break;
    }
    writer.unref();
    delays.sort((a, b) => a - b);
    const p50 = delays[CHANGES >> 1];
    const p99 = delays[CHANGES * 0.99];
    const most = delays[CHANGES - 1];
    keep("watching", { p50, p99, most });
    console.log(
      `\nwatch: ${CHANGES} changes of another process, from before the write, ms: p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, most ${most.toFixed(1)}`,
    );
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}
