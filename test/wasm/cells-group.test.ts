import { describe, expect, test } from "vitest";
import { groupCells, listRows, moveCentroids, nearestCells } from "#dist/wasm/vectors/cell-jobs.js";
import { beginCells, cellCount } from "#dist/wasm/vectors/cells.js";
import { layOutGraph, layOutGraphScratch } from "#dist/wasm/vectors/graph.js";
import { searchGraph } from "#dist/wasm/vectors/graph-jobs.js";
import { layOutScratch } from "#dist/wasm/vectors/scan.js";
import { built } from "../support/graph.ts";
import { randomVectors, seededRandom } from "../support/random.ts";
import { l2sqReference } from "../support/reference.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

const CODED_BUILDS = BUILDS.filter((build) => build !== "off");
const DIM = 64;
const CELLS = 2048;
const CAPACITY = CELLS ** 2 / 8;

describe.each(CODED_BUILDS)("build %s", (build) => {
  test("cells that are near each other come to stand in one block, with their lists, however they stood", () => {
    const centroids = clusters();
    const seen: unknown[] = [];
    for (const seed of [1, 2]) {
      const { heap, run, graph, scratch } = graphOf(build);
      const order = shuffled(seed);
      order.forEach((from, i) => {
        graph.cells.centroids.set(centroids.subarray(from * DIM, (from + 1) * DIM), i * DIM);
        graph.cells.lists.set([from, CELLS + from], 2 * i);
      });
      run(groupCells(heap, graph, scratch));
      const { lists, codes, groups } = graph.cells;
      const moved = graph.cells.centroids.slice(0, CELLS * DIM);
      let inCluster = 0;
      for (let i = 0; i < CELLS; i++) {
        const from = lists[2 * i];
        expect(lists[2 * i + 1]).toBe(CELLS + from);
        const same = centroids.subarray(from * DIM, (from + 1) * DIM);
        expect(moved.subarray(i * DIM, (i + 1) * DIM)).toEqual(same);
        if (from >> 5 === lists[2 * (i & ~31)] >> 5) inCluster++;
      }
      // 64 clusters of 32 each: most blocks hold one whole.
      expect(inCluster).toBeGreaterThan(0.6 * CELLS);
      seen.push([moved, lists.slice(0, 2 * CELLS), codes.slice(), groups.slice()]);
    }
    expect(seen[1]).toEqual(seen[0]);
  });

  test("the nearest of many centroids is looked for in the nearest blocks, and found", () => {
    const { heap, run, graph, scratch } = graphOf(build);
    const centroids = randomVectors(CELLS, DIM, 3);
    graph.cells.centroids.set(centroids);
    run(groupCells(heap, graph, scratch));
    const count = 300;
    const slots = heap.u32(count);
    const nearest = heap.u32(count);
    const noise = randomVectors(count, DIM, 4);
    const words = graph.records.length / graph.capacity;
    for (let i = 0; i < count; i++) {
      slots[i] = i;
      const row = noise.subarray(i * DIM, (i + 1) * DIM);
      row.forEach((value, j) => (row[j] = centroids[i * 5 * DIM + j] + 0.5 * value));
      graph.records.set(row, i * words);
    }
    const right = (): number => {
      run(nearestCells(heap, graph, scratch, slots, nearest, [0, count]));
      let same = 0;
      for (let i = 0; i < count; i++) {
        const cell = graph.cells.centroids.subarray(nearest[i] * DIM, (nearest[i] + 1) * DIM);
        same += Number(cell.every((value, j) => value === centroids[i * 5 * DIM + j]));
      }
      return same;
    };
    const byGroups = right();
    const codes = scratch.description[8];
    // Those of 48 blocks and a few, and of the means of all.
    expect(codes).toBeLessThanOrEqual(32 * (48 + 8) + CELLS / 32);
    expect(codes).toBeGreaterThan(32 * 47);
    graph.cells.description[7] = 0;
    const byAll = right();
    expect(scratch.description[8]).toBe(CELLS);
    expect(byGroups).toBeGreaterThan(0.97 * byAll);
  });

  test("a list of many blocks is looked at to its end", () => {
    const count = 1500;
    const dim = 64;
    const asked = 40;
    const { heap, run, graph, scratch, rows } = built(build, count, dim);
    beginCells(graph.cells, 32);
    const slots = heap.u32(count);
    const nearest = heap.u32(count);
    for (let i = 0; i < count; i++) [slots[i], nearest[i]] = [i, i % 32];
    run(moveCentroids(heap, graph, slots, nearest));
    // All in one, as of rows that are all nearest to one centroid.
    run(listRows(heap, graph, slots, nearest.fill(0)));
    expect(cellCount(graph.cells)).toBe(32);
    const answers = layOutScratch(heap, { queries: asked, dim, k: 10, tableWords: 0 });
    const queries = randomVectors(asked, dim, 9);
    answers.queries.set(queries);
    const visible = heap.u32(Math.ceil(count / 32)).fill(0xffffffff);
    const name = "graph_l2sq_f32";
    run(
      searchGraph(
        heap,
        name,
        { graph, graphScratch: scratch, visible },
        { scratch: answers, queryCount: asked, k: 10 },
        200,
      ),
    );
    let found = 0;
    for (let q = 0; q < asked; q++) {
      const query = queries.subarray(q * dim, (q + 1) * dim);
      const distances = Array.from({ length: count }, (_, i) => l2sqReference(query, rows(i))[0]);
      const worst = distances.toSorted((a, b) => a - b)[9];
      const slotsOf = answers.slots.subarray(q * 10, (q + 1) * 10);
      found += slotsOf.filter((slot) => distances[slot] <= worst).length;
    }
    expect(found).toBeGreaterThan(0.97 * 10 * asked);
  });
});

/** 64 clusters of 32 centroids each. */
function clusters(): Float32Array {
  const centers = randomVectors(CELLS / 32, DIM, 1);
  return randomVectors(CELLS, DIM, 2).map(
    (value, at) => 0.2 * value + centers[(at >> 11) * DIM + (at % DIM)],
  );
}

/** A graph with room for so many cells, and none but their centroids. */
function graphOf(build: (typeof BUILDS)[number]) {
  const { heap, run } = testRuntime(build, 1 << 30);
  const graph = layOutGraph(heap, { dim: DIM, degree: 32 }, CAPACITY);
  beginCells(graph.cells, CELLS);
  return { heap, run, graph, scratch: layOutGraphScratch(heap, DIM) };
}

function shuffled(seed: number): Uint32Array {
  const random = seededRandom(seed);
  const order = Uint32Array.from({ length: CELLS }, (_, i) => i);
  for (let i = CELLS - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
