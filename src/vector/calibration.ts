import { flat } from "../wasm/codes.ts";
import { searchGraph } from "../wasm/graph-jobs.ts";
import type { LinkOptions } from "./graph-builder.ts";
import type { Segment } from "./segment.ts";

const K = 10;
const TARGET = 0.99;
const BEAMS = [24, 32, 48, 64, 96, 128, 192, 256, 384, 512];
const SIGMAS = 3;
/** Rows whose neighbours a graph is asked for. */
export const SAMPLE = 64;
/** Answers to each: a row's nearest is itself, and tells nothing. */
export const SAMPLE_K = K + 1;

/**
 * Measures which beam finds 99 % of the ten nearest, with rows of the segment as queries, against
 * the answers of its codes. Leaves it with the segment as the default of searches: Infinity where no
 * beam does, as of rows that are all equally far, and then codes answer.
 */
export async function calibrate(
  segment: Segment,
  options: Pick<LinkOptions, "pool" | "layout" | "signal">,
): Promise<void> {
  const { heap, graph, codes, sample, rows, dim, stride, linkedEnd } = segment;
  if (graph === undefined || codes === undefined || sample === undefined) return;
  const { pool, signal } = options;
  const count = Math.min(SAMPLE, linkedEnd);
  for (let i = 0; i < count; i++) {
    const slot = Math.floor((i * linkedEnd) / count);
    sample.scratch.queries.set(segment.row(slot), i * dim);
  }
  // Every row that was linked, dead ones too: this is about links.
  const visible = sample.visible.fill(0xffffffff, 0, Math.ceil(linkedEnd / 32));
  const range = { rows, visible, firstSlot: 0, endSlot: linkedEnd, dim, stride };
  const k = Math.min(SAMPLE_K, linkedEnd);
  const { scratch } = sample;
  await pool.run(heap, flat(heap, range, codes, scratch, count, k, SIGMAS), signal);
  const worst = Array.from({ length: count }, (_, i) => scratch.distances[(i + 1) * k - 1]);
  const isInner = codes.inner;
  segment.defaultEf = Infinity;
  for (const ef of BEAMS) {
    const name = isInner ? "graph_dot_f32" : "graph_l2sq_f32";
    const links = segment.graphScratches[1 + options.layout.threads];
    const job = searchGraph(heap, name, graph, links, visible, scratch, count, ef, k);
    await pool.run(heap, job, signal);
    let found = 0;
    for (let i = 0; i < count; i++) {
      // By distance: of equally near rows any will do.
      const answers = scratch.distances.subarray(i * k, i * k + scratch.counts[i]);
      found += answers.filter((distance) => distance <= worst[i]).length;
    }
    // Each row has found itself.
    segment.recall = k === 1 ? 1 : Math.max(0, found - count) / (count * (k - 1));
    if (segment.recall < TARGET) continue;
    segment.defaultEf = ef;
    return;
  }
}
