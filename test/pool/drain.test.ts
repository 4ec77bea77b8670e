import { expect, test } from "vitest";
import { drain } from "#dist/pool/drain.js";

test("every part is worked once, and a lane never holds two", async () => {
  const busy = new Set<number>();
  const seen: number[] = [];
  await drain(
    Array.from({ length: 50 }, (_, i) => i),
    3,
    async (part, lane) => {
      expect(busy.has(lane)).toBe(false);
      busy.add(lane);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(part);
      busy.delete(lane);
    },
  );
  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
});

test("after a failure nothing more starts, and what runs is waited for", async () => {
  const started: number[] = [];
  let running = 0;
  const work = async (part: number): Promise<void> => {
    started.push(part);
    running++;
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    if (part === 1) throw new Error("part 1");
  };
  await expect(drain([0, 1, 2, 3, 4, 5], 2, work)).rejects.toThrow("part 1");
  expect(running).toBe(0);
  expect(started.length).toBeLessThan(6);
});

test("parts that can't be made are a failure like any other", async () => {
  let running = 0;
  function* parts(): Generator<number> {
    yield 0;
    throw new Error("no more");
  }
  const work = async (): Promise<void> => {
    running++;
    await new Promise((resolve) => setImmediate(resolve));
    running--;
  };
  await expect(drain(parts(), 2, work)).rejects.toThrow("no more");
  expect(running).toBe(0);
});

test("an abort ends it between two parts, with the signal's reason", async () => {
  const controller = new AbortController();
  const done: number[] = [];
  const work = async (part: number): Promise<void> => {
    done.push(part);
    if (part === 2) controller.abort("enough");
  };
  await expect(drain([0, 1, 2, 3, 4], 1, work, controller.signal)).rejects.toBe("enough");
  expect(done).toEqual([0, 1, 2]);
});
