import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  VectorIndex,
  type Hits,
  type IndexKind,
  type Metric,
  type Precision,
} from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { RowStore } from "#dist/vector/segment/row-store.js";
import { mostRows } from "#dist/vector/segment/segment-size.js";
import { verifySegments } from "#dist/vector/snapshot/verify.js";
import { testFolder } from "../support/folder.ts";
import { range, recall } from "../support/hits.ts";
import { randomVectors, seededRandom } from "../support/random.ts";
import { runModule } from "../support/process.ts";

const METRICS: readonly Metric[] = ["cosine", "l2sq", "dot"];
const KINDS: readonly IndexKind[] = ["exact", "flat", "graph"];

test.each(METRICS)(
  "rows of 8 bits find 98 of 100 true nearest of embeddings' kind, by every kind, metric %s",
  async (metric) => {
    const count = 3000;
    const dim = 384;
    const options = { clusters: 50, decay: 1 };
    const vectors = clusteredVectors(count, dim, 1, options);
    const queries = clusteredVectors(100, dim, 2, options);
    const truth = await answers({ kind: "exact", metric, dim }, vectors, queries);
    for (const kind of KINDS) {
      const found = await answers({ kind, metric, dim, precision: "int8" }, vectors, queries);
      expect(recall(found, truth)).toBeGreaterThan(0.98);
    }
  },
);

test("a row takes a quarter of the bytes; with its links less than 4.5 kB at 768 values, of f32 less than 6.8", async () => {
  const count = 2000;
  const dim = 768;
  const vectors = clusteredVectors(count, dim, 1, { clusters: 20, unit: true });
  const bytesOf = async (kind: IndexKind, precision: Precision): Promise<number> => {
    await using index = await VectorIndex.create({ dim, kind, precision, threads: 2 });
    await index.add(range(0, count), vectors);
    await index.optimize();
    expect(index.stats()).toMatchObject({ kind, precision, rows: count });
    return index.stats().bytes / count;
  };
  expect(await bytesOf("exact", "int8")).toBeLessThan(800);
  expect(await bytesOf("flat", "int8")).toBeLessThan(910);
  expect(await bytesOf("graph", "int8")).toBeLessThan(4500);
  expect(await bytesOf("graph", "f32")).toBeLessThan(6800);
});

test("a segment of 4 GiB has room for as many more rows as they are smaller", () => {
  const graph = { degree: 32, efConstruction: 150, from: 1, least: 1, isForced: true };
  const layout = { dim: 768, metric: "cosine", coded: true, graph, seed: 1, threads: 2 } as const;
  for (const [kind, least] of [
    ["growing", 3],
    ["linked", 1.45],
  ] as const) {
    const [f32, int8] = (["f32", "int8"] as const).map((precision) =>
      mostRows({ ...layout, precision }, kind),
    );
    expect(int8 / f32).toBeGreaterThan(least);
  }
});

test("a graph of rows in 8 bits needs about the beam that one of f32 needs, also where the query is a row", async () => {
  const count = 2500;
  const dim = 384;
  const vectors = clusteredVectors(count, dim, 1, { clusters: 12, unit: true });
  const beams: number[] = [];
  for (const precision of ["f32", "int8"] as const) {
    await using index = await VectorIndex.create({ dim, metric: "l2sq", kind: "graph", precision });
    await index.add(
      Array.from({ length: count }, (_, i) => i),
      vectors,
    );
    await index.optimize();
    const { efSearch, recall } = index.stats();
    expect(recall).toBeGreaterThan(0.99);
    beams.push(efSearch ?? Infinity);
  }
  expect(beams[1]).toBeLessThan(2 * beams[0]);
});

