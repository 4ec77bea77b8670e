import { buildScratchOf, type LinkOptions } from "./link-jobs.ts";
import type { Plan } from "./planner.ts";
import { jobOf } from "./segment-search.ts";
import type { Segment } from "./segment.ts";

const K = 10;
const WANTED = 0.995; // of rows as queries, which are found a little better than others are
const ENOUGH = 0.97; // where no beam reaches that: less, and codes answer instead
const MARGIN = 1.4; // other queries need a longer beam than rows of the graph do
// Each about a sixth longer than the one before: what a graph needs grows slowly.
const BEAMS = [
  16, 20, 24, 28, 32, 40, 48, 56, 64, 72, 80, 96, 112, 128, 152, 176, 208, 240, 280, 328, 384, 448,
  512,
];
/** Rows whose neighbours a graph is asked for at once. */
export const SAMPLE = 128;
/** Answers to each: a row's nearest is itself, and tells nothing. */
export const SAMPLE_K = K + 1;
// Of 128 rows alone a single one that the graph hardly finds decides, and tells more of itself than of a beam.
const ROUNDS = 4;

/**
 * Measures which beam finds 99.5 % of the ten nearest to rows of the segment, against the answers of
 * its codes, and leaves it, longer by a margin, with the segment as the default of searches: the
 * longest one where none does, and Infinity where that too finds too little, as of rows that are all equally far.
 */
export async function calibrate(
  segment: Segment,
  { pool, layout, signal }: Pick<LinkOptions, "pool" | "layout" | "signal">,
): Promise<void> {
  const { heap, sample, dim, linkedEnd } = segment;
  if (sample === undefined || linkedEnd === 0) return;
  const { scratch } = sample;
  const total = Math.min(ROUNDS * SAMPLE, linkedEnd);
  // Every row that was linked, dead ones too: this is about links.
  const visible = sample.visible.fill(0xffffffff, 0, Math.ceil(linkedEnd / 32));
  const k = Math.min(SAMPLE_K, linkedEnd);
  const graphScratch = buildScratchOf(segment, layout, 0);
  const slots = { firstSlot: 0, endSlot: linkedEnd, end: linkedEnd };
  const range = { ...slots, segment, visible, scratch, graphScratch };
  /** Asks for some rows' neighbours; returns how many rows. */
  async function ask(first: number, plan: Plan): Promise<number> {
    const count = Math.min(SAMPLE, total - first);
    for (let i = 0; i < count; i++) {
      const slot = Math.floor(((first + i) * linkedEnd) / total);
      scratch.queries.set(segment.row(slot), i * dim);
    }
    await pool.run(heap, jobOf(layout, { ...range, plan, queryCount: count, k }), signal);
    return count;
  }
  // By distance: of equally near rows any will do.
  const worst: number[] = [];
  for (let first = 0; first < total; first += SAMPLE) {
    const count = await ask(first, { by: "codes" });
    for (let i = 0; i < count; i++) worst.push(scratch.distances[(i + 1) * k - 1]);
  }
  const wanted = total * (k - 1);
  for (const ef of BEAMS) {
    let missed = 0;
    for (let first = 0; first < total; first += SAMPLE) {
      const count = await ask(first, { by: "graph", ef });
      missed += count * k;
      for (let i = 0; i < count; i++) {
        const answers = scratch.distances.subarray(i * k, i * k + scratch.counts[i]);
        missed -= answers.filter((distance) => distance <= worst[first + i]).length;
      }
    }
    segment.defaultEf = ef;
    // Each row is to find itself, too, which is not counted.
    segment.recall = k === 1 ? 1 : Math.max(0, 1 - missed / wanted);
    if (segment.recall >= WANTED) {
      segment.defaultEf = Math.ceil(ef * MARGIN);
      return;
    }
  }
  if (segment.recall < ENOUGH) segment.defaultEf = Infinity;
}
