import { describe, expect, test } from "vitest";
import { sumRows } from "#dist/wasm/network/sum-rows.js";
import { fillRandom, seededRandom } from "../support/random.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

const HALF_ULP = 2 ** -24;
const ROWS = 40;

describe.each(BUILDS)("build %s", (build) => {
  test.each([32, 64, 96, 256])("sums of %i columns are those of an f64 reference", (dim) => {
    for (const count of [0, 1, 2, 3, 17, 200]) {
      for (const add of [false, true]) {
        const random = seededRandom(dim + count);
        const { heap, run } = testRuntime(build);
        const rows = heap.i8(ROWS * dim).map(() => Math.round(254 * random()) - 127);
        const table = heap.i8(ROWS * dim);
        table.set(rows);
        const ids = heap.u32(Math.max(1, count));
        const values = fillRandom(heap.f32(Math.max(1, count)), random);
        for (let k = 0; k < count; k++) ids[k] = Math.floor(ROWS * random());
        const guarded = heap.f32(dim + 1).fill(7);
        const out = fillRandom(guarded.subarray(0, dim), random);
        const before = out.slice();
        run(sumRows(heap, { ids, values, count, rows: table, out, add }));
        for (let j = 0; j < dim; j++) {
          let sum = add ? before[j] : 0;
          let absolute = Math.abs(sum);
          for (let k = 0; k < count; k++) {
            const term = values[k] * rows[ids[k] * dim + j];
            sum += term;
            absolute += Math.abs(term);
          }
          // The JavaScript twin rounds to f32 after each row too.
          expect(Math.abs(out[j] - sum)).toBeLessThanOrEqual((count + 1) * HALF_ULP * absolute);
        }
        expect(guarded[dim]).toBe(7);
      }
    }
  });
});

test("sumRows refuses lengths that disagree, and arrays that no kernel sees", () => {
  const { heap } = testRuntime("simd");
  const ids = heap.u32(4);
  const values = heap.f32(4);
  const rows = heap.i8(96);
  const out = heap.f32(32);
  const good = { ids, values, count: 4, rows, out, add: false };
  expect(() => sumRows(heap, good)).not.toThrow();
  for (const bad of [
    { count: 5 },
    { out: heap.f32(16) },
    { out: heap.f32(0) },
    { rows: rows.subarray(1) },
  ]) {
    const refused = expect.objectContaining({ code: "DIMENSION" });
    expect(() => sumRows(heap, { ...good, ...bad })).toThrow(refused);
  }
  const elsewhere = { ...good, ids: new Uint32Array(4) };
  expect(() => sumRows(heap, elsewhere)).toThrow(expect.objectContaining({ code: "OFF_HEAP" }));
});
