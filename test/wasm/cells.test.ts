import { describe, expect, test } from "vitest";
import {
  listRows,
  moveCentroids,
  nearestCells,
  scanCells,
  tidyLists,
} from "#dist/wasm/vectors/cell-jobs.js";
import {
  beginCells,
  cellCount,
  cellsFor,
  isCellCount,
  listBitsFor,
  listBlockOf,
  listBlockWords,
  NO_BLOCK,
  usedBlocks,
} from "#dist/wasm/vectors/cells.js";
import {
  layOutGraph,
  layOutGraphScratch,
  LINK_STATES,
  linksOf,
  takeWork,
} from "#dist/wasm/vectors/graph.js";
import { searchGraph } from "#dist/wasm/vectors/graph-jobs.js";
import { layOutScratch } from "#dist/wasm/vectors/scan.js";
import { built } from "../support/graph.ts";
import { randomVectors } from "../support/random.ts";
import { l2sqReference } from "../support/reference.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

const CODED_BUILDS = BUILDS.filter((build) => build !== "off");

describe.each(CODED_BUILDS)("build %s", (build) => {
  test("estimates of two and of four bits have the published error, and no bias", () => {
    // Half as far from the centroid in squares as from each other: relative errors as published for a
    // centroid that is as far from both as they are from each other (of four bits .0092 at 128, of two .0132
    // at 768; others lie between by √dim).
    for (const [dim, bits, published] of [
      [128, 4, 0.0092],
      [256, 4, 0.0065],
      [384, 2, 0.0187],
      [768, 2, 0.0132],
    ] as const) {
      expect(listBitsFor(dim)).toBe(bits);
      const { graph, rows } = parted(build, 300, dim, 32);
      const { cells } = graph;
      const block = new Float32Array(cells.blocks.buffer, cells.blocks.byteOffset);
      let bias = 0;
      let squares = 0;
      let count = 0;
      for (let q = 0; q < 20; q++) {
        const query = rows(q).map((value, i) => value - graph.root[i]);
        for (const { cell, number, place, slot } of listed(graph)) {
          if (slot === q) continue;
          const centroid = cells.centroids.subarray(cell * dim, (cell + 1) * dim);
          const r = rows(slot).map((value, i) => value - centroid[i]);
          const [l2sq] = l2sqReference(rows(slot), centroid);
          const step = Math.sqrt(l2sq / dim) * (bits === 2 ? 1 : 0.335);
          const most = 2 ** (bits - 1);
          const level = (v: number) =>
            0.5 + Math.min(most - 1, Math.max(-most, Math.floor(v / step)));
          const ip = query.reduce((all, v, j) => all + v * level(r[j]), 0);
          const at = number * listBlockWords(dim) + bits * dim + place;
          const [away] = l2sqReference(rows(q), centroid);
          const estimate = block[at] + away + block[at + 32] * ip;
          const [exact] = l2sqReference(rows(q), rows(slot));
          const scale = exact / Math.sqrt(l2sq * away) / 2;
          const error = ((estimate - exact) / exact) * scale;
          bias += error;
          squares += error * error;
          count++;
        }
      }
      expect(count).toBeGreaterThan(5000);
      expect(Math.sqrt(squares / count)).toBeGreaterThan((0.85 * published) / 1);
      expect(Math.sqrt(squares / count)).toBeLessThan(1.1 * published);
      expect(Math.abs(bias / count)).toBeLessThan(0.1 * published);
    }
  });

  test("every linked row is in the list of the centroid that is about the nearest, once", () => {
    for (const count of [1, 40, 700]) {
      const { graph, rows } = parted(build, count, 64, 32);
      const all = listed(graph);
      const slots = all.map(({ slot }) => slot).toSorted((a, b) => a - b);
      const linked = Array.from({ length: count }, (_, slot) => slot).filter(
        (slot) => linksOf(graph, slot).state === LINK_STATES.linked,
      );
      expect(slots).toEqual(linked);
      expect(isCellCount(cellCount(graph.cells), usedBlocks(graph.cells), count)).toBe(true);
      let excess = 0;
      for (const { cell, slot } of all) {
        const distances = Array.from({ length: 32 }, (_, i) => {
          return l2sqReference(rows(slot), graph.cells.centroids.subarray(i * 64, i * 64 + 64))[0];
        });
        excess += distances[cell] / Math.min(...distances) - 1 || 0;
      }
      expect(excess / count).toBeLessThan(0.02);
    }
  });

  test("lists that were tidied hold the same rows with the same codes, each in one piece", () => {
    for (const dim of [64, 192]) {
      const { heap, run, graph, scratch, space } = parted(build, 1500, dim, 32);
      const words = listBlockWords(dim);
      const block = (number: number) =>
        graph.cells.blocks.slice(number * words, (number + 1) * words - 16);
      const codes = () => listed(graph).map(({ number }) => block(number));
      const rows = listed(graph);
      const before = codes();
      const jumps = rows.filter(({ number }, i) => i > 0 && number < rows[i - 1].number).length;
      expect(jumps).toBeGreaterThan(0);
      run(tidyLists(heap, graph, scratch, space.queue));
      const after = listed(graph);
      expect(after.map(({ cell, place, slot }) => [cell, place, slot])).toEqual(
        rows.map(({ cell, place, slot }) => [cell, place, slot]),
      );
      expect(codes()).toEqual(before);
      const numbers = [...new Set(after.map(({ number }) => number))];
      expect(numbers).toEqual(Array.from({ length: usedBlocks(graph.cells) }, (_, i) => i));
      // The last block of each list is where the next rows go.
      for (let cell = 0; cell < 32; cell++) {
        const its = after.filter((row) => row.cell === cell);
        expect(graph.cells.lists[2 * cell + 1]).toBe(its.at(-1)?.number ?? NO_BLOCK);
      }
    }
  });

  test("a search of all cells finds what looking at every row finds", () => {
    const { heap, run, graph, rows } = parted(build, 900, 100, 64, 300);
    const scratch = layOutScratch(heap, { queries: 4, dim: 128, k: 50, tableWords: 0 });
    const queries = randomVectors(4, 128, 4);
    scratch.queries.set(queries);
    const visible = heap.u32(29).fill(0xffffffff);
    visible[28] = 0xf;
    visible[3] = 0;
    const searched = { graph, graphScratch: layOutGraphScratch(heap, 128), visible };
    const asked = { scratch, queryCount: 4, k: 50 };
    const job = (cells: readonly [number, number]) =>
      scanCells(heap, "cells_l2sq_f32", searched, asked, { cells, sigmas: 4 });
    const looked = run(job([0, 64]));
    expect(looked).toBeLessThan(4 * 900);
    const whole = scratch.distances.slice();
    for (let q = 0; q < 4; q++) {
      const truth = Array.from({ length: 900 }, (_, slot) => slot)
        .filter((slot) => slot < 96 || slot >= 128)
        .map((slot) => l2sqReference(queries.subarray(q * 128, q * 128 + 128), rows(slot))[0])
        .toSorted((a, b) => a - b);
      expect(scratch.counts[q]).toBe(50);
      truth.slice(0, 50).forEach((exact, i) => {
        expect(Math.abs(whole[q * 50 + i] - exact)).toBeLessThan(1e-4 * exact);
      });
    }
    // Two halves hold the same answers as the whole.
    const halves = (
      [
        [0, 20],
        [20, 64],
      ] as const
    ).flatMap((range) => {
      run(job(range));
      return [...scratch.distances.subarray(0, scratch.counts[0])];
    });
    expect(halves.toSorted((a, b) => a - b).slice(0, 50)).toEqual([...whole.subarray(0, 50)]);
  });

  test("a search of a part of the cells reads the nearest, as many as its margin lets, and all until k are found", () => {
    const { heap, run, graph } = parted(build, 900, 100, 64, 600);
    const scratch = layOutScratch(heap, { queries: 4, dim: 128, k: 50, tableWords: 0 });
    scratch.queries.set(randomVectors(4, 128, 4));
    const visible = heap.u32(29);
    const graphScratch = layOutGraphScratch(heap, 128);
    const ask = (margin: number, k: number) => {
      const asked = { scratch, queryCount: 4, k };
      const how = { cells: [0, 64], sigmas: 4, margin } as const;
      run(scanCells(heap, "cells_l2sq_f32", { graph, graphScratch, visible }, asked, how));
      const { distances, slots, counts } = scratch;
      const answers = [distances, slots].map((of) => [...of.subarray(0, 4 * k)]);
      return { answers, counts: [...counts], ...takeWork(graphScratch) };
    };
    visible.fill(0xffffffff)[28] = 0xf;
    takeWork(graphScratch);
    const all = ask(Infinity, 50);
    const parts = [1e30, 0.9, 0.7, 0.5, 1e-9].map((margin) => ask(margin, 50));
    expect(parts[0].answers).toEqual(all.answers);
    for (const [i, { counts, codes, bytes }] of parts.entries()) {
      expect(counts).toEqual([50, 50, 50, 50]);
      expect(codes).toBeLessThanOrEqual(parts[Math.max(0, i - 1)].codes);
      expect(bytes).toBeLessThanOrEqual(parts[Math.max(0, i - 1)].bytes);
    }
    expect(parts[4].codes).toBeLessThan(0.5 * parts[0].codes);
    // Few rows count, and those far away: all are found.
    visible.fill(0);
    visible[3] = 0xff;
    visible[20] = 0xf00;
    const few = ask(1e-9, 50);
    expect(few.counts).toEqual([12, 12, 12, 12]);
    expect(few.codes).toBe(parts[0].codes);
  });

  test("a walk that begins at cells finds more by about as many hops as one that begins at the root", () => {
    const { heap, run, graph, rows } = parted(build, 2000, 64, 64);
    const scratch = layOutScratch(heap, { queries: 50, dim: 64, k: 10, tableWords: 0 });
    const queries = randomVectors(50, 64, 9);
    scratch.queries.set(queries);
    const visible = heap.u32(63).fill(0xffffffff);
    const searched = { graph, graphScratch: layOutGraphScratch(heap, 64), visible };
    const truth = Array.from({ length: 50 }, (_, q) =>
      Array.from({ length: 2000 }, (__, slot) => ({
        slot,
        distance: l2sqReference(queries.subarray(q * 64, q * 64 + 64), rows(slot))[0],
      }))
        .toSorted((a, b) => a.distance - b.distance)
        .slice(0, 10)
        .map(({ slot }) => slot),
    );
    const ask = (): { hops: number; found: number } => {
      const asked = { scratch, queryCount: 50, k: 10 };
      const hops = run(searchGraph(heap, "graph_l2sq_f32", searched, asked, 40));
      const found = truth.reduce((sum, its, q) => {
        const answers = scratch.slots.subarray(q * 10, q * 10 + 10);
        return sum + its.filter((slot) => answers.includes(slot)).length;
      }, 0);
      return { hops, found };
    };
    const byCells = ask();
    graph.cells.description[0] = 0;
    const byRoot = ask();
    expect(byCells.hops).toBeLessThanOrEqual(1.05 * byRoot.hops);
    expect(byCells.found).toBeGreaterThan(byRoot.found);
  });
});

