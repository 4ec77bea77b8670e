import { MOST_EF } from "../../wasm/vectors/graph.ts";
import { BEAM_COUNTS, type Beam } from "../segment/beams.ts";
import { listsMicroseconds, partMicroseconds, walkMicroseconds } from "../search/costs.ts";
import { GraphSample, someOf, type Found, type SampleOptions } from "./graph-sample.ts";
import type { Segment } from "../segment/segment.ts";

const WANTED = 0.99; // of the ten nearest
const SURE = 2; // standard errors above it that what is measured has to be
const ENOUGH = 0.97; // where no beam reaches that: less, and codes answer instead
const FIRST = 20;
/** The longest beam that searches get by default. */
export const LONGEST_DEFAULT = 512;
const STEPS = 16; // of a beam's length, within which it is found
// For more answers fewer rows are asked, as each tells more, and beams are told within an eighth of their length.
const MOST_ROWS = 128;
const ROWS_ANSWERED = 16384;
const LEAST_ROWS = 24;
const LONGER = 1.5;
const STEPS_OF_MORE = 8;
const SURE_OF_MORE = 1;
// Margins that are tried, from the first on until one finds enough, and within what they are told then.
const FIRST_MARGIN = 0.5;
const MARGIN_GROWTH = 1.25;
const MOST_MARGIN = 8;
const MARGIN_STEP = 1.03;
const ANSWERED_SHARE = 4; // one of so many rows at most: beyond that codes are as good

/**
 * Measures the shortest beam that finds 99 % of the ten nearest, and leaves it with the segment as the default of
 * searches: the longest one where none does, and Infinity where that too finds too little, as of rows that are all
 * equally far. Also what more answers take, see beams.ts.
 * @param slots of rows to ask for, see graph-sample.ts
 */
export async function calibrate(
  segment: Segment,
  slots: Uint32Array,
  options: SampleOptions,
): Promise<void> {
  segment.beams = [];
  const sample = await GraphSample.of(segment, slots, options, BEAM_COUNTS[0]);
  if (sample === undefined) return;
  // The graph is still to take in those that were left out of it. How many lists a search begins with follows from the
  // beam for each row, and more of what is found than from one beam to the next.
  const waiting = slots.filter((slot) => slot >= segment.linkedEnd).length;
  const growth = segment.end / (segment.end - waiting);
  const seen = new Map<number, Found>();
  const isEnough = async (ef: number): Promise<boolean> => {
    const found = await sample.find(ef);
    const { recall, error } = found;
    seen.set(Math.ceil(ef * growth), found);
    const isSure = recall - SURE * error >= WANTED;
    if (!isSure && ef < LONGEST_DEFAULT) return false;
    segment.defaultEf = recall < ENOUGH ? Infinity : Math.ceil(ef * growth);
    segment.recall = recall;
    return isSure;
  };
  await shortest(isEnough);
  const work = seen.get(segment.defaultEf)?.work;
  const walkUs =
    work === undefined
      ? Infinity
      : Math.fround(walkMicroseconds(segment.dim, segment.defaultEf, work));
  const codesUs = codesMicroseconds(segment, sample);
  const part = await partFor(segment, sample, codesUs);
  segment.beams = [{ k: BEAM_COUNTS[0], ef: segment.defaultEf, walkUs, codesUs, ...part }];
  await calibrateMore(segment, slots, options, growth);
}

async function shortest(isEnough: (ef: number) => Promise<boolean>): Promise<void> {
  let low = 0;
  let high = FIRST;
  while (!(await isEnough(high))) {
    if (high === LONGEST_DEFAULT) return;
    low = high;
    high = Math.min(2 * high, LONGEST_DEFAULT);
  }
  while (high - low > Math.max(1, high / STEPS)) {
    const middle = (low + high) >> 1;
    if (await isEnough(middle)) high = middle;
    else low = middle;
  }
}

