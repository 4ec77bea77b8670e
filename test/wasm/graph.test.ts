import { describe, expect, test } from "vitest";
import { tableWords } from "#dist/wasm/vectors/codes.js";
import {
  degreeOf,
  LINK_STATES,
  layOutGraph,
  layOutGraphScratch,
  linksOf,
  MOST_EF,
  NO_SLOT,
  rootLinksOf,
  type Graph,
} from "#dist/wasm/vectors/graph.js";
import {
  applyLinks,
  chooseLinks,
  clearGraph,
  connectGraph,
  searchGraph,
  searchOthers,
} from "#dist/wasm/vectors/graph-jobs.js";
import { layOutScratch } from "#dist/wasm/vectors/scan.js";
import { built, unpackedFactors } from "../support/graph.ts";
import { randomVectors } from "../support/random.ts";
import { l2sqReference } from "../support/reference.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

const CODED_BUILDS = BUILDS.filter((build) => build !== "off");

describe.each(CODED_BUILDS)("build %s", (build) => {
  test("the estimate of a link's distance has the published error, wherever its row stands", () => {
    // One row is linked to 31 others; queries are as far from it as they are.
    for (const dim of [128, 384, 768]) {
      const { rows, graph } = built(build, 32, dim, { offset: 20 });
      const record = linksOf(graph, 0);
      const factors = new Uint32Array(graph.records.buffer, graph.records.byteOffset);
      // add = ‖link − row‖² + …: with a query that is the row itself, the estimate is ‖link − row‖².
      const sum = (values: Float32Array) => values.reduce((all, value) => all + value, 0);
      const query = rows(0).map((value, i) => value - graph.root[i]);
      let squares = 0;
      let roundings = 0;
      let count = 0;
      record.links.forEach((link, i) => {
        if (link === NO_SLOT) return;
        const [add, rescale] = unpackedFactors(factors[2 * dim + i]);
        // The code's bits are the signs of link − row.
        const ip = query.reduce((all, v, j) => (rows(link)[j] > rows(0)[j] ? all + v : all), 0);
        const estimate = add + rescale * (ip - sum(query) / 2);
        const [exact] = l2sqReference(rows(0), rows(link));
        squares += ((estimate - exact) / exact) ** 2;
        roundings += (add / 4096 / exact) ** 2 / 3;
        count++;
      });
      expect(count).toBe(31);
      // The query stands where codes are relative to: only rounding is left.
      expect(squares).toBeLessThan(1.5 * roundings + count * 1e-8);
      expect(Math.sqrt(squares / count)).toBeLessThan(0.02);
    }
  });

  test("every row is linked, to no row twice and never to itself, and can be reached", () => {
    for (const count of [1, 2, 33, 64, 65, 700]) {
      const { graph } = built(build, count, 64);
      for (let slot = 0; slot < count; slot++) {
        const { links, state } = linksOf(graph, slot);
        const used = [...links].filter((link) => link !== NO_SLOT);
        expect(state).toBe(LINK_STATES.linked);
        expect(new Set(used).size).toBe(used.length);
        expect(used.every((link) => link < count && link !== slot)).toBe(true);
        expect(used.length).toBeGreaterThanOrEqual(Math.min(count - 1, 8));
      }
      expect(reached(graph).size).toBe(count);
    }
  });

  test("a search with a beam as long as the graph finds exactly what a scan finds", () => {
    const { heap, run, graph, rows } = built(build, 300, 100);
    const scratch = layOutScratch(heap, { queries: 5, dim: 128, k: 10, tableWords: 0 });
    const queries = randomVectors(5, 128, 4);
    scratch.queries.set(queries);
    const visible = heap.u32(10).fill(0xffffffff);
    visible[3] = 0;
    const searched = { graph, graphScratch: layOutGraphScratch(heap, 128), visible };
    const job = searchGraph(
      heap,
      "graph_l2sq_f32",
      searched,
      { scratch, queryCount: 5, k: 10 },
      300,
    );
    const visited = run(job);
    for (let q = 0; q < 5; q++) {
      const truth = Array.from({ length: 300 }, (_, slot) => ({
        slot,
        distance: l2sqReference(queries.subarray(q * 128, q * 128 + 128), rows(slot))[0],
      }))
        .filter(({ slot }) => slot < 96 || slot >= 128)
        .toSorted((a, b) => a.distance - b.distance);
      expect(scratch.counts[q]).toBe(10);
      expect([...scratch.slots.subarray(q * 10, q * 10 + 10)]).toEqual(
        truth.slice(0, 10).map(({ slot }) => slot),
      );
    }
    expect(visited).toBeLessThanOrEqual(5 * 300);
    // The same search again: nothing of the first is left behind.
    expect(run(job)).toBe(visited);
  });

  test("a row is answered as if it were not there, and only then", () => {
    const { heap, run, graph, rows } = built(build, 300, 100);
    const scratch = layOutScratch(heap, { queries: 3, dim: 128, k: 10, tableWords: 0 });
    const asked = [7, 150, 299];
    asked.forEach((slot, i) => scratch.queries.set(rows(slot), i * 128));
    const selves = heap.u32(3);
    selves.set([7, 150, NO_SLOT]);
    const visible = heap.u32(10).fill(0xffffffff);
    const searched = { graph, graphScratch: layOutGraphScratch(heap, 128), visible };
    run(searchOthers(heap, searched, { scratch, k: 10 }, selves, 300));
    asked.forEach((slot, i) => {
      const truth = Array.from({ length: 300 }, (_, other) => ({
        other,
        distance: l2sqReference(rows(slot), rows(other))[0],
      }))
        .filter(({ other }) => other !== selves[i])
        .toSorted((a, b) => a.distance - b.distance);
      expect([...scratch.slots.subarray(i * 10, i * 10 + 10)]).toEqual(
        truth.slice(0, 10).map(({ other }) => other),
      );
    });
    const few = selves.subarray(0, 2);
    expect(() => searchOthers(heap, searched, { scratch, k: 11 }, selves, 300)).toThrow();
    run(searchOthers(heap, searched, { scratch, k: 5 }, few, 16));
    expect(scratch.slots.subarray(0, 5)).not.toContain(7);
  });

  test("one part or many, in any order: the records are the same to the bit", () => {
    const [one, many] = [1, 7].map((parts) => built(build, 500, 64, { parts }));
    expect([...many.graph.root]).toEqual([...one.graph.root]);
    const same = many.graph.records.every((value, i) => Object.is(value, one.graph.records[i]));
    expect(same).toBe(true);
  });

  test("of equal rows one is linked, and the others are answered with it", () => {
    const { heap, run, graph } = built(build, 600, 64, { distinct: 3 });
    const states = Array.from({ length: 600 }, (_, slot) => linksOf(graph, slot).state);
    // Those of the first batch don't know each other yet.
    expect(states.filter((state) => state === LINK_STATES.linked).length).toBeLessThanOrEqual(64);
    expect(reached(graph).size).toBe(600);
    const scratch = layOutScratch(heap, { queries: 1, dim: 64, k: 200, tableWords: 0 });
    scratch.queries.set(graph.records.subarray(0, 64));
    const visible = heap.u32(19).fill(0xffffffff);
    const searched = { graph, graphScratch: layOutGraphScratch(heap, 64), visible };
    run(searchGraph(heap, "graph_l2sq_f32", searched, { scratch, queryCount: 1, k: 200 }, 200));
    expect(scratch.counts[0]).toBe(200);
    expect(scratch.distances.every((distance) => distance === 0)).toBe(true);
    expect(new Set(scratch.slots).size).toBe(200);
  });

  test("rows that no link leads to are found, counted and linked again", () => {
    const { heap, run, graph, space, scratch } = built(build, 400, 64);
    // Everybody forgets rows 50 to 59.
    const isLost = (slot: number): boolean => slot >= 50 && slot < 60;
    for (let slot = 0; slot < 400; slot++) {
      const { links } = linksOf(graph, slot);
      links.forEach((link, i) => {
        if (!isLost(slot) && isLost(link)) links[i] = links[0] === link ? links[1] : links[0];
      });
    }
    const root = rootLinksOf(graph);
    root.forEach((link, i) => {
      if (isLost(link)) root[i] = 399;
    });
    const connect = connectGraph(heap, graph, scratch, 400, space.reached, space.queue, 64);
    expect(run(connect)).toBeGreaterThanOrEqual(1);
    expect(reached(graph).size).toBe(400);
    expect(run(connect)).toBe(0);
  });
});

