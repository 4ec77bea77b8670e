import { describe, expect, test } from "vitest";
import type { Heap } from "#dist/wasm/heap.js";
import { dot, l2sq } from "#dist/wasm/vectors/distance.js";
import { scan, type ScanScratch } from "#dist/wasm/vectors/scan.js";
import { fillRandom, seededRandom } from "../support/random.ts";
import { BUILDS, testRuntime } from "../support/runtime.ts";

const METRICS = { scan_l2sq_f32: l2sq, scan_dot_f32: dot } as const;

describe.each(BUILDS)("build %s", (build) => {
  test.each(["scan_l2sq_f32", "scan_dot_f32"] as const)(
    "%s finds what its distance kernel and a sort find, whatever is visible",
    (kernel) => {
      const random = seededRandom(11);
      for (const count of [1, 31, 32, 33, 100, 257]) {
        for (const share of [0, 0.1, 0.5, 1]) {
          const { heap, run } = testRuntime(build, 4 << 20);
          const dim = 48;
          const k = 5;
          const queryCount = 3;
          const rows = fillRandom(heap.f32(count * dim), random);
          const visible = heap.u32(Math.ceil(count / 32));
          const isVisible = Array.from({ length: count }, () => random() < share);
          isVisible.forEach((see, slot) => {
            if (see) visible[slot >>> 5] |= 1 << (slot & 31);
          });
          // Bits of slots beyond the end must not matter.
          if (count % 32 !== 0) visible[count >>> 5] |= -1 << (count & 31);
          const scratch = scratchOf(heap, queryCount, dim, k);
          fillRandom(scratch.queries, random);
          const range = { rows, visible, firstSlot: 0, endSlot: count, dim };
          run(scan(heap, kernel, range, { scratch, queryCount, k }));

          for (let q = 0; q < queryCount; q++) {
            const out = heap.f32(count);
            const query = scratch.queries.subarray(q * dim, (q + 1) * dim);
            run(METRICS[kernel](heap, query, rows, out));
            const expected = [...out]
              .map((distance, slot) => ({ distance, slot }))
              .filter(({ slot }) => isVisible[slot])
              .sort((a, b) => a.distance - b.distance || a.slot - b.slot)
              .slice(0, k);
            expect(answer(scratch, q, k)).toEqual(expected);
          }
        }
      }
    },
  );

  test("scan looks at its range of slots only, and ties go by slot", () => {
    const { heap, run } = testRuntime(build);
    const rows = heap.f32(128 * 16).fill(1);
    const visible = heap.u32(4).fill(0xffffffff);
    const scratch = scratchOf(heap, 1, 16, 4);
    run(scan(heap, "scan_l2sq_f32", range(32, 128), { scratch, queryCount: 1, k: 4 }));
    expect(answer(scratch, 0, 4).map(({ slot }) => slot)).toEqual([32, 33, 34, 35]);
    run(scan(heap, "scan_l2sq_f32", range(64, 67), { scratch, queryCount: 1, k: 4 }));
    expect(answer(scratch, 0, 4).map(({ slot }) => slot)).toEqual([64, 65, 66]);

    function range(firstSlot: number, endSlot: number) {
      return { rows, visible, firstSlot, endSlot, dim: 16 };
    }
  });
});

test("scan refuses arrays that are too short, and a first slot within a block", () => {
  const { heap } = testRuntime("simd");
  const rows = heap.f32(64 * 16);
  const visible = heap.u32(2);
  const scratch = scratchOf(heap, 1, 16, 4);
  const whole = { rows, visible, firstSlot: 0, endSlot: 64, dim: 16 };
  const refused = expect.objectContaining({ code: "DIMENSION" });
  for (const [range, queries, k] of [
    [{ ...whole, endSlot: 65 }, 1, 4],
    [{ ...whole, firstSlot: 5 }, 1, 4],
    [{ ...whole, dim: 15 }, 1, 4],
    [{ ...whole, visible: visible.subarray(0, 1) }, 1, 4],
    [whole, 2, 4],
    [whole, 1, 5],
  ] as const) {
    expect(() => scan(heap, "scan_l2sq_f32", range, { scratch, queryCount: queries, k })).toThrow(
      refused,
    );
  }
});

function scratchOf(heap: Heap, queries: number, dim: number, k: number): ScanScratch {
  return {
    queries: heap.f32(queries * dim),
    limits: heap.f32(queries),
    block: heap.f32(32),
    distances: heap.f32(queries * k),
    slots: heap.u32(queries * k),
    counts: heap.u32(queries),
    tables: heap.u32(0),
    whole: heap.u32(0),
  };
}

function answer({ distances, slots, counts }: ScanScratch, query: number, k: number) {
  return Array.from({ length: counts[query] }, (_, i) => ({
    distance: distances[query * k + i],
    slot: slots[query * k + i],
  }));
}