test("bindings of cells refuse lengths that disagree", () => {
  const { heap } = testRuntime("simd", 16 << 20);
  const refused = expect.objectContaining({ code: "DIMENSION" });
  const graph = layOutGraph(heap, { dim: 64, degree: 32 }, 100);
  const graphScratch = layOutGraphScratch(heap, 64);
  const slots = heap.u32(10);
  const nearest = heap.u32(9);
  expect(cellsFor(100)).toBe(32);
  expect(() => beginCells(graph.cells, 64)).toThrow(refused);
  expect(() => nearestCells(heap, graph, graphScratch, slots, nearest, [0, 10])).toThrow(refused);
  expect(() => nearestCells(heap, graph, graphScratch, slots, slots, [0, 11])).toThrow(refused);
  expect(() => moveCentroids(heap, graph, slots, nearest)).toThrow(refused);
  expect(() => listRows(heap, graph, slots, nearest)).toThrow(refused);
  graph.cells.description[5] = 11;
  expect(() => tidyLists(heap, graph, graphScratch, slots)).toThrow(refused);
  const space = layOutScratch(heap, { queries: 1, dim: 64, k: 5, tableWords: 0 });
  const name = "cells_dot_f32";
  const visible = heap.u32(4);
  expect(() =>
    scanCells(
      heap,
      name,
      { graph, graphScratch, visible },
      { scratch: space, queryCount: 1, k: 6 },
      { cells: [0, 32], sigmas: 3 },
    ),
  ).toThrow(refused);
});

