import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryStore, type SearchMode } from "stigmergy";
import { textOf } from "#dist/measure/memory.js";
import { keep, printTable, setting } from "../support/report.js";

const WORDS = 40;
const QUERIES = 200;
const COLD = 7;
const MODES: readonly SearchMode[] = ["lexical", "semantic", "hybrid"];

/** Runs and prints how long a search takes in small and large stores, warm and from a shell. */
export async function benchSpeed(): Promise<void> {
  const sizes = [setting("BENCH_SMALL", 10_000), setting("BENCH_LARGE", 100_000)];
  const rows: string[][] = [];
  for (const entries of sizes) {
    const folder = mkdtempSync(join(tmpdir(), "stigmergy-speed-"));
    try {
      rows.push(...(await speedOf(folder, entries)));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  console.log(
    `\nretrieval: ${QUERIES} searches of 4 and of 8 words, texts of ${WORDS} words, one thread`,
  );
  printTable(["entries", "p50 ms, 4 words", "p95", "p50 ms, 8 words", "p95"], rows);
}

async function speedOf(path: string, entries: number): Promise<string[][]> {
  const rows: string[][] = [];
  {
    await using store = await MemoryStore.open({ path });
    const stores: number[] = [];
    for (let from = 0; from < entries; from += 1000) {
      await store.transaction((transaction) => {
        for (let i = from; i < Math.min(entries, from + 1000); i++) {
          transaction.store({ key: `notes/${i}`, value: textOf(i, WORDS) });
        }
      });
    }
    for (let i = 0; i < 500; i++) {
      const start = performance.now();
      await store.store({ key: `notes/${i}`, value: textOf(i, WORDS) });
      stores.push(performance.now() - start);
    }
    const first = await timed(() => store.search({ query: textOf(7, 3) }));
    // While words are read, which searches give a turn, the file answers: until then nothing is warm.
    for (let i = 0; i < 2 * QUERIES; i++) await store.search({ query: textOf(i, 3) });
    for (const mode of MODES) {
      const cells = [`${entries} ${mode}`];
      for (const words of [4, 8]) {
        const times: number[] = [];
        for (let i = 0; i < QUERIES; i++) {
          const about = (i * 7919) % entries;
          const query = textOf(about, WORDS)
            .split(" ")
            .slice(3, 3 + words)
            .join(" ");
          const start = performance.now();
          const { hits } = await store.search({ query, mode });
          times.push(performance.now() - start);
          const isFound = hits.some(({ key }) => key === `notes/${about}`);
          if (mode !== "semantic" && words === 8 && !isFound) {
            throw new Error(`search: ${about} is not found by eight of its words`);
          }
        }
        times.sort((a, b) => a - b);
        cells.push(times[QUERIES >> 1].toFixed(2), times[Math.floor(QUERIES * 0.95)].toFixed(2));
      }
      rows.push(cells);
    }
    stores.sort((a, b) => a - b);
    rows.push([`  first search ${first.toFixed(0)} ms, store p50 ${stores[250].toFixed(3)} ms`]);
  }
  const cold: number[] = [];
  for (let i = 0; i < COLD; i++) cold.push(fromShell(path, textOf(i * 31, 3)));
  cold.sort((a, b) => a - b);
  rows[rows.length - 1][0] += `, from a shell ${cold[COLD >> 1].toFixed(0)} ms`;
  rows[rows.length - 1].push("", "", "", "");
  keep(`retrieval speed ${entries}`, rows);
  return rows;
}

/** `stigmergy memory search` as a process of its own. */
function fromShell(path: string, query: string): number {
  const command = new URL("../../../dist/bin/main.js", import.meta.url).pathname;
  const start = performance.now();
  const { status } = spawnSync(process.execPath, [
    ...[command, "memory", "search", query, "--path", path, "--json"],
  ]);
  if (status !== 0) throw new Error(`stigmergy memory search: exit code ${status}`);
  return performance.now() - start;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
