import type { KernelBuild } from "#dist/wasm/build.js";
import type { Heap } from "#dist/wasm/heap.js";
import { Program } from "#dist/wasm/network/program.js";
import { expect } from "vitest";
import { fillRandom, seededRandom } from "./random.ts";
import { testRuntime } from "./runtime.ts";

/** Share · 2³², as operations that drop at random take it. */
export function dropOf(share: number): number {
  return Math.floor(share * 2 ** 32);
}

/** What a test's program is for. */
export interface TestProgramOptions {
  readonly rows: number;
  /** As many as rows, unless told. */
  readonly samples?: number;
  readonly threads?: number;
  readonly seed?: number;
  /** Of each step, 4 values. */
  readonly schedule?: readonly number[];
}

/** A program over a fresh heap, whose order is 0, 1, 2 …, and what runs it. */
export interface TestProgram {
  readonly heap: Heap;
  readonly program: Program;
  /** Runs a batch as all threads, one after the other: only for programs that never meet. */
  step(batch?: number, number?: number): void;
  /** Runs batches [0, end) as the first thread; how many were done. */
  run(end: number): number;
  /** f32 on the heap with these values, or random ones when it is told how many. */
  floats(values: number | readonly number[]): Float32Array;
  /** u32 on the heap with these values. */
  words(values: readonly number[]): Uint32Array;
}

/** A program of up to 16 operations. */
export function testProgram(build: KernelBuild, options: TestProgramOptions): TestProgram {
  const { rows, samples = rows, threads = 1, seed = 7, schedule = [] } = options;
  const { heap, run } = testRuntime(build, 8 << 20);
  const random = seededRandom(13);
  const order = heap.u32(samples).map((_, i) => i);
  const program = new Program(heap, {
    threads,
    rows,
    seed,
    operations: 16,
    order: words([...order]),
    schedule: schedule.length === 0 ? heap.f32(0) : floats(schedule),
    outcomes: heap.f32(64).fill(-1),
  });
  program.samples = samples;

  function floats(values: number | readonly number[]): Float32Array {
    if (typeof values === "number") return fillRandom(heap.f32(values), random);
    const array = heap.f32(values.length);
    array.set(values);
    return array;
  }
  function words(values: readonly number[]): Uint32Array {
    const array = heap.u32(values.length);
    array.set(values);
    return array;
  }
  return {
    heap,
    program,
    floats,
    words,
    step: (batch = 0, number = batch) => {
      for (const job of program.jobs(batch, batch + 1, number)) run(job);
    },
    run: (end) => run(program.jobs(0, end, 0)[0]),
  };
}

/** What a test reads of an operation it ran: the arrays that it wrote. */
type Written = Record<string, Float32Array | Uint32Array>;

/**
 * Lays out a program and runs its first batch: by one thread, and by the shares of two and of five,
 * which must give the same bits. Returns what one thread wrote.
 */
export function inShares<Arrays extends Written>(
  build: KernelBuild,
  options: TestProgramOptions,
  layOut: (test: TestProgram) => Arrays,
): Arrays {
  const [alone, ...shared] = [1, 2, 5].map((threads) => {
    const test = testProgram(build, { ...options, threads });
    const arrays = layOut(test);
    test.step();
    return arrays;
  });
  for (const arrays of shared) {
    for (const name of Object.keys(alone)) {
      expect([...arrays[name]], `${name}, in shares`).toEqual([...alone[name]]);
    }
  }
  return alone;
}

/** The largest of the differences between what is and what should be; NaN when one is. */
export function worstOf(received: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(received.length).toBe(expected.length);
  return Array.from(received, (value, i) => Math.abs(value - expected[i])).reduce(
    (worst, error) => Math.max(worst, error),
    0,
  );
}

/** `count` rows of a matrix, without what stands beside them. */
export function rowsOf(
  values: Float32Array | Uint32Array,
  count: number,
  width: number,
  stride: number,
): number[][] {
  return Array.from({ length: count }, (_, i) => [
    ...values.subarray(i * stride, i * stride + width),
  ]);
}
