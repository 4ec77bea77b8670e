import { describe, expect, test } from "vitest";
import { OPERATION } from "#dist/wasm/network/program.js";
import {
  BENDS,
  differences,
  gruReference,
  inner,
  layerNormReference,
  sigmoidReference,
  sumOf,
} from "../support/network-reference.ts";
import { dropOf, inShares, rowsOf, testProgram, worstOf } from "../support/program.ts";
import { BUILDS } from "../support/runtime.ts";

const KINDS = [
  { name: "nothing", kind: 0 },
  { name: "max(x, 0)", kind: 1 },
  { name: "GELU", kind: 2 },
  { name: "tanh", kind: 3 },
] as const;
/** 0, ±100, and what is between, closer together where functions bend. */
const RANGE = Array.from({ length: 800 }, (_, i) => (i % 2 === 0 ? 1 : -1) * (i / 800) ** 3 * 100);
const EXTREMES = [0, -0, 100, -100, 1e-30, -1e-30, 1e4, -1e4];

describe.each(BUILDS)("build %s", (build) => {
  test.each(KINDS)("activation $name matches f64 from −100 to 100 and beyond", ({ kind }) => {
    const width = 8;
    const rows = (RANGE.length + EXTREMES.length) / width;
    const { values, out } = inShares(build, { rows }, ({ heap, program, floats }) => {
      const strided = floats(rows * 12);
      [...RANGE, ...EXTREMES].forEach((value, at) => {
        strided[Math.floor(at / width) * 12 + (at % width)] = value;
      });
      const bent = heap.f32(rows * 12 + 4).fill(-9);
      program.add(OPERATION.activate, [strided, bent, width, 12, kind, 0, { real: 1 }, 0]);
      return { values: strided, out: bent };
    });
    out.forEach((value, at) => {
      if (at % 12 >= width || at >= rows * 12) {
        expect(value).toBe(-9);
        return;
      }
      // The bound of the function: absolute for tanh, of a share of x for GELU.
      const bound = { 0: 0, 1: 0, 2: Math.abs(values[at]) * 2 ** -21, 3: 2 ** -21 }[kind];
      expect(Math.abs(value - BENDS[kind](values[at])), `${values[at]}`).toBeLessThanOrEqual(bound);
    });
  });

  test.each(KINDS)(
    "the way back through activation $name matches finite differences",
    ({ kind }) => {
      const { values, before, gradients } = inShares(build, { rows: 9 }, ({ program, floats }) => {
        const array = floats(9 * 16).map((value) => 8 * value);
        const read = floats([...array]);
        const back = floats(9 * 16);
        const kept = floats([...back]);
        program.add(OPERATION.activateBack, [read, back, 12, 16, kind, 0, { real: 1 }, 0]);
        return { values: read, before: kept, gradients: back };
      });
      const measure = (inputs: ArrayLike<number>) => inner(Array.from(inputs, BENDS[kind]), before);
      const slopes = differences(measure, values);
      // Beside the columns gradients stay what they were.
      const expected = slopes.map((slope, at) => (at % 16 < 12 ? slope : before[at]));
      expect(worstOf(gradients, expected)).toBeLessThan(2e-6);
    },
  );

  test("activations keep NaN where it is", () => {
    for (const { kind } of KINDS) {
      const { heap, program, floats, step } = testProgram(build, { rows: 1 });
      const out = heap.f32(4);
      program.add(OPERATION.activate, [
        ...[floats([1, NaN, 2, 3]), out, 4, 4, kind, 0],
        ...[{ real: 1 }, 0],
      ]);
      step();
      expect([...out].map(Number.isNaN), `kind ${kind}`).toEqual([false, true, false, false]);
    }
  });

  test("columns that stand by themselves drop what they would among the others", () => {
    const rows = 7;
    const width = 24;
    const from = 8;
    const cols = 12;
    const { whole, part } = inShares(build, { rows }, ({ heap, program, floats }) => {
      const values = floats(rows * width);
      const own = heap.f32(rows * cols);
      for (let i = 0; i < own.length; i++) {
        own[i] = values[Math.floor(i / cols) * width + from + (i % cols)];
      }
      const whole = heap.f32(rows * width);
      const part = heap.f32(rows * cols);
      const dropping = [1, dropOf(0.5), { real: 2 }, 5];
      program.add(OPERATION.activate, [values, whole, width, width, ...dropping]);
      program.add(OPERATION.activate, [own, part, cols, cols, ...dropping, from, width]);
      program.add(OPERATION.activateBack, [values, whole, width, width, ...dropping]);
      program.add(OPERATION.activateBack, [own, part, cols, cols, ...dropping, from, width]);
      return { whole, part };
    });
    expect(rowsOf(part, rows, cols, cols)).toEqual(
      rowsOf(whole, rows, width, width).map((row) => row.slice(from, from + cols)),
    );
    expect(part.some((value) => value > 0)).toBe(true);
  });

  test.each([0.1, 0.5, 0.8])("a share of %s is dropped, and the same on the way back", (share) => {
    const rows = 64;
    const width = 256;
    const keep = Math.fround(1 / (1 - share));
    const written = inShares(build, { rows }, ({ heap, program }) => {
      const ones = heap.f32(rows * width).fill(1);
      const out = heap.f32(rows * width);
      const gradients = heap.f32(rows * width).fill(1);
      const dropping = [width, width, 0, dropOf(share), { real: keep }, 5] as const;
      program.add(OPERATION.activate, [ones, out, ...dropping]);
      program.add(OPERATION.activateBack, [ones, gradients, ...dropping]);
      return { out, gradients };
    });
    expect([...written.gradients]).toEqual([...written.out]);
    expect(written.out.every((value) => value === 0 || value === keep)).toBe(true);
    const dropped = written.out.filter((value) => value === 0).length / (rows * width);
    const sigma = Math.sqrt((share * (1 - share)) / (rows * width));
    expect(Math.abs(dropped - share)).toBeLessThan(3 * sigma);
    // Neighbors in a row and in a column are dropped together as often as by chance.
    for (const apart of [1, 2, 4, width]) {
      const both = written.out.filter((value, at) => {
        return value === 0 && written.out[(at + apart) % (rows * width)] === 0;
      });
      expect(Math.abs(both.length / (rows * width) - share ** 2)).toBeLessThan(6 * sigma);
    }
  });

  test.each([4, 5, 7, 8, 33, 256])("rows of %i values are normalized as in f64", (width) => {
    const { rows, gain, bias, out, normal, inverse } = normalized(build, width);
    for (let i = 0; i < 7; i++) {
      const row = rowsOf(rows, 7, width, strideOf(width))[i];
      const unit = layerNormReference(row, Array(width).fill(1), Array(width).fill(0));
      const expected = layerNormReference(row, gain, bias);
      expect(worstOf(rowsOf(normal, 7, width, strideOf(width))[i], unit)).toBeLessThan(2e-6);
      expect(worstOf(rowsOf(out, 7, width, strideOf(width))[i], expected)).toBeLessThan(4e-6);
      const mean = sumOf(row) / width;
      const deviation = Math.sqrt(sumOf(row.map((value) => (value - mean) ** 2)) / width + 1e-5);
      expect(Math.abs(inverse[i] * deviation - 1)).toBeLessThan(2e-6);
    }
    // Zeros stay beside the values, to a multiple of 4; beyond it nothing is written.
    const used = Math.ceil(width / 4) * 4;
    for (const array of [normal, out]) {
      array.forEach((value, at) => {
        const column = at % strideOf(width);
        if (column >= width) expect(value).toBe(column < used ? 0 : -9);
      });
    }
  });

  test.each([4, 7, 33])("the way back through normal rows of %i matches differences", (width) => {
    const { rows, gain, bias, gradients, back } = normalized(build, width);
    const stride = strideOf(width);
    for (let i = 0; i < 7; i++) {
      const gradient = rowsOf(gradients, 7, width, stride)[i];
      const slopes = differences(
        (row) => inner(layerNormReference(row, gain, bias), gradient),
        rowsOf(rows, 7, width, stride)[i],
      );
      expect(worstOf(rowsOf(back, 7, width, stride)[i], slopes)).toBeLessThan(1e-5);
    }
  });

  test("a row of equal values is normalized to its bias", () => {
    const { heap, program, floats, step } = testProgram(build, { rows: 1 });
    const out = heap.f32(8);
    const row = heap.f32(8).fill(1e6);
    const bias = floats(8);
    program.add(OPERATION.layerNorm, [row, 8, 8, floats(8), bias, heap.f32(8), heap.f32(4), out]);
    step();
    expect([...out]).toEqual([...bias]);
  });

  test("a gated recurrent unit steps as in f64, its functions within their bounds", () => {
    const { width, read, gates, out } = recurrent(build, 30);
    for (let row = 0; row < 6; row++) {
      const [inputs, own, state] = read(row);
      if (row % 3 === 2) {
        // Not begun: the state is kept, and the gates are not written.
        expect(rowsOf(out, 6, width, width)[row]).toEqual(state);
        expect(rowsOf(gates, 6, 3 * width, 3 * width)[row]).toEqual(Array(3 * width).fill(-9));
        continue;
      }
      const expected = gruReference(inputs, own, state);
      const found = rowsOf(gates, 6, 3 * width, 3 * width)[row];
      for (let j = 0; j < 2 * width; j++) {
        const x = Math.fround(inputs[j] + own[j]);
        expect(Math.abs(found[j] - sigmoidReference(x)), `σ(${x})`).toBeLessThanOrEqual(2 ** -22);
      }
      expect(worstOf(found, expected.gates)).toBeLessThan(1e-5);
      expect(worstOf(rowsOf(out, 6, width, width)[row], expected.out)).toBeLessThan(1e-5);
    }
  });

  test("the way back through a gated recurrent unit matches finite differences", () => {
    const { width, read, gradients, back } = recurrent(build, 2);
    for (let row = 0; row < 6; row++) {
      const given = rowsOf(gradients, 6, width, width)[row];
      const [toInputs, toRecurrent, toState] = back(row);
      if (row % 3 === 2) {
        expect(toInputs).toEqual(Array(3 * width).fill(0));
        expect(toRecurrent).toEqual(Array(3 * width).fill(0));
        expect(toState).toEqual(given);
        continue;
      }
      const [inputs, own, state] = read(row);
      const measure = (...args: Parameters<typeof gruReference>) =>
        inner(gruReference(...args).out, given);
      const byInputs = differences((values) => measure(values, own, state), inputs);
      const byRecurrent = differences((values) => measure(inputs, values, state), own);
      const byState = differences((values) => measure(inputs, own, values), state);
      expect(worstOf(toInputs, byInputs)).toBeLessThan(2e-6);
      expect(worstOf(toRecurrent, byRecurrent)).toBeLessThan(3e-6);
      expect(worstOf(toState, byState)).toBeLessThan(2e-6);
    }
  });
});

