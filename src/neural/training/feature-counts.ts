import type { SparseRows } from "../features/samples.ts";

/** Samples whose features are counted by label. */
export interface CountedSamples {
  readonly rows: SparseRows;
  /** The label of each sample. */
  readonly labels: Uint32Array;
  /** How much each sample counts. */
  readonly weights: Float32Array;
  /** Samples to learn from. */
  readonly learning: Uint32Array;
  readonly classes: number;
  /** Which group each feature is of, below `groupCount`: learners count groups apart. */
  readonly groups: Uint8Array;
  readonly groupCount: number;
}

/** Learners of a group: scores of one after the other, each of all groups. */
export const LEARNER = { bayes: 0, complement: 1, mean: 2 } as const;
/** How many learners a group has. */
export const LEARNERS = 3;

/** As much of every feature as if samples of a label had it that are not there, */
export const SMOOTHING = 0.01;
/** and of all labels but one. */
export const COMPLEMENT_SMOOTHING = 0.1;

/** Of the squares of a label's sums, less than this is what rounding left of nothing. */
const NOTHING_LEFT = 1e-6;

/**
 * How much of each feature the samples of each label have, and what three learners that need nothing else make
 * of it for each group of features:
 *
 *     naive Bayes             Σ value · ln((count[feature, label] + 0.01) / (total[label] + 0.01 · features))
 *     complement naive Bayes  −Σ value · ln((count of other labels + 0.1) / (total of these + 0.1 · features))
 *     mean                    the cosine to the mean of the label's samples, times the length of what is asked
 *
 * Each can tell exactly what it would say of a sample that it had not counted.
 *
 * Source: Rennie et al., Tackling the poor assumptions of naive Bayes text classifiers, 2003; Salton and Buckley,
 * Term-weighting approaches in automatic text retrieval, 1988.
 */
export class FeatureCounts {
  readonly of: CountedSamples;
  /** f32[features × labels]: values that samples have, weighed. */
  readonly counts: Float32Array;
  /** Of each feature, all labels together. */
  readonly sums: Float64Array;
  /** f64[groups × labels]: values of all features of a group, and their squares. */
  readonly totals: Float64Array;
  readonly squares: Float64Array;
  /** Of each group: values of all features and labels, and features that samples have. */
  readonly groupTotals: Float64Array;
  readonly groupSizes: Float64Array;

  private constructor(of: CountedSamples) {
    const { classes, groups, groupCount } = of;
    this.of = of;
    this.counts = new Float32Array(groups.length * classes);
    this.sums = new Float64Array(groups.length);
    this.totals = new Float64Array(groupCount * classes);
    this.squares = new Float64Array(groupCount * classes);
    this.groupTotals = new Float64Array(groupCount);
    this.groupSizes = new Float64Array(groupCount);
  }

  /** Counts samples; others may have the thread between steps. */
  static *counting(of: CountedSamples): Generator<void, FeatureCounts> {
    const { rows, labels, weights, learning, classes, groups } = of;
    const made = new FeatureCounts(of);
    for (const sample of learning) {
      const label = labels[sample];
      for (let at = rows.starts[sample]; at < rows.starts[sample + 1]; at++) {
        const feature = rows.ids[at];
        const value = weights[sample] * rows.values[at];
        made.counts[feature * classes + label] += value;
        made.sums[feature] += value;
        made.totals[groups[feature] * classes + label] += value;
        made.groupTotals[groups[feature]] += value;
      }
      yield;
    }
    for (let feature = 0; feature < groups.length; feature++) {
      const group = groups[feature];
      if (made.sums[feature] > 0) made.groupSizes[group]++;
      for (let label = 0; label < classes; label++) {
        made.squares[group * classes + label] += made.counts[feature * classes + label] ** 2;
      }
      yield;
    }
    return made;
  }

  /** ln of what a label has of a group, smoothed, without `less` of it. */
  logTotal(group: number, label: number, less: number): number {
    const total = this.totals[group * this.of.classes + label];
    return smoothLog(total - less, SMOOTHING * Math.max(1, this.groupSizes[group]));
  }

