import { describe, expect, test } from "vitest";
import { OPERATION } from "#dist/wasm/network/program.js";
import { sumOf } from "../support/network-reference.ts";
import { inShares, testProgram, worstOf } from "../support/program.ts";
import { BUILDS } from "../support/runtime.ts";

const BETA1 = 0.9;
const BETA2 = 0.999;

describe.each(BUILDS)("build %s", (build) => {
  test("steps of Adam follow the f64 reference, with decay", () => {
    const steps = 20;
    const rate = 0.05;
    const decay = 0.1;
    const schedule = Array.from({ length: steps }, (_, i) => [
      ...[rate / (1 - BETA1 ** (i + 1)), 1 / Math.sqrt(1 - BETA2 ** (i + 1)), rate, 0],
    ]).flat();
    const { program, heap, floats, run } = testProgram(build, {
      rows: 1,
      samples: steps,
      schedule,
    });
    const values = floats(100);
    const gradients = floats(100);
    const reference = {
      values: Float64Array.from(values),
      first: new Float64Array(100),
      second: new Float64Array(100),
    };
    const first = heap.f32(100);
    const second = heap.f32(100);
    program.add(OPERATION.adam, [
      ...[values, gradients, first, second, 100, { real: 0.5 }, { real: decay }],
    ]);
    expect(run(steps)).toBe(steps);
    for (let t = 1; t <= steps; t++) {
      gradients.forEach((gradient, i) => {
        reference.first[i] = BETA1 * reference.first[i] + (1 - BETA1) * gradient;
        reference.second[i] = BETA2 * reference.second[i] + (1 - BETA2) * gradient ** 2;
        const mean = reference.first[i] / (1 - BETA1 ** t);
        const size = Math.sqrt(reference.second[i] / (1 - BETA2 ** t));
        const step = (0.5 * rate * mean) / (size + 1e-8);
        reference.values[i] -= step + rate * decay * reference.values[i];
      });
    }
    expect(worstOf(first, reference.first)).toBeLessThan(1e-6);
    // 1 − β₂ of f32 is 1.3e-5 of itself off.
    expect(worstOf(second, reference.second)).toBeLessThan(2e-5 * 0.02);
    expect(worstOf(values, reference.values)).toBeLessThan(1e-5);
  });

  test("a gradient of 0 moves nothing, and NaN stays where it is", () => {
    const { values } = inShares(build, { rows: 1, schedule: [0.1, 31.6, 0, 0] }, (it) => {
      const given = it.floats([1, 2, 3, 4]);
      const gradients = it.floats([0, NaN, 1, 0]);
      const means = [it.heap.f32(4), it.heap.f32(4)];
      it.program.add(OPERATION.adam, [
        ...[given, gradients, ...means, 4, { real: 1 }, { real: 1 }],
      ]);
      return { values: given };
    });
    expect([values[0], values[1], values[3]]).toEqual([1, NaN, 4]);
    expect(values[2]).toBeLessThan(3);
  });

  test("Adam writes its own values and nothing beside them, in shares", () => {
    const { values } = inShares(build, { rows: 1, schedule: [0.1, 31.6, 0.1, 0] }, (it) => {
      const given = it.floats(132);
      const gradients = it.floats(132);
      given.fill(-9, 100);
      const first = it.heap.f32(132);
      const second = it.heap.f32(132);
      it.program.add(OPERATION.adam, [
        ...[given, gradients, first, second, 100, { real: 1 }, { real: 1 }],
      ]);
      return { values: given, first, second };
    });
    expect(values.subarray(100).every((value) => value === -9)).toBe(true);
    expect(values.subarray(0, 100).some((value) => value === -9)).toBe(false);
  });

  test("weights are shared out by rows as their gradients are: no one takes another's unfinished", () => {
    // 23 rows by 40 columns, padded to 32, of 5 samples.
    const inputs = 23;
    const cols = 24;
    const stride = 32;
    const rows = 5;
    const schedule = [0.1, 31.6, 0.1, 0];
    const { first } = inShares(build, { rows, schedule }, ({ heap, program, floats }) => {
      const left = floats(rows * inputs);
      const right = floats(rows * stride);
      const given = floats(24 * stride);
      const gradients = heap.f32(24 * stride);
      const moments = [heap.f32(24 * stride), heap.f32(24 * stride)];
      const shape = { rows: inputs, cols, depth: 0, transposeLeft: true };
      const out = { values: gradients, stride };
      program.product({ values: left, stride: inputs }, { values: right, stride }, shape, out);
      program.add(OPERATION.adam, [
        ...[given, gradients, ...moments, inputs * stride],
        ...[{ real: 1 }, { real: 0 }, stride],
      ]);
      return { values: given, gradients, first: moments[0], second: moments[1] };
    });
    expect(first.filter((mean) => mean !== 0).length).toBe(inputs * cols);
  });

  test.each([
    { most: 0.5, isClipped: true },
    { most: 1000, isClipped: false },
  ])("gradients longer than $most together are scaled to it", ({ most, isClipped }) => {
    const { program, heap, floats, step } = testProgram(build, {
      rows: 1,
      schedule: [0.1, 31.6, 0, 0],
    });
    const dense = floats(100);
    const sparse = floats(10 * 12);
    const met = heap.u32(1).fill(7);
    const parts = heap.f32(32).fill(-1);
    const first = heap.f32(100);
    program.add(OPERATION.squares, [dense, 100, parts, 0]);
    program.add(OPERATION.squares, [sparse, 12, parts.subarray(16), met]);
    program.add(OPERATION.clip, [parts, 2, { real: most }]);
    program.add(OPERATION.adam, [
      ...[floats(100), dense, first, heap.f32(100), 100, { real: 1 }, { real: 0 }],
    ]);
    step();
    const squares = [...dense, ...sparse.subarray(0, 7 * 12)].map((value) => value ** 2);
    expect(Math.abs(sumOf([...parts]) / sumOf(squares) - 1)).toBeLessThan(1e-6);
    const clip = isClipped ? most / Math.sqrt(sumOf(squares)) : 1;
    const means = [...dense].map((value) => (1 - BETA1) * clip * value);
    expect(worstOf(first, means)).toBeLessThan(1e-7);
  });

  test("parts of squares are the same by any number of threads, and sum to the whole", () => {
    for (const count of [4, 16, 100, 1024, 4100]) {
      const { values, parts } = inShares(build, { rows: 1 }, ({ heap, program, floats }) => {
        const given = floats(count);
        const out = heap.f32(20).fill(-1);
        program.add(OPERATION.squares, [given, count, out, 0]);
        return { values: given, parts: out };
      });
      const whole = sumOf([...values].map((value) => value ** 2));
      expect(Math.abs(sumOf([...parts.subarray(0, 16)]) / whole - 1)).toBeLessThan(1e-5);
      expect([...parts.subarray(16)]).toEqual([-1, -1, -1, -1]);
    }
  });
});