test("the same rows get the same graph on one thread and on three, and rows equal when kept are twins", async () => {
  const count = 1500;
  const dim = 128;
  const vectors = clusteredVectors(count, dim, 1, { clusters: 30 });
  // A tenth of a step apart: kept, they are the same.
  for (let i = 0; i < 40 * dim; i++) vectors[1000 * dim + i] = vectors[i] * (1 + 1e-5 * (i & 1));
  const queries = clusteredVectors(50, dim, 2, { clusters: 30 });
  const work: unknown[] = [];
  for (const metric of METRICS) {
    for (const threads of [1, 3]) {
      const options = { dim, kind: "graph", metric, precision: "int8", threads } as const;
      await using index = await VectorIndex.create(options);
      await index.add(range(0, count), vectors);
      await index.optimize();
      for (let i = 0; i < 50; i++) index.search(queries.subarray(i * dim, (i + 1) * dim));
      expect(await index.verify()).toEqual({ ok: true, rows: count, problems: [] });
      work.push(index.stats().work);
    }
    expect(work.at(-1)).toEqual(work.at(-2));
  }
});

test("rows are brought to 8 bits once: builds, merges, rebuilds and snapshots change no distance", async () => {
  const dim = 100;
  for (const metric of METRICS) {
    const folder = testFolder();
    const options = { dim, kind: "graph", metric, precision: "int8", threads: 2 } as const;
    let index = await VectorIndex.create(options);
    const vectors = randomVectors(900, dim, 1);
    await index.add(range(0, 900), vectors);
    const query = randomVectors(1, dim, 2);
    const before = distancesOf(index.search(query, { k: 900 }));
    for (let round = 0; round < 2; round++) {
      // Longer rows than before: those of inner products are lifted anew.
      await index.add(range(1000 + 300 * round, 300), longer(round));
      await index.optimize();
      await index.remove(range(1000 + 300 * round, 300));
      await index.optimize();
      await index.save(folder);
      await index.close();
      index = await VectorIndex.open(folder, { threads: 2 });
      expect(index.stats().precision).toBe("int8");
      expect(distancesOf(index.search(query, { k: 900 }))).toEqual(before);
    }
    await index.close();
  }

  function longer(round: number): Float32Array {
    return randomVectors(300, dim, 10 + round).map((value) => value * (2 + round));
  }
});

describe("data that rows of 8 bits could be bad at", () => {
  const cases: Record<string, { dim: number; rows: Float32Array }> = {
    "all rows the same": { dim: 64, rows: new Float32Array(1500 * 64).fill(0.5) },
    "zeros among them": {
      dim: 64,
      rows: randomVectors(1500, 64, 1).map((value, i) => (i < 64 * 40 ? 0 : value)),
    },
    "one value": { dim: 1, rows: randomVectors(1200, 1, 2) },
    "two values": { dim: 2, rows: randomVectors(1200, 2, 3) },
    "63 values": { dim: 63, rows: randomVectors(1200, 63, 4) },
    "65 values": { dim: 65, rows: randomVectors(1200, 65, 4) },
    "1,536 values": { dim: 1536, rows: randomVectors(1100, 1536, 5) },
    "lengths from 1e-30 to 1e24": {
      dim: 64,
      rows: randomVectors(1500, 64, 6).map((value, i) => value * 10 ** (((i >> 6) % 10) * 6 - 30)),
    },
    "values beyond what squares of f32 hold": {
      dim: 64,
      rows: randomVectors(1200, 64, 8).map((value, i) => value * (i < 6400 ? 3e38 : 1)),
    },
  };
  test.each(Object.entries(cases))("%s: every kind answers all there is", async (_, data) => {
    const { dim, rows } = data;
    const count = rows.length / dim;
    for (const kind of KINDS) {
      for (const metric of ["l2sq", "dot"] as const) {
        const options = { dim, kind, metric, precision: "int8", threads: 2 } as const;
        await using index = await VectorIndex.create(options);
        await index.add(range(0, count), rows);
        await index.optimize();
        expect(await index.verify()).toEqual({ ok: true, rows: count, problems: [] });
        for (const k of [1, 10, count]) {
          const { keys, distances } = index.search(rows.subarray(0, dim), { k });
          expect(new Set(keys).size).toBe(k);
          expect(distances.some(Number.isNaN)).toBe(false);
          expect([...distances]).toEqual([...distances].toSorted((a, b) => a - b));
        }
      }
    }
  });
});

