import { largest } from "../training/calibration.ts";
import type { SequenceData } from "./sequence-data.ts";

const LONGEST = 3; // events of a context
const SMOOTHING = 0.1; // added to every count, so that nothing is impossible

/** What counting alone reaches on the held-out samples of "next". */
export interface NextBaselines {
  /** Share right of always saying the event that followed most often. */
  readonly commonest: number;
  /** Of saying what most often followed the last event: a Markov chain; and its loss, in nats. */
  readonly markov: number;
  readonly markovLoss: number;
  /** Of saying what most often followed the last three events, or the longest end of them ever met. */
  readonly context: number;
}

/** What counting alone reaches on the held-out samples of "time": mean absolute errors, ms. */
export interface TimeBaselines {
  /** Of always saying the median. */
  readonly median: number;
  /** Of saying the median after such a last event. */
  readonly byEvent: number;
}

/** Counts what followed what in the samples learned from. */
export function nextBaselines(data: SequenceData): NextBaselines {
  const classes = data.classes?.labels.length ?? 0;
  const tables = Array.from({ length: LONGEST + 1 }, () => new Map<string, Uint32Array>());
  for (const sample of data.split.learning) {
    tables.forEach((table, length) => {
      const context = contextOf(data, sample, length);
      if (context === undefined) return;
      const counts = table.get(context) ?? new Uint32Array(classes);
      table.set(context, counts);
      counts[data.numbers[sample]]++;
    });
  }
  const known = (sample: number, longest: number): Uint32Array => {
    for (let length = longest; length > 0; length--) {
      const counts = tables[length].get(contextOf(data, sample, length) ?? "");
      if (counts !== undefined) return counts;
    }
    return tables[0].get("") as Uint32Array;
  };
  const { heldOut } = data.split;
  const share = (longest: number): number => {
    const right = heldOut.filter((each) => largest(known(each, longest)) === data.numbers[each]);
    return right.length / heldOut.length;
  };
  let loss = 0;
  const learned = heldOut.filter((each) => data.numbers[each] < classes);
  for (const sample of learned) {
    const counts = known(sample, 1);
    const all = counts.reduce((sum, count) => sum + count + SMOOTHING, 0);
    loss -= Math.log((counts[data.numbers[sample]] + SMOOTHING) / all);
  }
  return {
    commonest: share(0),
    markov: share(1),
    markovLoss: loss / learned.length,
    context: share(LONGEST),
  };
}

/** The names of a sample's last events; undefined when it has not so many. */
function contextOf(data: SequenceData, sample: number, length: number): string | undefined {
  const end = data.lengths[sample];
  if (end < length) return undefined;
  const events = data.sequences[data.of[sample]].slice(end - length, end);
  return length === 0 ? "" : JSON.stringify(events.map(({ name }) => name));
}

/** Medians of the samples learned from. */
export function timeBaselines(data: SequenceData): TimeBaselines {
  const after = new Map<string, number[]>();
  const { targets } = data;
  for (const sample of data.split.learning) {
    const name = contextOf(data, sample, 1) ?? "";
    const known = after.get(name);
    if (known === undefined) after.set(name, [targets[sample]]);
    else known.push(targets[sample]);
  }
  const median = medianOf([...after.values()].flat());
  const medians = new Map([...after].map(([name, times]) => [name, medianOf(times)]));
  const { heldOut } = data.split;
  const errorOf = (answer: (sample: number) => number): number =>
    heldOut.reduce((sum, each) => sum + Math.abs(answer(each) - targets[each]), 0) / heldOut.length;
  return {
    median: errorOf(() => median),
    byEvent: errorOf((each) => medians.get(contextOf(data, each, 1) ?? "") ?? median),
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