/** Measures what more answers take, as long as links find them sooner than the codes of all lists do. */
async function calibrateMore(
  segment: Segment,
  slots: Uint32Array,
  options: SampleOptions,
  growth: number,
): Promise<void> {
  for (const k of BEAM_COUNTS.slice(1)) {
    if (k * ANSWERED_SHARE > segment.end) return;
    const rows = Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(ROWS_ANSWERED / k)));
    const some = Uint32Array.from(someOf(slots, rows));
    const sample = await GraphSample.of(segment, some, options, k);
    if (sample === undefined) return;
    const codesUs = codesMicroseconds(segment, sample);
    const walk = await walkFor(segment, sample, k, codesUs, growth);
    const part = await partFor(segment, sample, codesUs);
    segment.beams = [...segment.beams, { k, codesUs, ...walk, ...part }];
  }
}

/** The shortest beam that finds 99 % of the `k` nearest, if that takes less than `codesUs`. */
async function walkFor(
  { dim, beams }: Segment,
  sample: GraphSample,
  k: number,
  codesUs: number,
  growth: number,
): Promise<Pick<Beam, "ef" | "walkUs">> {
  const before = beams[beams.length - 1];
  const none = { ef: Infinity, walkUs: Infinity };
  if (!Number.isFinite(before.ef)) return none;
  let low = Math.max(k, before.ef) - 1;
  let high = Math.max(k, Math.ceil((before.ef * k) / before.k / 1.4));
  let found = none;
  const isEnough = async (ef: number): Promise<boolean | undefined> => {
    const { recall, error, work } = await sample.find(ef);
    const longer = Math.ceil(ef * growth);
    const walkUs = Math.fround(walkMicroseconds(dim, longer, work));
    if (walkUs >= codesUs || longer > MOST_EF) return undefined;
    if (recall - SURE_OF_MORE * error < WANTED) return false;
    found = { ef: longer, walkUs };
    return true;
  };
  for (;;) {
    const answer = await isEnough(high);
    if (answer === undefined) return none;
    if (answer) break;
    low = high;
    high = Math.min(Math.ceil(LONGER * high), MOST_EF);
    if (low === high) return none;
  }
  while (high - low > Math.max(1, high / STEPS_OF_MORE)) {
    const middle = (low + high) >> 1;
    if ((await isEnough(middle)) === true) high = middle;
    else low = middle;
  }
  return found;
}

/**
 * The smallest margin by which codes of a part of the cells find 99 % of the nearest, if that takes less than `codesUs`.
 * From small ones on, which take least.
 */
async function partFor(
  { dim, graph, isI8 }: Segment,
  sample: GraphSample,
  codesUs: number,
): Promise<Pick<Beam, "partUs" | "margin">> {
  let found = { partUs: Infinity, margin: Infinity };
  if (graph === undefined) return found;
  const isEnough = async (margin: number): Promise<boolean | undefined> => {
    const { recall, error, work } = await sample.findPart(margin, MOST_ROWS);
    const { codes, hops: rows } = work;
    const partUs = Math.fround(partMicroseconds(dim, graph.cells, { codes, rows }, isI8));
    if (partUs >= codesUs) return undefined;
    if (recall - SURE_OF_MORE * error < WANTED) return false;
    found = { partUs, margin };
    return true;
  };
  let low = 0;
  let high = FIRST_MARGIN;
  for (;;) {
    const answer = await isEnough(high);
    if (answer === undefined) return found;
    if (answer) break;
    low = high;
    high = Math.fround(MARGIN_GROWTH * high);
    // Where rows are hardly told apart no margin may do.
    if (high > MOST_MARGIN) return found;
  }
  while (low > 0 && high > MARGIN_STEP * low) {
    const middle = Math.fround(Math.sqrt(low * high));
    if ((await isEnough(middle)) === true) high = middle;
    else low = middle;
  }
  return found;
}

function codesMicroseconds({ dim, end, graph, isI8 }: Segment, sample: GraphSample): number {
  if (graph === undefined) return Infinity;
  const { codes, rows } = sample.scanned;
  const work = { uppers: end, wholes: Math.max(0, codes - end), rows };
  // As snapshots keep it.
  return Math.fround(listsMicroseconds(dim, graph.cells, work, isI8));
}
