// How far the scan of codes and the walk of a graph are from what this machine could do at most.

import { VectorIndex } from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { codeWords, estimate, makeTables, tableWords } from "#dist/wasm/vectors/codes.js";
import { Heap } from "#dist/wasm/heap.js";
import { readBytes } from "#dist/wasm/probe.js";
import { fillRandom, seededRandom } from "#dist/util/random.js";
import { keep, printTable } from "../support/report.js";

const DIM = 768;
const ROW_BYTES = 4 * DIM;
const BLOCKS = 200; // 0.7 MB: in the second-level cache
// Of a core that finishes six operations a cycle, two of them shuffles (Zen 4, Golden Cove). Eleven
// operations look four values of 32 codes up.
const CODEBOOK_CYCLES = 11 / 6;

/** Runs and prints the distance from the limit, of codes in cache and of searches in memory. */
export async function benchLimit(): Promise<void> {
  const gigahertz = clock();
  const perBlock = codesNs();
  const least = ((DIM / 4) * CODEBOOK_CYCLES) / gigahertz;
  const { random, perByte } = readNs();
  const search = await searchCost();
  // Each hop reads one row from anywhere, and what else is read follows it; what is computed meanwhile
  // costs nothing at best.
  const rest = search.bytes - search.hops * ROW_BYTES;
  const leastSearch = (search.hops * random + rest * perByte) / 1000;
  keep("limit", { gigahertz, perBlock, least, random, perByte, search });
  console.log(`\nlimits at ${gigahertz.toFixed(2)} GHz (timed dependent additions)`);
  printTable(
    ["", "measured", "at best", "of limit"],
    [
      [
        `FastScan of 32 codes × ${DIM}, in cache, ns`,
        perBlock.toFixed(0),
        least.toFixed(0),
        `${((100 * least) / perBlock).toFixed(0)} %`,
      ],
      [
        `graph search, 60,000 × ${DIM}, ${search.hops.toFixed(0)} hops, µs`,
        search.us.toFixed(1),
        leastSearch.toFixed(1),
        `${((100 * leastSearch) / search.us).toFixed(0)} %`,
      ],
    ],
  );
  console.log(
    `  at best: ${random.toFixed(0)} ns to read a row from anywhere in memory, ` +
      `${(1 / perByte).toFixed(0)} GB/s what follows, ${(search.bytes / 1024).toFixed(0)} KiB a search`,
  );
}

/** Cycles a nanosecond: an addition waits for the one before it, and takes one. */
function clock(): number {
  let best = Infinity;
  for (let pass = 0; pass < 5; pass++) {
    const from = performance.now();
    let x = pass;
    for (let i = 0; i < 50_000_000; i++) x = ((x + i) | 0) ^ 1;
    best = Math.min(best, performance.now() - from + (x === 0.5 ? 1 : 0));
  }
  return (2 * 50_000_000) / (best * 1e6);
}

function codesNs(): number {
  const heap = new Heap(64 * 2 ** 20);
  const codes = {
    centroid: heap.f32(DIM),
    blocks: heap.u32(codeWords(32 * BLOCKS, DIM)),
    inner: false,
  };
  const random = seededRandom(1);
  for (let i = 0; i < codes.blocks.length; i++) codes.blocks[i] = random() * 2 ** 32;
  const tables = heap.u32(tableWords(DIM));
  const out = heap.f32(32 * BLOCKS);
  heap.run(makeTables(heap, fillRandom(heap.f32(DIM), random), tables));
  const job = estimate(heap, codes, tables, 1, out);
  return bestNs(2000, () => heap.run(job)) / BLOCKS;
}

/** To read a row from anywhere in 400 MB, and a byte of all of them in their order. */
function readNs(): { random: number; perByte: number } {
  const heap = new Heap(440 * 10 ** 6);
  const rows = heap.f32(10 ** 8).fill(1);
  const random = seededRandom(2);
  const count = rows.length / DIM;
  const jobs = Array.from({ length: 20_000 }, () => {
    const at = Math.floor(random() * (count - 1)) * DIM;
    return readBytes(heap, rows.subarray(at, at + DIM));
  });
  const all = readBytes(heap, rows);
  return {
    random: bestNs(5, () => jobs.forEach((job) => heap.run(job))) / jobs.length,
    perByte: bestNs(5, () => heap.run(all)) / rows.byteLength,
  };
}

async function searchCost(): Promise<{ us: number; hops: number; bytes: number }> {
  const count = 60_000;
  await using index = await VectorIndex.create({ dim: DIM, kind: "graph" });
  await index.add(
    Array.from({ length: count }, (_, i) => i),
    clusteredVectors(count, DIM, 1, { unit: true }),
  );
  await index.optimize();
  const queries = clusteredVectors(1000, DIM, 2, { unit: true });
  const all = (): void => {
    for (let i = 0; i < 1000; i++) {
      index.search(queries.subarray(i * DIM, (i + 1) * DIM), { efSearch: 64 });
    }
  };
  const ns = bestNs(5, all);
  const { hops = 0, bytes = 0, queries: asked = 1 } = index.stats().work ?? {};
  return { us: ns / 1e6, hops: hops / asked, bytes: bytes / asked };
}

function bestNs(passes: number, run: () => void): number {
  let best = Infinity;
  for (let pass = 0; pass < passes; pass++) {
    const from = performance.now();
    run();
    best = Math.min(best, performance.now() - from);
  }
  return best * 1e6;
}
