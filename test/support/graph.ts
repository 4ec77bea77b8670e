import { rotate, writeSigns } from "#dist/wasm/vectors/codes.js";
import {
  layOutBuildSpace,
  layOutGraph,
  layOutGraphScratch,
  recordWords,
} from "#dist/wasm/vectors/graph.js";
import {
  applyLinks,
  chooseLinks,
  clearGraph,
  connectGraph,
  rootGraph,
} from "#dist/wasm/vectors/graph-jobs.js";
import { randomVectors } from "./random.ts";
import { testRuntime, type BUILDS } from "./runtime.ts";

/** A graph of random rows, `distinct` of them different, around a center `offset` from zero. */
export function built(
  build: (typeof BUILDS)[number],
  count: number,
  dim: number,
  { parts = 1, distinct = count, offset = 0 } = {},
) {
  const padded = Math.ceil(dim / 64) * 64;
  const { heap, run } = testRuntime(build, 64 << 20);
  const graph = layOutGraph(heap, { dim: padded, degree: 32 }, count);
  const scratch = layOutGraphScratch(heap, padded);
  const space = layOutBuildSpace(heap, 32, count);
  const signs = heap.u32(4 * padded);
  writeSigns(signs, 3);
  const stride = recordWords(graph);
  const rows = (slot: number): Float32Array =>
    graph.records.subarray(slot * stride, slot * stride + padded);
  const vectors = randomVectors(distinct, dim, count + dim).map((value) => value + offset);
  for (let slot = 0; slot < count; slot++) {
    const from = (slot % distinct) * dim;
    rows(slot).set(vectors.subarray(from, from + dim));
    run(rotate(heap, rows(slot), padded, signs));
    for (let j = 0; j < padded; j++) graph.root[j] += rows(slot)[j] / count;
  }
  run(clearGraph(heap, graph, 0, count));
  const slots = space.slots.subarray(0, count);
  for (let slot = 0; slot < count; slot++) slots[slot] = slot;
  run(rootGraph(heap, graph, slots));
  for (let first = 0, size = 64; first < count; first += size, size *= 2) {
    const batch = { slots: slots.subarray(first, first + size), choices: space.choices };
    const { length } = batch.slots;
    for (let part = parts - 1; part >= 0; part--) {
      const [from, end] = [part, part + 1].map((each) => Math.floor((each * length) / parts));
      run(chooseLinks(heap, graph, scratch, batch, [from, end], 100));
    }
    for (let part = parts - 1; part >= 0; part--) {
      run(applyLinks(heap, graph, scratch, batch, part, parts));
    }
  }
  run(connectGraph(heap, graph, scratch, count, space.reached, space.queue, 100));
  return { heap, run, graph, rows, scratch, space };
}

/** Add and rescale of a link, as assembly/codes/factors.ts draws them. */
export function unpackedFactors(word: number): [add: number, rescale: number] {
  const floats = new Float32Array(2);
  new Uint32Array(floats.buffer).set([word & ~0xfff, (word << 19) | 0x80000000]);
  return [floats[0], floats[1]];
}
