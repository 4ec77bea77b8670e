import { describe, expect, test } from "vitest";
import { conditionalLogit } from "#dist/neural/training/conditional-logit.js";
import { countingFeatures, type CountedPart } from "#dist/neural/training/counted-part.js";
import { FeatureCounts } from "#dist/neural/training/feature-counts.js";
import type { CountedSamples } from "#dist/neural/training/feature-counts.js";
import { seededRandom } from "#dist/util/random.js";
import { finish, Turns } from "#dist/util/turns.js";

const FEATURES = 30;
const LABELS = 4;
const COUNT = 80;
const GROUPS = 2;

/** Samples of four labels, of which each has a feature of its own more often than others; some weigh more. */
function labeledSamples() {
  const random = seededRandom(5);
  const labels = Uint32Array.from({ length: COUNT }, (_, i) => i % LABELS);
  const starts = [0];
  const [ids, values]: number[][] = [[], []];
  for (const label of labels) {
    const own = random() < 0.7 ? [label] : [];
    const others = [...new Set(Array.from({ length: 4 }, () => Math.floor(FEATURES * random())))];
    const all = [...new Set([...own, ...others])];
    ids.push(...all);
    values.push(...all.map(() => 0.2 + random()));
    starts.push(ids.length);
  }
  return {
    rows: {
      starts: Uint32Array.from(starts),
      ids: Uint32Array.from(ids),
      values: Float32Array.from(values),
    },
    labels,
    weights: Float32Array.from(labels, (label) => (label === 1 ? 2 : 1)),
    learning: Uint32Array.from(labels.keys()),
    classes: LABELS,
    groups: Uint8Array.from({ length: FEATURES }, (_, i) => (i < 20 ? 0 : 1)),
    groupCount: GROUPS,
  };
}

function countFeatures(of: CountedSamples): CountedPart {
  return finish(countingFeatures(of));
}

/** The learners' scores of a sample by samples counted in f64: [learner][group][label]. */
function scoresBy(counted: readonly number[], sample: number): number[][][] {
  const { rows, labels, weights, groups } = labeledSamples();
  const counts = Array.from({ length: FEATURES }, () => Array.from({ length: LABELS }, () => 0));
  for (const each of counted) {
    for (let at = rows.starts[each]; at < rows.starts[each + 1]; at++) {
      counts[rows.ids[at]][labels[each]] += weights[each] * rows.values[at];
    }
  }
  const sumOf = (some: readonly number[]): number => some.reduce((sum, each) => sum + each, 0);
  const ofGroup = (group: number) => counts.filter((_, feature) => groups[feature] === group);
  const scoreOf = (learner: number, group: number, label: number): number => {
    const inside = ofGroup(group);
    const own = sumOf(inside.map((row) => row[label]));
    const rest = sumOf(inside.map(sumOf)) - own;
    const length = Math.sqrt(sumOf(inside.map((row) => row[label] ** 2)));
    let score = 0;
    for (let at = rows.starts[sample]; at < rows.starts[sample + 1]; at++) {
      const feature = rows.ids[at];
      if (groups[feature] !== group) continue;
      const count = counts[feature][label];
      const others = sumOf(counts[feature]) - count;
      const told = [
        Math.log((count + 0.01) / (own + 0.01 * inside.length)),
        -Math.log((others + 0.1) / (rest + 0.1 * inside.length)),
        length === 0 ? 0 : count / length,
      ];
      score += rows.values[at] * told[learner];
    }
    return score;
  };
  return [0, 1, 2].map((learner) =>
    [0, 1].map((group) => [0, 1, 2, 3].map((label) => scoreOf(learner, group, label))),
  );
}