  /** ln of what all other labels have of a group, smoothed, without `less` of it. */
  logRest(group: number, label: number, less: number): number {
    const rest = this.groupTotals[group] - this.totals[group * this.of.classes + label];
    return smoothLog(rest - less, COMPLEMENT_SMOOTHING * Math.max(1, this.groupSizes[group]));
  }

  /** 1 / the length of a label's sums in a group once its squares are `less`; 0 where nothing is left. */
  inverseLength(group: number, label: number, less: number): number {
    const squares = this.squares[group * this.of.classes + label];
    const left = squares - less;
    return left <= NOTHING_LEFT * squares ? 0 : 1 / Math.sqrt(left);
  }

  /**
   * What the learners say of a sample that was counted, as if it had not been.
   * @param out f64[learners × groups × labels], overwritten
   */
  scoresWithout(sample: number, out: Float64Array): void {
    const { rows, labels, weights, classes, groups, groupCount } = this.of;
    const own = labels[sample];
    const weight = weights[sample];
    const parts = this.partsOf(sample);
    out.fill(0);
    for (let at = rows.starts[sample]; at < rows.starts[sample + 1]; at++) {
      const feature = rows.ids[at];
      const value = rows.values[at];
      const less = weight * value;
      const sum = this.sums[feature];
      const from = feature * classes;
      const bayes = groups[feature] * classes;
      const complement = (LEARNER.complement * groupCount + groups[feature]) * classes;
      const mean = (LEARNER.mean * groupCount + groups[feature]) * classes;
      const unmet = value * smoothLog(0, SMOOTHING);
      const all = value * smoothLog(sum - less, COMPLEMENT_SMOOTHING);
      for (let label = 0; label < classes; label++) {
        const count = this.counts[from + label];
        if (label === own) {
          out[bayes + label] += value * smoothLog(count - less, SMOOTHING);
          out[complement + label] -= value * smoothLog(sum - count, COMPLEMENT_SMOOTHING);
        } else if (count === 0) {
          out[bayes + label] += unmet;
          out[complement + label] -= all;
        } else {
          out[bayes + label] += value * smoothLog(count, SMOOTHING);
          out[complement + label] -= value * smoothLog(sum - count - less, COMPLEMENT_SMOOTHING);
          out[mean + label] += value * count;
        }
      }
    }
    for (let group = 0; group < groupCount; group++) {
      const { length, squares, product } = parts[group];
      if (length === 0) continue;
      for (let label = 0; label < classes; label++) {
        const isOwn = label === own;
        const bayes = group * classes + label;
        const complement = (LEARNER.complement * groupCount + group) * classes + label;
        const mean = (LEARNER.mean * groupCount + group) * classes + label;
        const less = weight * length;
        out[bayes] -= length * this.logTotal(group, label, isOwn ? less : 0);
        out[complement] += length * this.logRest(group, label, isOwn ? 0 : less);
        if (isOwn) out[mean] = product - weight * squares;
        const taken = isOwn ? weight * (2 * product - weight * squares) : 0;
        out[mean] *= this.inverseLength(group, label, taken);
      }
    }
  }

  /** Of each group: the sum of a sample's values, of their squares, and of their products with its label's counts. */
  partsOf(sample: number): { length: number; squares: number; product: number }[] {
    const { rows, labels, classes, groups, groupCount } = this.of;
    const parts = Array.from({ length: groupCount }, () => ({ length: 0, squares: 0, product: 0 }));
    for (let at = rows.starts[sample]; at < rows.starts[sample + 1]; at++) {
      const part = parts[groups[rows.ids[at]]];
      const value = rows.values[at];
      part.length += value;
      part.squares += value * value;
      part.product += value * this.counts[rows.ids[at] * classes + labels[sample]];
    }
    return parts;
  }
}

/** ln of a count, which rounding may have left below 0, and what is added to it. */
export function smoothLog(count: number, added: number): number {
  return Math.log(Math.max(0, count) + added);
}
