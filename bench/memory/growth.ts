// What does a large store cost: a million entries without vectors, a hundred thousand with?

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryStore } from "#dist/index.js";
import { textOf } from "#dist/measure/memory.js";
import { keep, printTable, setting } from "../support/report.js";

const VALUE_BYTES = 200;
const STORES = 3000;

/** Runs and prints filling, opening, storing and searching of large stores. */
export async function benchStoreGrowth(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "stigmergy-bench-"));
  try {
    const many = await withoutVectors(join(folder, "many"), setting("BENCH_MANY", 1_000_000));
    const near = await withVectors(join(folder, "near"), setting("BENCH_NEAR", 100_000));
    keep("storeGrowth", { many, near });
    console.log(
      `\n${many.entries} entries of ${VALUE_BYTES} bytes, their namespace without vectors`,
    );
    printTable(
      [
        "filled s",
        "file × raw",
        "open ms",
        "store p50, p99 ms",
        "retrieve ms",
        "lexical ms",
        "stats ms",
      ],
      [
        [
          many.fillSeconds.toFixed(0),
          many.fileTimesRaw.toFixed(2),
          many.openMs.toFixed(1),
          `${many.storeP50Ms.toFixed(3)}, ${many.storeP99Ms.toFixed(2)}`,
          many.retrieveMs.toFixed(3),
          many.lexicalMs.toFixed(1),
          many.statsMs.toFixed(1),
        ],
      ],
    );
    console.log(
      `\n${near.entries} entries with vectors, to the answer of a first search by vectors`,
    );
    printTable(
      ["from the store ms", "from the snapshot ms", "… and 1,000 written since ms"],
      [[near.coldMs, near.snapshotMs, near.caughtUpMs].map((each) => each.toFixed(0))],
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function smallValueOf(i: number): string {
  return textOf(i, 50).slice(0, VALUE_BYTES);
}

async function fill(store: MemoryStore, entries: number): Promise<void> {
  for (let from = 0; from < entries; from += 1000) {
    await store.transaction((tx) => {
      for (let i = from; i < Math.min(entries, from + 1000); i++) {
        tx.store({ key: `k/${i}`, value: smallValueOf(i), namespace: "logs" });
      }
    });
  }
}

async function withoutVectors(path: string, entries: number) {
  let fillSeconds: number;
  {
    await using store = await MemoryStore.open({ path });
    await store.configure("logs", { vectors: false });
    const start = performance.now();
    await fill(store, entries);
    await store.gc();
    fillSeconds = (performance.now() - start) / 1000;
  }
  const fileTimesRaw = statSync(join(path, "memory.db")).size / (entries * VALUE_BYTES);
  const start = performance.now();
  await using store = await MemoryStore.open({ path });
  const openMs = performance.now() - start;
  const took = async (call: () => Promise<unknown>): Promise<number> => {
    const from = performance.now();
    await call();
    return performance.now() - from;
  };
  const stores: number[] = [];
  for (let i = 0; i < STORES; i++) {
    const entry = { key: `new/${i}`, value: smallValueOf(entries + i), namespace: "logs" };
    stores.push(await took(() => store.store(entry)));
  }
  stores.sort((a, b) => a - b);
  const retrieves: number[] = [];
  for (let i = 0; i < 1000; i++) {
    const key = `k/${(i * 7919) % entries}`;
    retrieves.push(await took(() => store.retrieve(key, { namespace: "logs" })));
  }
  const statsMs = await took(async () => {
    const found = await store.stats();
    if (found.entries !== entries + STORES) throw new Error(`${found.entries} entries`);
  });
  const query = smallValueOf(entries >> 1)
    .split(" ")
    .slice(5, 9)
    .join(" ");
  const lexicalMs = await took(() => store.search({ query, mode: "lexical" }));
  return {
    entries,
    fillSeconds,
    fileTimesRaw,
    openMs,
    lexicalMs,
    statsMs,
    storeP50Ms: stores[STORES >> 1],
    storeP99Ms: stores[Math.floor(STORES * 0.99)],
    retrieveMs: retrieves.toSorted((a, b) => a - b)[500],
  };
}

async function withVectors(path: string, entries: number) {
  {
    await using store = await MemoryStore.open({ path });
    await fill(store, entries);
  }
  // From the store itself, and so it leaves a snapshot.
  const coldMs = await firstSearch(path, entries);
  const snapshots = [];
  for (let i = 0; i < 5; i++) snapshots.push(await firstSearch(path, entries));
  {
    await using store = await MemoryStore.open({ path });
    await fill(store, 1000);
  }
  const caughtUpMs = await firstSearch(path, entries);
  const snapshotMs = snapshots.toSorted((a, b) => a - b)[2];
  return { entries, coldMs, snapshotMs, caughtUpMs };
}

/** In a process of its own, as agents start; from the call of `open` to the answer. */
async function firstSearch(path: string, entries: number): Promise<number> {
  const at = (entries >> 1) + 7;
  const source = `
    import { MemoryStore } from "#dist/index.js";
    const start = performance.now();
    const store = await MemoryStore.open({ path: ${JSON.stringify(path)} });
    const query = ${JSON.stringify(smallValueOf(at))};
    const { hits } = await store.search({ query, mode: "semantic", limit: 1 });
    const took = performance.now() - start;
    await store.close();
    console.log(JSON.stringify([took, hits[0]?.value === query]));`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", source]);
  const [took, isFound] = JSON.parse(String(stdout)) as [number, boolean];
  if (!isFound) throw new Error("search: its own text does not find it");
  return took;
}
