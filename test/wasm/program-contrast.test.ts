import { describe, expect, test } from "vitest";
import { OPERATION } from "#dist/wasm/network/program.js";
import { contrastReference, differences } from "../support/network-reference.ts";
import { inShares, rowsOf, worstOf } from "../support/program.ts";
import { BUILDS } from "../support/runtime.ts";

const SHARPNESS = 20;

describe.each(BUILDS)("build %s", (build) => {
  test.each([16, 48, 96])("rows of %i values are brought to unit length", (width) => {
    const rows = 7;
    const written = inShares(build, { rows }, ({ program, floats }) => {
      const values = floats(rows * width);
      values.fill(0, 2 * width, 3 * width);
      const before = floats([...values]);
      const lengths = floats(rows);
      program.add(OPERATION.normalize, [values, width, lengths]);
      return { values, before, lengths };
    });
    rowsOf(written.before, rows, width, width).forEach((row, i) => {
      const length = Math.hypot(...row);
      expect(Math.abs(written.lengths[i] - length)).toBeLessThanOrEqual(1e-6 * length);
      const unit = row.map((value) => (length === 0 ? 0 : value / length));
      const found = [...written.values.subarray(i * width, (i + 1) * width)];
      expect(worstOf(found, unit)).toBeLessThan(1e-6);
    });
  });

  test.each([4, 16, 52])(
    "gradients of unit vectors of %i go back to the rows they were",
    (width) => {
      const rows = 6;
      const random = { rows };
      const written = inShares(build, random, ({ program, floats }) => {
        const vectors = floats(rows * width);
        const gradients = floats(rows * width);
        const lengths = floats([0.5, 2, 0, 3, 1, 0.1]);
        for (let i = 0; i < rows; i++) {
          const vector = vectors.subarray(i * width, (i + 1) * width);
          const length = Math.hypot(...vector);
          vector.forEach((value, j) => (vector[j] = value / length));
        }
        const before = floats([...gradients]);
        program.add(OPERATION.normalizeBack, [vectors, lengths, width, gradients]);
        return { vectors, lengths, gradients, before };
      });
      const { vectors, lengths, gradients, before } = written;
      for (let i = 0; i < rows; i++) {
        const found = gradients.subarray(i * width, (i + 1) * width);
        if (lengths[i] === 0) {
          expect([...found]).toEqual(Array(width).fill(0));
          continue;
        }
        const upper = before.subarray(i * width, (i + 1) * width);
        const row = Array.from(vectors.subarray(i * width, (i + 1) * width), (v) => v * lengths[i]);
        const slopes = differences((values) => {
          const length = Math.hypot(...values);
          return values.reduce((sum, value, j) => sum + (upper[j] * value) / length, 0);
        }, row);
        const size = Math.max(...slopes.map(Math.abs));
        expect(worstOf(found, slopes)).toBeLessThan(3e-6 * Math.max(1, size));
      }
    },
  );

  test.each([8, 24, 64])(
    "%i pairs: the losses of contrast, and the gradients of scores",
    (pairs) => {
      const made = scoresOf(build, pairs);
      const { scores, powers, sums } = powersOf(build, pairs, made);
      const columnSums = Array.from({ length: pairs }, (_, j) =>
        powers.reduce((sum, row) => sum + row[j], 0),
      );
      const written = inShares(build, { rows: pairs }, ({ program, floats }) => {
        const values = floats(powers.flat());
        const outcomes = floats(2 * pairs);
        const scale = { real: SHARPNESS / (2 * pairs) };
        const both = [floats(sums), floats(columnSums)];
        program.add(OPERATION.contrastBack, [values, pairs, scale, ...both, outcomes]);
        return { values, outcomes };
      });
      const losses = contrastReference(scores, pairs, SHARPNESS);
      const found = rowsOf(written.outcomes, pairs, 2, 2);
      expect(
        worstOf(
          found.map(([loss]) => loss),
          losses,
        ),
      ).toBeLessThan(2e-5);
      found.forEach(([, isFirst], i) => {
        const row = scores.slice(i * pairs, (i + 1) * pairs);
        expect(isFirst).toBe(Math.max(...row) > row[i] ? 0 : 1);
      });
      const slopes = differences((values) => {
        const all = contrastReference(values, pairs, SHARPNESS);
        return all.reduce((sum, loss) => sum + loss, 0) / pairs;
      }, scores);
      const largest = Math.max(...slopes.map(Math.abs));
      expect(worstOf(written.values, slopes)).toBeLessThan(1e-5 * largest);
    },
  );

  test("Adagrad moves the rows that a batch met, by the gradients there have been", () => {
    const rows = 9;
    const width = 8;
    const rate = 0.1;
    const met = [7, 2, 5];
    const schedule = [0, 0, Math.fround(rate), 0];
    const written = inShares(build, { rows: 4, schedule }, ({ program, floats, words }) => {
      const table = floats(rows * width);
      const before = floats([...table]);
      const gradients = floats(rows * width);
      gradients[3] = 0;
      const squares = floats(Array(rows * width).fill(0.25));
      squares[7 * width + 3] = 0;
      const places = [words(met), words([met.length])];
      program.add(OPERATION.adagradSparse, [table, gradients, squares, ...places, width]);
      return { table, before, gradients, squares };
    });
    const { table, before, gradients, squares } = written;
    const expected = [...before];
    met.forEach((row, i) => {
      for (let j = 0; j < width; j++) {
        const gradient = gradients[i * width + j];
        const square = (row === 7 && j === 3 ? 0 : 0.25) + gradient ** 2;
        expect(Math.abs(squares[row * width + j] - square)).toBeLessThan(1e-6);
        expected[row * width + j] -= (rate * gradient) / (Math.sqrt(square) + 1e-10);
      }
    });
    expect(worstOf(table, expected)).toBeLessThan(1e-6);
    // Without a gradient ever, a value stays: nothing is divided by nothing.
    expect(table[7 * width + 3]).toBe(before[7 * width + 3]);
  });

  function powersOf(of: typeof build, pairs: number, scores: readonly number[]) {
    const written = inShares(of, { rows: pairs }, ({ program, floats }) => {
      const values = floats(scores);
      const sums = floats(pairs);
      program.add(OPERATION.contrast, [values, pairs, { real: SHARPNESS }, sums]);
      return { values, sums };
    });
    const powers = rowsOf(written.values, pairs, pairs, pairs);
    powers.forEach((row, i) => {
      row.forEach((power, j) => {
        const exact = Math.exp((scores[i * pairs + j] - 1) * SHARPNESS);
        expect(Math.abs(power - exact)).toBeLessThanOrEqual(4e-6 * exact);
      });
      const sum = row.reduce((total, power) => total + power, 0);
      expect(Math.abs(written.sums[i] - sum)).toBeLessThanOrEqual(1e-5 * sum);
    });
    return { scores, powers, sums: [...written.sums] };
  }
});

/** Cosines as they are met in training: those of pairs above most others, and one at the very top. */
function scoresOf(build: (typeof BUILDS)[number], pairs: number): number[] {
  const { values } = inShares(build, { rows: 1 }, ({ floats }) => ({
    values: floats(pairs * pairs),
  }));
  const scores = [...values];
  for (let i = 0; i < pairs; i++) scores[i * pairs + i] = (1 + scores[i * pairs + i]) / 2;
  scores[0] = 1;
  return scores;
}
