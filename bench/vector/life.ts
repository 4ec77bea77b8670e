// What it costs to live with an index: adding while a graph is built, saving, opening, memory.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VectorIndex } from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { keep, printTable, setting } from "../support/report.js";

const DIM = 768;

/** Runs and prints adding, saving and opening, of both kinds. */
export async function benchLife(): Promise<void> {
  const count = setting("BENCH_ROWS", 100_000);
  const vectors = clusteredVectors(count, DIM, 1, { unit: true });
  const keys = Array.from({ length: count }, (_, i) => i);
  const folder = mkdtempSync(join(tmpdir(), "stigmergy-bench-"));
  console.log(`\nlife of an index of ${count} rows × ${DIM}`);
  const results = [];
  try {
    for (const kind of ["flat", "graph"] as const) {
      await using index = await VectorIndex.create({ dim: DIM, kind });
      await index.add(keys, vectors);
      const adds = await addOneByOne(index, vectors, count);
      const build = performance.now();
      await index.optimize();
      const buildSeconds = (performance.now() - build) / 1000;
      const { bytes, rows } = index.stats();
      const save = performance.now();
      await index.save(join(folder, kind));
      const saved = performance.now();
      const opened = await VectorIndex.open(join(folder, kind));
      const openSeconds = (performance.now() - saved) / 1000;
      await opened.close();
      results.push({
        kind,
        ...adds,
        buildSeconds,
        saveSeconds: (saved - save) / 1000,
        openSeconds,
        bytesPerRow: bytes / rows,
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  keep("life", results);
  printTable(
    ["", "add p50 ms", "p99 ms", "while building", "optimize s", "save s", "open s", "B/row"],
    results.map((each) => [
      each.kind,
      each.p50Ms.toFixed(3),
      each.p99Ms.toFixed(3),
      `${Math.round(100 * each.building)} %`,
      each.buildSeconds.toFixed(1),
      each.saveSeconds.toFixed(2),
      each.openSeconds.toFixed(2),
      each.bytesPerRow.toFixed(0),
    ]),
  );
}

/** Adds 2,000 rows, one a call, as an agent would: the event loop has its turn between them. */
async function addOneByOne(index: VectorIndex, vectors: Float32Array, first: number) {
  const times: number[] = [];
  let building = 0;
  for (let i = 0; i < 2000; i++) {
    const from = performance.now();
    await index.add([first + i], vectors.subarray(i * DIM, (i + 1) * DIM));
    times.push(performance.now() - from);
    if (index.stats().isBuilding) building++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  times.sort((a, b) => a - b);
  return { p50Ms: times[1000], p99Ms: times[1980], building: building / 2000 };
}
