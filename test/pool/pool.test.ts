import type { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { Pool } from "#dist/pool/pool.js";
import { l2sq } from "#dist/wasm/vectors/distance.js";
import { Heap } from "#dist/wasm/heap.js";
import { readBytes } from "#dist/wasm/probe.js";
import { fillRandom, seededRandom } from "../support/random.ts";
import { ROOT, runModule, runNode, type Ended } from "../support/process.ts";

test("two threads write the two halves of one answer", async () => {
  const heap = new Heap(1 << 20);
  const random = seededRandom(7);
  const query = fillRandom(heap.f32(64), random);
  const rows = fillRandom(heap.f32(10 * 64), random);
  const alone = heap.f32(10);
  heap.run(l2sq(heap, query, rows, alone));

  const shared = heap.f32(10);
  const { pool } = testPool(2);
  await Promise.all([
    pool.run(heap, l2sq(heap, query, rows.subarray(0, 5 * 64), shared.subarray(0, 5))),
    pool.run(heap, l2sq(heap, query, rows.subarray(5 * 64), shared.subarray(5))),
  ]);
  expect([...shared]).toEqual([...alone]);
});

test("a memory made after the threads started reaches every one of them", async () => {
  const { pool } = testPool(2);
  await pool.run(...oneJob(new Heap(65_536)));
  for (let i = 0; i < 20; i++) {
    const heap = new Heap(65_536);
    const query = heap.f32(16).fill(i);
    const outs = Array.from({ length: 4 }, () => heap.f32(1));
    const rows = heap.f32(16);
    await Promise.all(outs.map((out) => pool.run(heap, l2sq(heap, query, rows, out))));
    expect(outs.map(([distance]) => distance)).toEqual(Array(4).fill(16 * i * i));
  }
});

test("a thread that dies rejects its job with a code, and the next job runs", async () => {
  const { pool, workers } = testPool(1);
  await pool.run(...oneJob(new Heap(65_536)));
  const heap = new Heap(2 ** 30);
  const dying = pool.run(heap, readBytes(heap, heap.f32(2 ** 27)));
  const outcome = expect(dying).rejects.toMatchObject({ code: "WORKER_DIED" });
  await Promise.all(workers.map((worker) => worker.terminate()));
  await outcome;
  const [next, job] = oneJob(new Heap(65_536));
  await pool.run(next, job);
  expect(workers.length).toBe(2);
});

test("a kernel that traps rejects its job with a code, and the thread lives on", async () => {
  const { pool, workers } = testPool(1);
  const heap = new Heap(65_536);
  const job = readBytes(heap, heap.f32(16));
  const outside = { ...job, args: [65_536 - 64, 128] as [number, number] };
  await expect(pool.run(heap, outside)).rejects.toMatchObject({ code: "KERNEL_FAILED" });
  await pool.run(heap, job);
  expect(workers.length).toBe(1);
});

test("an aborted signal refuses a job with its reason, before and during the job", async () => {
  const { pool } = testPool(1);
  const reason = new Error("enough");
  await expect(pool.run(...oneJob(new Heap(65_536)), AbortSignal.abort(reason))).rejects.toBe(
    reason,
  );
  const controller = new AbortController();
  const running = pool.run(...oneJob(new Heap(65_536)), controller.signal);
  controller.abort(reason);
  await expect(running).rejects.toBe(reason);
});

test("close lets given jobs finish, ends every thread, and may be called twice", async () => {
  const { pool, workers } = testPool(2);
  const heap = new Heap(65_536);
  const outs = Array.from({ length: 50 }, () => heap.f32(1));
  const query = heap.f32(16).fill(1);
  const rows = heap.f32(16);
  const jobs = outs.map((out) => pool.run(heap, l2sq(heap, query, rows, out)));
  await Promise.all([pool.close(), pool.close()]);
  await Promise.all(jobs);
  expect(outs.every(([distance]) => distance === 16)).toBe(true);
  // An ended thread has no number any more.
  expect(workers.map(({ threadId }) => threadId)).toEqual([-1, -1]);
  await expect(pool.run(heap, l2sq(heap, query, rows, outs[0]))).rejects.toMatchObject({
    code: "CLOSED",
  });
});

test("pools that are closed while their threads start crash nothing", async () => {
  // Each at another moment of the start. On Node 20 a thread that ends within `require` of an ES
  // module takes the whole process with it, in about one of a hundred such closings.
  const closing = (first: number, end: number): Promise<Ended> =>
    runModule(
      `import { Pool } from "#dist/pool/pool.js";
     import { Heap } from "#dist/wasm/heap.js";
     import { readBytes } from "#dist/wasm/probe.js";
     for (let i = ${first}; i < ${end}; i++) {
       const pool = new Pool(3);
       const heap = new Heap(65536);
       if (i % 3 > 0) await pool.run(heap, readBytes(heap, heap.f32(16)));
       for (let turns = 0; turns < (i * 7) % 40; turns++) await new Promise(setImmediate);
       await pool.close();
     }
     console.log("done");`,
    );
  for (const said of await Promise.all([closing(0, 40), closing(40, 80)])) {
    expect(said).toEqual({ code: 0, stdout: "done\n", stderr: "" });
  }
});

test("idle threads do not keep a process alive", async () => {
  const { code, stderr } = await runModule(
    `import { Pool } from "#dist/pool/pool.js";
     import { Heap } from "#dist/wasm/heap.js";
     import { readBytes } from "#dist/wasm/probe.js";
     const heap = new Heap(65536);
     await new Pool(2).run(heap, readBytes(heap, heap.f32(16)));`,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test("where Node may start no threads, what needs them names the flag that lets it", async () => {
  const flags = process.allowedNodeEnvironmentFlags;
  const permission = flags.has("--permission") ? "--permission" : "--experimental-permission";
  const args = [permission, "--allow-fs-read=*", "--no-warnings", "--input-type=module", "--eval"];
  const { stdout } = await runNode(
    [
      ...args,
      `import { PatternModel, VectorIndex } from "stigmergy";
       const index = await VectorIndex.create({ dim: 2, threads: 1 });
       await index.add([7], Float32Array.of(1, 2));
       console.log((await index.searchMany(Float32Array.of(1, 2)))[0].keys[0]);
       const texts = Array.from({ length: 20 }, (_, i) => (i % 2 ? "undo it" : "ship it"));
       const refused = await PatternModel.train({ texts, labels: texts }).catch((error) => error);
       console.log(refused.code, refused.message);`,
    ],
    { cwd: ROOT },
  );
  expect(stdout).toMatch(/^7\nWORKER_DIED .*; start Node with --allow-worker\n$/);
});

/** A pool that is closed when the test has finished, and the threads that it has started. */
function testPool(threads: number): { pool: Pool; workers: Worker[] } {
  const workers: Worker[] = [];
  const note = (worker: Worker): void => void workers.push(worker);
  process.on("worker", note);
  const pool = new Pool(threads);
  onTestFinished(async () => {
    process.off("worker", note);
    await pool.close();
  });
  return { pool, workers };
}

function oneJob(heap: Heap): [Heap, ReturnType<typeof readBytes>] {
  return [heap, readBytes(heap, heap.f32(16))];
}
