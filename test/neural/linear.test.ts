import { describe, expect, test } from "vitest";
import { linearShape, solveLinear } from "#dist/neural/training/linear.js";
import { tensorsFor } from "#dist/neural/network/tensors.js";
import { seededRandom } from "#dist/util/random.js";

const FEATURES = 12;
const LABELS = 5;
const COUNT = 60;

/** Samples of five labels: each has the feature of its label, and others. */
function labeledRows() {
  const random = seededRandom(3);
  const labels = Uint32Array.from({ length: COUNT }, (_, i) => i % LABELS);
  const ids = Array.from(labels, (label) => [label, LABELS + Math.floor(random() * 7)]).flat();
  const rows = {
    starts: Uint32Array.from({ length: COUNT + 1 }, (_, i) => 2 * i),
    ids: Uint32Array.from(ids),
    values: new Float32Array(ids.length).fill(Math.SQRT1_2),
  };
  return { rows, labels };
}

function solve(scale: number, beside?: ReturnType<typeof tensorsFor>) {
  const { rows, labels } = labeledRows();
  const input = {
    rows,
    labels,
    weights: new Float32Array(COUNT).fill(1),
    learning: Uint32Array.from(labels.keys()),
    features: FEATURES,
    classes: LABELS,
    seed: 1,
    threads: 1,
  };
  return solveLinear(input, scale, beside);
}

function outputsOf(network: Awaited<ReturnType<typeof solve>>): Float32Array {
  return network.forward({ count: COUNT, sparse: labeledRows().rows });
}

describe("a linear model of each label against the rest", () => {
  test("tells labels apart by the features that are theirs alone", async () => {
    const outputs = outputsOf(await solve(1));
    labeledRows().labels.forEach((label, i) => {
      const row = outputs.subarray(i * LABELS, (i + 1) * LABELS);
      expect(row.indexOf(Math.max(...row))).toBe(label);
    });
  });

  test("gives margins in the scale asked for", async () => {
    const plain = outputsOf(await solve(1));
    const scaled = outputsOf(await solve(3));
    scaled.forEach((value, i) => expect(value).toBeCloseTo(3 * plain[i], 4));
  });

  test("adds its outputs to those of the values that it is given", async () => {
    const beside = tensorsFor(linearShape(FEATURES, LABELS));
    const random = seededRandom(9);
    const { values, stride } = beside.matrix("wide");
    const given: number[][] = Array.from({ length: FEATURES }, (_, row) =>
      Array.from({ length: LABELS }, (_, col) => (values[row * stride + col] = random() - 0.5)),
    );
    const bias = Array.from({ length: LABELS }, (_, col) => {
      return (beside.values("outputBias")[col] = random());
    });
    const plain = outputsOf(await solve(2));
    const both = outputsOf(await solve(2, beside));
    const { rows } = labeledRows();
    both.forEach((value, at) => {
      const i = Math.floor(at / LABELS);
      const label = at % LABELS;
      const own = [rows.ids[2 * i], rows.ids[2 * i + 1]];
      const added = own.reduce((sum, id) => sum + Math.SQRT1_2 * given[id][label], bias[label]);
      // Both tables are rounded to 8 bits, 1/254 of the largest value of a row.
      expect(Math.abs(value - plain[at] - added)).toBeLessThan(0.05);
    });
  });
});
