import { conditionalLogit } from "./conditional-logit.ts";
import {
  COMPLEMENT_SMOOTHING,
  FeatureCounts,
  LEARNER,
  LEARNERS,
  SMOOTHING,
  smoothLog,
  type CountedSamples,
} from "./feature-counts.ts";

/** Scores that weights are found from, at most, and samples of them at least. */
const MOST_SCORES = 200_000;
const MOST_SAMPLES = 2000;
const LEAST_SAMPLES = 300;
const RIDGE = 3;
/** How much of what they tell is told: with all of it too little is learned beside it, see bench/TRIED.md. */
const TOLD = 0.5;
/** Below this share of a count, what goes from its logarithm is told without one: to 1e-5 of a sample's value. */
const SMALL_SHARE = 0.05;

/** What counts of features tell of labels, all learners of `FeatureCounts` together. */
export interface CountedPart {
  /** f32[features × labels]: what a feature of value 1 adds to the score of each label; 0 in the mean of a row. */
  readonly weights: Float32Array;
  /**
   * f32[samples × labels]: of each sample learned from, the scores that it would have without itself; 0 of others,
   * and in the mean of a row.
   */
  readonly without: Float32Array;
}

/**
 * Weighs what simple learners say of samples that they have not counted, and brings it into one table. Since none
 * of them says anything of a sample by having met it, what is learned beside `without` is what they do not know.
 * Others may have the thread between steps.
 *
 * Source: Wolpert, Stacked generalization, 1992.
 */
export function* countingFeatures(of: CountedSamples): Generator<void, CountedPart> {
  const counts = yield* FeatureCounts.counting(of);
  const shares = yield* weighLearners(counts);
  const weights = yield* tableOf(counts, shares);
  const without = new Float32Array(of.labels.length * of.classes);
  const row = new Float64Array(of.classes);
  for (const sample of of.learning) {
    scoreWithout(counts, shares, weights, sample, row);
    writeCentered(row, without, sample * of.classes);
    yield;
  }
  return { weights, without };
}

/** What each learner of each group counts for: half of what would make the likeliest, f64[learners × groups]. */
function* weighLearners(counts: FeatureCounts): Generator<void, Float64Array> {
  const { learning, labels, classes, groupCount } = counts.of;
  const most = Math.max(LEAST_SAMPLES, Math.min(MOST_SAMPLES, Math.floor(MOST_SCORES / classes)));
  const step = Math.max(1, learning.length / most);
  const count = Math.min(learning.length, most);
  const taken = Uint32Array.from({ length: count }, (_, i) => learning[Math.floor(i * step)]);
  const learners = LEARNERS * groupCount;
  const scores = Array.from({ length: learners }, () => new Float32Array(count * classes));
  const out = new Float64Array(learners * classes);
  for (const [i, sample] of taken.entries()) {
    counts.scoresWithout(sample, out);
    for (let k = 0; k < learners; k++) {
      writeCentered(out.subarray(k * classes, (k + 1) * classes), scores[k], i * classes);
    }
    yield;
  }
  const truth = Uint32Array.from(taken, (sample) => labels[sample]);
  const likeliest = yield* conditionalLogit({ scores, labels: truth, classes }, RIDGE);
  return likeliest.map((each) => TOLD * each);
}

/** What a feature adds to the score of each label. */
function* tableOf(counts: FeatureCounts, shares: Float64Array): Generator<void, Float32Array> {
  const { classes, groups, groupCount } = counts.of;
  const table = new Float32Array(groups.length * classes);
  const of = termsOf(counts, shares);
  const row = new Float64Array(classes);
  for (let feature = 0; feature < groups.length; feature++) {
    const group = groups[feature];
    const [bayes, complement] = sharesOf(shares, group, groupCount);
    const sum = counts.sums[feature];
    const unmet =
      bayes * smoothLog(0, SMOOTHING) - complement * smoothLog(sum, COMPLEMENT_SMOOTHING);
    for (let label = 0; label < classes; label++) {
      const count = counts.counts[feature * classes + label];
      const at = group * classes + label;
      row[label] =
        of.constants[at] +
        (count === 0
          ? unmet
          : bayes * smoothLog(count, SMOOTHING) -
            complement * smoothLog(sum - count, COMPLEMENT_SMOOTHING) +
            of.means[at] * count);
    }
    writeCentered(row, table, feature * classes);
    yield;
  }
  return table;
}

