import { flat } from "../wasm/codes.ts";
import { linksOf, LINK_STATES, NO_SLOT } from "../wasm/graph.ts";
import { searchGraph } from "../wasm/graph-jobs.ts";
import type { LinkOptions } from "./graph-builder.ts";
import type { Segment } from "./segment.ts";

const K = 10;
const TARGET = 0.99;
const BEAMS = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];
const SIGMAS = 3;
/** Rows whose neighbours a graph is asked for. */
export const SAMPLE = 128;
/** Answers to each: the nearest of all is the row itself. */
export const SAMPLE_K = K + 1;

/**
 * Measures which beam finds 99 % of the ten nearest to rows of the segment, each passed over as if it
 * were not in the graph, against the answers of its codes. Leaves it with the segment as the default
 * of searches: Infinity where no beam does, as of rows that are all equally far: then codes answer.
 */
export async function calibrate(
  segment: Segment,
  options: Pick<LinkOptions, "pool" | "layout" | "signal">,
): Promise<void> {
  const { heap, graph, codes, sample, rows, dim, stride, linkedEnd } = segment;
  if (graph === undefined || codes === undefined || sample === undefined) return;
  const { pool, layout, signal } = options;
  const { scratch, selves } = sample;
  const count = placeSample(segment);
  const k = Math.min(K, linkedEnd - 1);
  [segment.defaultEf, segment.recall] = [BEAMS[0], 1];
  if (count === 0 || k === 0) return;
  // Every row that was linked, dead ones too: this is about links.
  const visible = sample.visible.fill(0xffffffff, 0, Math.ceil(linkedEnd / 32));
  const range = { rows, visible, firstSlot: 0, endSlot: linkedEnd, dim, stride };
  await pool.run(heap, flat(heap, range, codes, scratch, count, k + 1, SIGMAS), signal);
  // By distance: of equally near rows any will do.
  const worst = Array.from({ length: count }, (_, i) => farthestOther(segment, i, k));
  for (const ef of BEAMS) {
    const name = codes.inner ? "graph_dot_f32" : "graph_l2sq_f32";
    const links = segment.graphScratches[1 + layout.threads];
    const args = [graph, links, visible, scratch, count, ef, k, selves] as const;
    await pool.run(heap, searchGraph(heap, name, ...args), signal);
    let found = 0;
    for (let i = 0; i < count; i++) {
      const answers = scratch.distances.subarray(i * k, i * k + scratch.counts[i]);
      found += answers.filter((distance) => distance <= worst[i]).length;
    }
    segment.defaultEf = ef;
    segment.recall = found / (count * k);
    if (segment.recall >= TARGET) return;
  }
  segment.defaultEf = Infinity;
}

/** Places rows as queries, and their slots beside them; returns how many. */
function placeSample(segment: Segment): number {
  const { graph, sample, linkedEnd, dim } = segment;
  if (graph === undefined || sample === undefined) return 0;
  const step = Math.max(1, Math.floor(linkedEnd / SAMPLE));
  let count = 0;
  for (let from = 0; from < linkedEnd && count < SAMPLE; from += step) {
    // Others stand behind some rows, and would be passed over with them.
    let slot = from;
    while (slot < from + step && !isAlone(segment, slot)) slot++;
    if (slot >= Math.min(from + step, linkedEnd)) continue;
    sample.scratch.queries.set(segment.row(slot), count * dim);
    sample.selves[count++] = slot;
  }
  return count;
}

function isAlone({ graph, linkedEnd }: Segment, slot: number): boolean {
  if (graph === undefined || slot >= linkedEnd) return false;
  const { state, twin } = linksOf(graph, slot);
  return state === LINK_STATES.linked && twin === NO_SLOT;
}

/** The distance of the k-th nearest but itself, which the codes have answered among k + 1. */
function farthestOther(segment: Segment, query: number, k: number): number {
  return segment.sample?.scratch.distances[query * (k + 1) + k] ?? 0;
}