test("300 changed or cut files of rows of 8 bits are refused, each of them", async () => {
  for (const kind of ["graph", "exact"] as const) {
    const folder = testFolder();
    await using index = await VectorIndex.create({ dim: 20, kind, precision: "int8", threads: 1 });
    await index.add(range(0, 200), randomVectors(200, 20, 1));
    await index.optimize();
    await index.save(folder);
    const files = readdirSync(folder).map((name) => join(folder, name));
    const random = seededRandom(5);
    for (let i = 0; i < 150; i++) {
      const path = files[i % files.length];
      const sound = readFileSync(path);
      const at = Math.floor(random() * sound.length);
      const changed = random() < 0.2 ? sound.subarray(0, at) : Buffer.from(sound);
      if (changed.length === sound.length) changed[at] ^= 1 << Math.floor(random() * 8);
      writeFileSync(path, changed);
      await expect(VectorIndex.open(folder)).rejects.toMatchObject({
        code: expect.stringMatching(/DAMAGED|FORMAT/),
      });
      writeFileSync(path, sound);
    }
    await (await VectorIndex.open(folder)).close();
  }
});

test("verify finds a row of 8 bits that was changed behind its back", () => {
  const layout = { dim: 3, metric: "cosine", coded: false, graph: undefined } as const;
  const store = new RowStore({ ...layout, precision: "int8", threads: 1, seed: 1 });
  store.add([1, 2], Float32Array.from([1, 0, 0, 1, 1, 0]));
  const [segment] = store.segments;
  expect(verifySegments(store.segments, store.keys, store.layout)).toEqual([]);
  const { codes } = segment.rowI8(1);
  codes[5] += codes[5] > 0 ? -1 : 1;
  expect(verifySegments(store.segments, store.keys, store.layout)).toEqual([
    "key 2: its square is not that of its codes",
  ]);
});

test("kind exact answers the same with and without WebAssembly, and opens what the other saved", async () => {
  const folder = testFolder();
  const outputs: string[] = [];
  for (const wasm of ["off", "simd"]) {
    const { stdout, stderr } = await runModule(
      `import { VectorIndex } from "#dist/index.js";
       import { fillRandom, seededRandom } from "#dist/util/random.js";
       const random = (count, seed) => fillRandom(new Float32Array(count * 40), seededRandom(seed));
       const index = ${
         wasm === "off"
           ? `await VectorIndex.create({ dim: 40, kind: "exact", precision: "int8", threads: 1 });
              await index.add(Array.from({ length: 300 }, (_, i) => i), random(300, 1));
              await index.save(${JSON.stringify(folder)})`
           : `await VectorIndex.open(${JSON.stringify(folder)}, { threads: 1 })`
       };
       const { keys } = index.search(random(1, 2));
       console.log(index.stats().precision, ...keys);
       await index.close();`,
      { env: { STIGMERGY_WASM: wasm } },
    );
    expect(stderr).toBe("");
    outputs.push(stdout);
  }
  expect(outputs[0]).toMatch(/^int8 (\d+ ){9}\d+\n$/);
  expect(outputs[1]).toBe(outputs[0]);
});

test("a precision that there is not, or not for a kind, is refused with a reason", async () => {
  const create = (options: object) => VectorIndex.create({ dim: 4, ...options } as { dim: number });
  await expect(create({ precision: "int4" })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  await expect(create({ precision: "int8", kind: "hnswlib" })).rejects.toMatchObject({
    code: "NOT_SUPPORTED",
  });
});

async function answers(
  options: Parameters<typeof VectorIndex.create>[0],
  vectors: Float32Array,
  queries: Float32Array,
): Promise<Hits[]> {
  await using index = await VectorIndex.create({ ...options, threads: 2 });
  await index.add(range(0, vectors.length / options.dim), vectors);
  await index.optimize();
  return index.searchMany(queries);
}

/** Distances by key: in any order of equal ones. */
function distancesOf({ keys, distances }: Hits): [number, number][] {
  return Array.from(keys, (key, i): [number, number] => [key, distances[i]]).sort(
    (a, b) => a[0] - b[0],
  );
}
