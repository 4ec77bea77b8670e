import { expect, onTestFinished, test } from "vitest";
import { Pool } from "#dist/pool/pool.js";
import { l2sq } from "#dist/wasm/vectors/distance.js";
import { Heap } from "#dist/wasm/heap.js";
import {
  areDone,
  isDone,
  newRounds,
  openRounds,
  planRounds,
  resultOf,
  runnableOf,
  seriesOf,
  stopRounds,
  takeRounds,
  type Rounds,
  type Series,
} from "#dist/wasm/network/series.js";
import { topK } from "#dist/wasm/vectors/top-k.js";
import { fillRandom, seededRandom } from "../support/random.ts";

const DIM = 16;

test("threads take each round once, and what they write is what one call writes", async () => {
  const count = 1000;
  const heap = new Heap(1 << 20);
  const random = seededRandom(1);
  const query = fillRandom(heap.f32(DIM), random);
  const rows = fillRandom(heap.f32(count * DIM), random);
  const alone = heap.f32(count);
  heap.run(l2sq(heap, query, rows, alone));
  const out = heap.f32(count).fill(-1);
  const rounds = openedRounds(count);
  const series = distances(heap, rounds, query, rows, out);
  const pool = testPool(2);
  await Promise.all([pool.share([{ heap, series }]), pool.share([{ heap, series }])]);
  expect(areDone(rounds)).toBe(true);
  expect([...out]).toEqual([...alone]);
  expect(rounds[0]).toBe(count);
});

test("rounds begin when they are opened, also those that a thread waits for", async () => {
  const heap = new Heap(1 << 16);
  const query = heap.f32(DIM).fill(1);
  const rows = heap.f32(4 * DIM);
  const out = heap.f32(4).fill(-1);
  const rounds = newRounds(4);
  const series = distances(heap, rounds, query, rows, out);
  const sharing = testPool(1).share([{ heap, series }]);
  for (let opened = 1; opened <= 4; opened++) {
    // The query is changed for every round: a thread that began one too soon would tell.
    query.fill(opened);
    openRounds(rounds, opened);
    while (!isDone(rounds, opened - 1)) await new Promise((resolve) => setImmediate(resolve));
  }
  await sharing;
  expect([...out]).toEqual([1, 4, 9, 16].map((square) => square * DIM));
});

test("a stop frees a thread that waits for a round to be opened", async () => {
  const heap = new Heap(1 << 16);
  const out = heap.f32(2).fill(-1);
  const rounds = newRounds(2);
  const series = distances(heap, rounds, heap.f32(DIM), heap.f32(2 * DIM), out);
  const sharing = testPool(1).share([{ heap, series }]);
  openRounds(rounds, 1);
  while (!isDone(rounds, 0)) await new Promise((resolve) => setImmediate(resolve));
  stopRounds(rounds);
  await sharing;
  expect([...out]).toEqual([0, -1]);
});

test("a round is done when its jobs have run, and tells what the last of them returned", () => {
  const heap = new Heap(1 << 16);
  const values = fillRandom(heap.f32(40), seededRandom(2));
  const nearest = heap.f32(40);
  const positions = heap.u32(40);
  const rounds = openedRounds(4);
  const plan = planRounds(4, (round) => {
    const part = [10 * round, 10 * (round + 1)] as const;
    const into = nearest.subarray(...part);
    const at = positions.subarray(...part);
    return [topK(heap, values.subarray(...part), into, at)];
  });
  const series = runnableOf(seriesOf(rounds, plan));
  expect(
    takeRounds(
      (job) => heap.run(job),
      series,
      () => true,
    ),
  ).toBe(true);
  expect([0, 1, 2, 3].map((round) => isDone(rounds, round))).toEqual([true, false, false, false]);
  expect(takeRounds((job) => heap.run(job), series)).toBe(false);
  expect(areDone(rounds)).toBe(true);
  expect(resultOf(rounds)).toBe(40);
  expect([...nearest.subarray(30)]).toEqual([...values.subarray(30)].toSorted((a, b) => a - b));
});

test("after a stop no round begins, and nobody waits for those that never did", () => {
  const heap = new Heap(1 << 16);
  const out = heap.f32(10).fill(-1);
  const rounds = openedRounds(10);
  const series = runnableOf(distances(heap, rounds, heap.f32(DIM), heap.f32(10 * DIM), out));
  takeRounds(
    (job) => heap.run(job),
    series,
    () => true,
  );
  stopRounds(rounds);
  expect(takeRounds((job) => heap.run(job), series)).toBe(false);
  expect(areDone(rounds)).toBe(true);
  stopRounds(rounds);
  expect([...out]).toEqual([0, ...Array(9).fill(-1)]);
});

test("a thread that comes when all rounds were taken touches nothing", async () => {
  const heap = new Heap(1 << 16);
  const out = heap.f32(2).fill(-1);
  const rounds = newRounds(2);
  const series = distances(heap, rounds, heap.f32(DIM), heap.f32(2 * DIM), out);
  stopRounds(rounds);
  await testPool(1).share([{ heap, series }]);
  expect([...out]).toEqual([-1, -1]);
});

test("a round that traps is told with a code, and is never done", async () => {
  const heap = new Heap(1 << 16);
  const rounds = openedRounds(2);
  const series = distances(heap, rounds, heap.f32(DIM), heap.f32(2 * DIM), heap.f32(2));
  // Behind the count and the five arguments of round 0: the rows of the next are far outside.
  series.numbers[1 + 5 + 1] = 2 ** 20;
  const pool = testPool(1);
  const share = pool.share([{ heap, series }]);
  await expect(share).rejects.toMatchObject({ code: "KERNEL_FAILED" });
  expect([isDone(rounds, 0), isDone(rounds, 1), areDone(rounds)]).toEqual([true, false, false]);
});

/** Rounds of one distance each. */
function distances(
  heap: Heap,
  rounds: Rounds,
  query: Float32Array,
  rows: Float32Array,
  out: Float32Array,
): Series {
  const plan = planRounds(out.length, (i) => [
    l2sq(heap, query, rows.subarray(i * DIM, (i + 1) * DIM), out.subarray(i, i + 1)),
  ]);
  return seriesOf(rounds, plan);
}

/** Rounds that may all begin. */
function openedRounds(count: number): Rounds {
  const rounds = newRounds(count);
  openRounds(rounds);
  return rounds;
}

function testPool(threads: number): Pool {
  const pool = new Pool(threads);
  onTestFinished(() => pool.close());
  return pool;
}
