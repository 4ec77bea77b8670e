// What does encryption add to a read, and to a write?

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryStore } from "#dist/index.js";
import { keep, printTable } from "../support/report.js";
import { valueOf } from "./driver.js";

const ENTRIES = 2000;
const ROUNDS = 25;

/** Runs and prints reads and writes of 1 KiB, in the clear and sealed, in turns. */
export async function benchSealing(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "stigmergy-bench-"));
  const stores: MemoryStore[] = [];
  try {
    for (const [name, key] of [
      ["clear", {}],
      ["sealed", { encryptionKey: "5e".repeat(32) }],
    ] as const) {
      const store = await MemoryStore.open({
        path: join(folder, name),
        cacheCharacters: 0,
        ...key,
      });
      stores.push(store);
      await store.configure("default", { vectors: false });
    }
    const passes = stores.map(() => ({ writes: [] as number[], reads: [] as number[] }));
    for (let i = 0; i < ENTRIES; i++) {
      const value = valueOf(i);
      for (const [which, store] of stores.entries()) {
        const start = performance.now();
        await store.store({ key: `k/${i}`, value });
        passes[which].writes.push((performance.now() - start) * 1000);
      }
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const [which, store] of stores.entries()) {
        const start = performance.now();
        for (let i = 0; i < ENTRIES; i++) await store.retrieve(`k/${(i * 7919) % ENTRIES}`);
        passes[which].reads.push(((performance.now() - start) * 1000) / ENTRIES);
      }
    }
    const entry = await stores[1].retrieve("k/7");
    if (entry?.value !== valueOf(7)) throw new Error("retrieve: not what was sealed");
    const median = (all: number[]): number => all.toSorted((a, b) => a - b)[all.length >> 1];
    const [clear, sealed] = passes.map(({ reads, writes }) => ({
      readMicros: median(reads),
      writeMicros: median(writes),
    }));
    keep("sealing", { clear, sealed });
    console.log("\nencryption, 1 KiB values, uncached, µs");
    printTable(
      ["", "clear", "sealed", "added"],
      (["readMicros", "writeMicros"] as const).map((name) => [
        name === "readMicros" ? "read" : "write, without vectors",
        ...[clear[name], sealed[name], sealed[name] - clear[name]].map((each) => each.toFixed(1)),
      ]),
    );
  } finally {
    for (const store of stores) await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