/** Of each group and label: what every feature has of totals, and what a count weighs in the mean. */
function termsOf(counts: FeatureCounts, shares: Float64Array) {
  const { classes, groupCount } = counts.of;
  const constants = new Float64Array(groupCount * classes);
  const means = new Float64Array(groupCount * classes);
  for (let group = 0; group < groupCount; group++) {
    const [bayes, complement, mean] = sharesOf(shares, group, groupCount);
    for (let label = 0; label < classes; label++) {
      const at = group * classes + label;
      constants[at] =
        complement * counts.logRest(group, label, 0) - bayes * counts.logTotal(group, label, 0);
      means[at] = mean * counts.inverseLength(group, label, 0);
    }
  }
  return { constants, means };
}

function sharesOf(shares: Float64Array, group: number, groupCount: number) {
  return [
    shares[LEARNER.bayes * groupCount + group],
    shares[LEARNER.complement * groupCount + group],
    shares[LEARNER.mean * groupCount + group],
  ] as const;
}

/** The scores of a sample without itself: those of the table, less what it added to that. */
function scoreWithout(
  counts: FeatureCounts,
  shares: Float64Array,
  table: Float32Array,
  sample: number,
  out: Float64Array,
): void {
  const { rows, labels, weights, classes, groups, groupCount } = counts.of;
  const own = labels[sample];
  const weight = weights[sample];
  out.fill(0);
  let ofOwn = 0;
  for (let at = rows.starts[sample]; at < rows.starts[sample + 1]; at++) {
    const feature = rows.ids[at];
    const value = rows.values[at];
    const less = weight * value;
    const from = feature * classes;
    const [bayes, complement] = sharesOf(shares, groups[feature], groupCount);
    const sum = counts.sums[feature];
    const count = counts.counts[from + own];
    ofOwn += value * bayes * (smoothLog(count - less, SMOOTHING) - smoothLog(count, SMOOTHING));
    ofOwn += value * table[from + own];
    const factor = value * complement;
    const unmet = factor * logDrop(sum, less);
    for (let label = 0; label < classes; label++) {
      const met = counts.counts[from + label];
      out[label] +=
        value * table[from + label] + (met === 0 ? unmet : factor * logDrop(sum - met, less));
    }
  }
  out[own] = ofOwn;
  counts.partsOf(sample).forEach(({ length, squares, product }, group) => {
    if (length === 0) return;
    const less = weight * length;
    const [bayes, complement, mean] = sharesOf(shares, group, groupCount);
    for (let label = 0; label < classes; label++) {
      if (label === own) continue;
      const drop = counts.logRest(group, label, less) - counts.logRest(group, label, 0);
      out[label] += complement * length * drop;
    }
    const drop = counts.logTotal(group, own, 0) - counts.logTotal(group, own, less);
    const taken = weight * (2 * product - weight * squares);
    const left = (product - weight * squares) * counts.inverseLength(group, own, taken);
    out[own] += bayes * length * drop;
    out[own] += mean * (left - product * counts.inverseLength(group, own, 0));
  });
}

/** How much smaller the logarithm of a count of other labels is without `less` of it. */
function logDrop(count: number, less: number): number {
  const whole = Math.max(0, count) + COMPLEMENT_SMOOTHING;
  if (less < SMALL_SHARE * whole) return less / (whole - less / 2);
  return Math.log(whole) - smoothLog(count - less, COMPLEMENT_SMOOTHING);
}

/** Writes a row less its mean, which no softmax asks about. */
function writeCentered(row: Float64Array, to: Float32Array, at: number): void {
  let mean = 0;
  for (const value of row) mean += value / row.length;
  for (let i = 0; i < row.length; i++) to[at + i] = row[i] - mean;
}