function centered(row: ArrayLike<number>): number[] {
  const values = Array.from(row);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

function largest(row: readonly number[]): number {
  return row.indexOf(Math.max(...row));
}

describe("counts of features by label", () => {
  test("say of each sample what they would say had it never been counted", () => {
    const counts = finish(FeatureCounts.counting(labeledSamples()));
    const out = new Float64Array(3 * GROUPS * LABELS);
    for (const sample of [0, 1, 2, 3, 40, 77]) {
      counts.scoresWithout(sample, out);
      const rest = [...labeledSamples().learning].filter((each) => each !== sample);
      const expected = scoresBy(rest, sample).flat(2);
      expected.forEach((score, at) => expect(out[at]).toBeCloseTo(score, 4));
    }
  });

  test("become one table: a row for each feature, whose sums are the scores of all learners, weighed", () => {
    const of = labeledSamples();
    const { weights, without } = countFeatures(of);
    const shares = sharesIn(of);
    const all = [...of.learning];
    for (const sample of [0, 1, 77]) {
      const whole = new Float64Array(LABELS);
      for (let at = of.rows.starts[sample]; at < of.rows.starts[sample + 1]; at++) {
        for (let label = 0; label < LABELS; label++) {
          whole[label] += of.rows.values[at] * weights[of.rows.ids[at] * LABELS + label];
        }
      }
      const told = (counted: readonly number[]): number[] => {
        const scores = scoresBy(counted, sample).flat();
        return centered(
          Array.from({ length: LABELS }, (_, label) =>
            scores.reduce((sum, row, k) => sum + shares[k] * row[label], 0),
          ),
        );
      };
      told(all).forEach((score, label) => expect(whole[label]).toBeCloseTo(score, 3));
      const others = told(all.filter((each) => each !== sample));
      const row = without.subarray(sample * LABELS, (sample + 1) * LABELS);
      others.forEach((score, label) => expect(row[label]).toBeCloseTo(score, 3));
    }
  });

  test("tell more labels right than chance of samples that they have not counted", () => {
    const { without } = countFeatures(labeledSamples());
    const right = [...labeledSamples().labels].filter(
      (label, i) => largest([...without.subarray(i * LABELS, (i + 1) * LABELS)]) === label,
    );
    expect(right.length).toBeGreaterThan(COUNT / 2);
  });

  test("know nothing of samples that are not learned from, and leave out what those have", () => {
    const of = { ...labeledSamples(), learning: Uint32Array.from({ length: 60 }, (_, i) => i) };
    const { without } = countFeatures(of);
    expect(without.subarray(60 * LABELS).every((each) => each === 0)).toBe(true);
    expect(without.subarray(0, 60 * LABELS).every((each) => Number.isFinite(each))).toBe(true);
    const changed = countFeatures({
      ...of,
      labels: of.labels.map((each, i) => (i < 60 ? each : 0)),
    });
    expect(changed.without).toEqual(without);
  });

  test("leave the thread to others while they count, and end when they are told to", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const { rows, labels, weights, ...of } = labeledSamples();
    // So many turns that others come before the last.
    const learning = new Uint32Array(50_000).fill(3);
    const counting = countingFeatures({ ...of, rows, labels, weights, learning });
    setImmediate(() => controller.abort(reason));
    await expect(new Turns(controller.signal).finish(counting)).rejects.toBe(reason);
  });

  test("stay finite where a label has one sample alone", () => {
    const of = labeledSamples();
    const labels = of.labels.map((label, i) => (label === 3 && i !== 3 ? 0 : label));
    const { weights, without } = countFeatures({ ...of, labels });
    expect(weights.every((each) => Number.isFinite(each))).toBe(true);
    expect(without.every((each) => Number.isFinite(each))).toBe(true);
  });
});

/** What each learner of each group counts for among these samples: half of what would make the likeliest. */
function sharesIn(of: ReturnType<typeof labeledSamples>): Float64Array {
  const scores = Array.from({ length: 3 * GROUPS }, () => new Float32Array(COUNT * LABELS));
  for (const sample of of.learning) {
    const rest = [...of.learning].filter((each) => each !== sample);
    scoresBy(rest, sample)
      .flat()
      .forEach((row, k) => scores[k].set(centered(row), sample * LABELS));
  }
  const likeliest = finish(conditionalLogit({ scores, labels: of.labels, classes: LABELS }, 3));
  return likeliest.map((each) => each / 2);
}

describe("weights of learners", () => {
  test("are those at which a softmax makes the true labels likeliest", () => {
    const random = seededRandom(8);
    const labels = Uint32Array.from({ length: 300 }, () => Math.floor(3 * random()));
    const noise = (): Float32Array => Float32Array.from({ length: 900 }, () => random() - 0.5);
    const [first, second, useless] = [noise(), noise(), noise()];
    labels.forEach((label, i) => {
      first[3 * i + label] += 0.4;
      second[3 * i + label] += 0.2;
    });
    const of = { scores: [first, second, useless], labels, classes: 3 };
    const weights = finish(conditionalLogit(of, 1e-6));
    const loss = (at: readonly number[]): number => {
      let sum = 0;
      labels.forEach((label, i) => {
        const row = [0, 1, 2].map((c) =>
          of.scores.reduce((total, scores, k) => total + at[k] * scores[3 * i + c], 0),
        );
        sum += Math.log(row.reduce((total, each) => total + Math.exp(each), 0)) - row[label];
      });
      return sum;
    };
    const least = loss([...weights]);
    for (let k = 0; k < 3; k++) {
      for (const step of [-0.05, 0.05]) {
        const moved = [...weights].map((weight, l) => (l === k ? weight + step : weight));
        expect(loss(moved)).toBeGreaterThan(least);
      }
    }
    expect(weights[0]).toBeGreaterThan(weights[1]);
    expect(Math.abs(weights[2])).toBeLessThan(weights[1]);
  });

  test("are 0 of a learner that gives every label the same", () => {
    const labels = Uint32Array.from([0, 1, 0, 1]);
    const told = Float32Array.from([1, 0, 0, 1, 0, 1, 0, 1]);
    const scores = [told, new Float32Array(8).fill(5)];
    const weights = finish(conditionalLogit({ scores, labels, classes: 2 }, 1));
    expect(weights[0]).toBeGreaterThan(0);
    expect(weights[1]).toBe(0);
  });
});