test("bindings of graphs refuse lengths that disagree", () => {
  const { heap } = testRuntime("simd", 16 << 20);
  const refused = expect.objectContaining({ code: "DIMENSION" });
  expect(() => layOutGraph(heap, { dim: 65, degree: 32 }, 10)).toThrow(refused);
  expect(() => layOutGraph(heap, { dim: 64, degree: 31 }, 10)).toThrow(refused);
  const graph = layOutGraph(heap, { dim: 64, degree: 32 }, 10);
  const scratch = layOutGraphScratch(heap, 64);
  expect(() => clearGraph(heap, graph, 0, 11)).toThrow(refused);
  const batch = { slots: heap.u32(2), choices: heap.u32(67) };
  expect(() => chooseLinks(heap, graph, scratch, batch, [0, 2], 10)).toThrow(refused);
  expect(() => applyLinks(heap, graph, scratch, batch, 0, 1)).toThrow(refused);
  const space = layOutScratch(heap, { queries: 1, dim: 64, k: 5, tableWords: tableWords(64) });
  const visible = heap.u32(1);
  const search = (ef: number, k: number) =>
    searchGraph(
      heap,
      "graph_l2sq_f32",
      { graph, graphScratch: scratch, visible },
      { scratch: space, queryCount: 1, k },
      ef,
    );
  expect(() => search(10, 6)).toThrow(refused);
  expect(() => search(MOST_EF + 1, 5)).toThrow(refused);
  expect([1, 31, 32, 33, 64, 1000].map(degreeOf)).toEqual([32, 32, 32, 64, 64, 128]);
});

/** The slots that the root's links lead to, and the equal rows behind them. */
function reached(graph: Graph): Set<number> {
  const found = new Set([...rootLinksOf(graph)].filter((link) => link !== NO_SLOT));
  for (const slot of found) {
    const { links, twin, state } = linksOf(graph, slot);
    if (state === LINK_STATES.linked) links.forEach((link) => link !== NO_SLOT && found.add(link));
    if (twin !== NO_SLOT) found.add(twin);
  }
  return found;
}