/** A graph whose rows are in cells. */
function parted(
  build: (typeof BUILDS)[number],
  count: number,
  dim: number,
  cells: number,
  distinct = count,
) {
  const all = built(build, count, dim, { distinct });
  const { heap, run, graph, scratch } = all;
  beginCells(graph.cells, Math.min(cells, cellsFor(count)));
  const slots = heap.u32(count);
  const nearest = heap.u32(count);
  for (let i = 0; i < count; i++) [slots[i], nearest[i]] = [i, i % cellCount(graph.cells)];
  for (let round = 0; round < 4; round++) {
    run(moveCentroids(heap, graph, slots, nearest));
    run(nearestCells(heap, graph, scratch, slots, nearest, [0, count]));
  }
  const half = count >> 1;
  run(listRows(heap, graph, slots.subarray(0, half), nearest));
  run(listRows(heap, graph, slots.subarray(half), nearest.subarray(half)));
  return all;
}

/** Every row of every list, and where it stands. */
function listed({ cells, dim }: ReturnType<typeof built>["graph"]) {
  const rows: { cell: number; number: number; place: number; slot: number }[] = [];
  for (let cell = 0; cell < cellCount(cells); cell++) {
    for (let number = cells.lists[2 * cell]; number !== NO_BLOCK;) {
      const { slots, next, count } = listBlockOf(cells, dim, number);
      for (let place = 0; place < count; place++) {
        rows.push({ cell, number, place, slot: slots[place] });
      }
      number = next;
    }
  }
  return rows;
}
