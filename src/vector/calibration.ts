import { GraphSample, type SampleOptions } from "./graph-sample.ts";
import type { Segment } from "./segment.ts";

const WANTED = 0.99; // of the ten nearest
const SURE = 2; // standard errors above it that what is measured has to be
const ENOUGH = 0.97; // where no beam reaches that: less, and codes answer instead
const FIRST = 20;
/** The longest beam that searches get by default. */
export const LONGEST_DEFAULT = 512;
const STEPS = 16; // of a beam's length, within which it is found

/**
 * Measures the shortest beam that finds 99 % of the ten nearest, and leaves it with the segment as the default of
 * searches: the longest one where none does, and Infinity where that too finds too little, as of rows that are all
 * equally far.
 * @param slots of rows to ask for, see graph-sample.ts
 */
export async function calibrate(
  segment: Segment,
  slots: Uint32Array,
  options: SampleOptions,
): Promise<void> {
  const sample = await GraphSample.of(segment, slots, options);
  if (sample === undefined) return;
  // The graph is still to take in those that were left out of it. How many lists a search begins with follows from the
  // beam for each row, and more of what is found than from one beam to the next.
  const waiting = slots.filter((slot) => slot >= segment.linkedEnd).length;
  const growth = segment.end / (segment.end - waiting);
  const isEnough = async (ef: number): Promise<boolean> => {
    const { recall, error } = await sample.find(ef);
    const isSure = recall - SURE * error >= WANTED;
    if (!isSure && ef < LONGEST_DEFAULT) return false;
    segment.defaultEf = recall < ENOUGH ? Infinity : Math.ceil(ef * growth);
    segment.recall = recall;
    return isSure;
  };
  let [low, high] = [0, FIRST];
  while (!(await isEnough(high))) {
    if (high === LONGEST_DEFAULT) return;
    [low, high] = [high, Math.min(2 * high, LONGEST_DEFAULT)];
  }
  while (high - low > Math.max(1, high / STEPS)) {
    const middle = (low + high) >> 1;
    if (await isEnough(middle)) high = middle;
    else low = middle;
  }
}