function strideOf(width: number): number {
  return Math.ceil(width / 4) * 4 + 4;
}

/** Seven rows normalized, and gradients taken back. */
function normalized(build: (typeof BUILDS)[number], width: number) {
  const stride = strideOf(width);
  return inShares(build, { rows: 7 }, ({ heap, program, floats }) => {
    const padded = (count: number): Float32Array =>
      floats(count * stride).map((value, at) => (at % stride < width ? value : 0));
    const rows = floats([...padded(7)].map((value) => (value === 0 ? 0 : value + 3)));
    const gradients = floats([...padded(7)]);
    const gain = floats([...padded(1)]);
    const bias = floats([...padded(1)]);
    const normal = heap.f32(7 * stride).fill(-9);
    const out = heap.f32(7 * stride).fill(-9);
    const inverse = heap.f32(7);
    const back = heap.f32(7 * stride);
    program.add(OPERATION.layerNorm, [rows, width, stride, gain, bias, normal, inverse, out]);
    program.add(OPERATION.layerNormBack, [
      ...[gradients, width, stride, gain],
      ...[normal, inverse, back],
    ]);
    return { rows, gradients, gain, bias, normal, out, inverse, back };
  });
}

/** One step of six sequences, of which every third has not begun, and gradients taken back. */
function recurrent(build: (typeof BUILDS)[number], scale: number) {
  const width = 12;
  const step = 3;
  const arrays = inShares(build, { rows: 6 }, ({ heap, program, floats, words }) => {
    const scaled = (count: number): Float32Array =>
      floats([...floats(count)].map((value) => scale * value));
    const inputs = scaled(6 * 3 * width);
    const own = scaled(6 * 3 * width);
    const state = floats(6 * width);
    const gradients = floats(6 * width);
    const begun = words([0, 3, 4, 1, 2, 9]);
    const gates = heap.f32(6 * 3 * width).fill(-9);
    const out = heap.f32(6 * width);
    const toInputs = floats(6 * 3 * width);
    const toRecurrent = floats(6 * 3 * width);
    const toState = floats(6 * width);
    program.add(OPERATION.gru, [inputs, own, state, step, begun, gates, out, width]);
    program.add(OPERATION.gruBack, [
      ...[own, state, step, begun, gates, gradients],
      ...[toInputs, toRecurrent, toState, width],
    ]);
    return { inputs, own, state, gates, out, gradients, toInputs, toRecurrent, toState };
  });
  const row = (
    name: "inputs" | "own" | "state" | "toInputs" | "toRecurrent" | "toState",
    i: number,
  ) => {
    const length = arrays[name].length / 6;
    return rowsOf(arrays[name], 6, length, length)[i];
  };
  return {
    width,
    gates: arrays.gates,
    out: arrays.out,
    gradients: arrays.gradients,
    read: (i: number) => [row("inputs", i), row("own", i), row("state", i)] as const,
    back: (i: number) => [row("toInputs", i), row("toRecurrent", i), row("toState", i)] as const,
  };
}
