import { describe, expect, test } from "vitest";
import {
  codeWords,
  encode,
  encodeNibbles,
  flat,
  nibbleWords,
  tableWords,
} from "#dist/wasm/vectors/codes.js";
import type { Heap } from "#dist/wasm/heap.js";
import { quantizeRows, rowWordsI8 } from "#dist/wasm/vectors/rows-i8.js";
import { layOutScratch } from "#dist/wasm/vectors/scan.js";
import { fillRandom, seededRandom } from "../support/random.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

const DIM = 128;
const QUERIES = 4;

describe.each(BUILDS.filter((build) => build !== "off"))("build %s", (build) => {
  test.each([
    ["f32, by one bit", false, false],
    ["f32, by one bit and by four", true, false],
    ["8 bits", false, true],
  ])(
    "of rows of %s nearer than a limit all are found, and few others looked at",
    (_, fours, isI8) => {
      for (const inner of [false, true]) {
        for (const [count, k] of [
          [600, 10],
          [9000, 100],
          [9000, 300],
        ]) {
          const { heap, run } = testRuntime(build, 32 << 20);
          const { rows, codes, queries } = codedRows(heap, run, count, { inner, fours, isI8 });
          const size = { queries: QUERIES, dim: DIM, k, tableWords: tableWords(DIM), isI8 };
          const visible = heap.u32(Math.ceil(count / 32)).fill(0xffffffff);
          const stride = isI8 ? rowWordsI8(DIM) : DIM;
          const range = { rows, visible, firstSlot: 0, endSlot: count, dim: DIM, stride };
          const ask = (limits: readonly number[]) => {
            const scratch = layOutScratch(heap, size);
            scratch.queries.set(queries);
            scratch.limits.set(limits);
            const asked = { scratch, queryCount: QUERIES, k };
            return { ...scratch, looked: run(flat(heap, range, codes, asked, 4, isI8)) };
          };
          const all = ask(Array.from({ length: QUERIES }, () => Infinity));
          // A limit of its own for each query, so far from which its nearest are the 0th, 3rd, 6th and 9th.
          const limits = Array.from({ length: QUERIES }, (_, q) => all.distances[q * k + 3 * q]);
          const some = ask(limits);
          const nearer = ({ distances, slots }: typeof all, q: number) =>
            Array.from(slots.subarray(q * k, (q + 1) * k), (slot, i) => [
              slot,
              distances[q * k + i],
            ]).slice(0, q === 0 ? 0 : 3 * q);
          for (let q = 0; q < QUERIES; q++) expect(nearer(some, q)).toEqual(nearer(all, q));
          expect([...some.counts].every((found, q) => found >= 3 * q)).toBe(true);
          expect(some.looked).toBeLessThan(0.9 * all.looked);
          expect(ask([-1e30, -1e30, -1e30, -1e30])).toMatchObject({ looked: 0 });
          // At the last of k: all but that.
          const far = ask(
            Array.from({ length: QUERIES }, (_, q) => all.distances[(q + 1) * k - 1]),
          );
          for (let q = 0; q < QUERIES; q++) {
            const [its, whole] = [far, all].map(({ slots }) => [
              ...slots.subarray(q * k, (q + 1) * k - 1),
            ]);
            expect(its).toEqual(whole);
          }
        }
      }
    },
  );
});

/** Normal rows and queries around a centroid, and the rows' codes. */
function codedRows(
  heap: Heap,
  run: ReturnType<typeof testRuntime>["run"],
  count: number,
  { inner, fours, isI8 }: { inner: boolean; fours: boolean; isI8: boolean },
) {
  const random = seededRandom(count);
  const around = (rows: number): Float32Array => fillRandom(heap.f32(rows * DIM), random);
  const [given, queries] = [around(count), around(QUERIES)];
  const codes = {
    centroid: heap.f32(DIM),
    blocks: heap.u32(codeWords(count, DIM)),
    nibbles: heap.u32(fours ? nibbleWords(count, DIM) : 0),
    inner,
  };
  const rows = isI8 ? heap.f32(count * rowWordsI8(DIM)) : given;
  if (isI8) run(quantizeRows(heap, given, DIM, rows));
  run(encode(heap, rows, 0, count, codes, isI8 ? rowWordsI8(DIM) : DIM, isI8));
  if (fours) run(encodeNibbles(heap, rows, 0, count, codes));
  return { rows, codes, queries };
}
