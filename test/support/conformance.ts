import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  VectorIndex,
  type Hits,
  type IndexKind,
  type Metric,
  type Precision,
} from "#dist/index.js";
import { BruteForce } from "./brute-force.ts";
import { testFolder } from "./folder.ts";
import { fillRandom, randomVectors, seededRandom } from "./random.ts";

const METRICS: readonly Metric[] = ["cosine", "l2sq", "dot"];
const LARGEST_KEY = Number.MAX_SAFE_INTEGER;

/** Shares of the true nearest that a kind must find; 1 for those that look at every row. */
export interface Conformance {
  readonly kind: IndexKind;
  readonly recall: number;
  /** How rows are kept; default f32. */
  readonly precision?: Precision;
}

/** What every kind of index must do, told once. */
export function describeIndex({ kind, recall, precision = "f32" }: Conformance): void {
  // Of rows of 8 bits distances are to the rows as they are kept: the queries and rows here have lengths of
  // about √dim, and what is kept is off by less than a hundredth of that.
  const tolerance = precision === "f32" ? 1e-5 : 0.01;
  describe.each(METRICS)(`kind ${kind}, ${precision}, metric %s`, (metric) => {
    test.each([1, 3, 16, 17, 100])("search agrees with brute force at dim %i", async (dim) => {
      for (const count of [1, 2, 31, 33, 300]) {
        const { index, model, keys } = await filled(count, dim, count + dim);
        const random = seededRandom(9);
        let found = 0;
        let wanted = 0;
        for (let i = 0; i < 10; i++) {
          const query = fillRandom(new Float32Array(dim), random);
          const hits = index.search(query, { k: 10 });
          expectSound(hits, Math.min(10, count));
          const truth = model.distances(query);
          hits.distances.forEach((distance, at) => {
            const key = hits.keys[at];
            expect(keys).toContain(key);
            const exact = truth.find((each) => each.key === key)?.distance as number;
            const size = precision === "f32" ? Math.abs(exact) : metric === "cosine" ? 1 : dim;
            expect(Math.abs(distance - exact)).toBeLessThanOrEqual(tolerance * (1 + size));
          });
          const worst = truth[hits.keys.length - 1].distance;
          wanted += hits.keys.length;
          found += hits.distances.filter(
            (distance) => distance <= worst + tolerance * (precision === "f32" ? 1 : 1 + dim),
          ).length;
        }
        expect(found / wanted).toBeGreaterThanOrEqual(recall);
        await index.close();
      }
    });

    test("a replaced vector is found where it is and not where it was", async () => {
      const { index } = await filled(100, 8, 1);
      const moved = Float32Array.from([9, 9, 9, 9, 0, 0, 0, 0]);
      await index.add([LARGEST_KEY], moved);
      await index.add([LARGEST_KEY], moved.toReversed());
      expect(index.stats().rows).toBe(101);
      expect(index.search(moved.toReversed(), { k: 1 }).keys[0]).toBe(LARGEST_KEY);
      const all = index.search(moved, { k: 200 });
      expect(all.keys.filter((key) => key === LARGEST_KEY).length).toBe(1);
      expect(all.keys.length).toBe(101);
      await index.close();
    });

    test("of a key given twice in one call the last counts", async () => {
      const index = await VectorIndex.create({ dim: 2, metric, kind, precision });
      await index.add([7, 7, 7], Float32Array.from([1, 0, 0, 1, -1, 1]));
      expect(index.stats().rows).toBe(1);
      const { keys, distances } = index.search(Float32Array.from([-1, 1]), { k: 3 });
      expect([...keys]).toEqual([7]);
      expect(distances[0]).toBeCloseTo(metric === "dot" ? -2 : 0, precision === "f32" ? 5 : 1);
      await index.close();
    });

    test("all forms of a filter let the same rows through, down to none", async () => {
      const { index, model, keys } = await filled(400, 12, 2);
      const query = randomVectors(1, 12, 3);
      for (const every of [1, 2, 10, 100, 401]) {
        const allowed = keys.filter((_, i) => i % every === every - 1);
        const set = new Set(allowed);
        const truth = model.distances(query, (key) => set.has(key)).slice(0, 10);
        const foreign: Set<number> = runInNewContext("new Set(keys)", { keys: allowed });
        expect(foreign).not.toBeInstanceOf(Set);
        const forms = [
          ...[(key: number) => set.has(key), set, foreign],
          ...[allowed, Float64Array.from(allowed)],
        ];
        const answers = forms.map((filter) => index.search(query, { k: 10, filter }));
        for (const hits of answers) {
          expect(hits.keys.length).toBe(Math.min(10, allowed.length));
          expect([...hits.keys].every((key) => set.has(key))).toBe(true);
          expect([...hits.keys]).toEqual([...answers[0].keys]);
        }
        if (recall === 1 && precision === "f32") {
          expect([...answers[0].keys]).toEqual(truth.map(({ key }) => key));
        }
      }
      const strangers = new Set(Array.from({ length: 1000 }, (_, i) => 500 + i));
      expect(index.search(query, { filter: strangers }).keys.length).toBe(0);
      expect(index.search(query, { filter: [keys[5], 3.5, -1] }).keys.length).toBe(1);
      await index.close();
    });

    test("a filter that answers by promises, which would let every key through, is refused", async () => {
      const { index } = await filled(20, 12, 2);
      const filter = (async () => false) as unknown as (key: number) => boolean;
      const refused = { code: "INVALID_INPUT", message: expect.stringContaining("promise") };
      expect(() => index.search(randomVectors(1, 12, 3), { filter })).toThrow(
        expect.objectContaining(refused),
      );
      const many = async (): Promise<unknown> =>
        index.searchMany(randomVectors(3, 12, 3), { filter });
      await expect(many()).rejects.toMatchObject(refused);
      await index.close();
    });

    test("searchMany answers as search does, on one thread and on several", async () => {
      const queries = randomVectors(37, 20, 4);
      for (const threads of [1, 3]) {
        const { index, keys } = await filled(5000, 20, 5, threads);
        await index.remove(keys.slice(100, 1500));
        for (const options of [{ k: 10 }, { k: 1 }, { k: 4000 }, { filter: keys.slice(0, 200) }]) {
          const many = await index.searchMany(queries, options);
          expect(many.length).toBe(37);
          many.forEach((hits, i) => {
            const alone = index.search(queries.subarray(i * 20, (i + 1) * 20), options);
            expect([...hits.keys]).toEqual([...alone.keys]);
            expect([...hits.distances]).toEqual([...alone.distances]);
          });
        }
        expect(await index.searchMany(new Float32Array(0))).toEqual([]);
        await index.close();
      }
    });

    test("a saved index opens as it was, and can be changed and saved again", async () => {
      const folder = testFolder();
      const { index, keys } = await filled(500, 24, 6);
      await index.remove(keys.slice(0, 50));
      const queries = randomVectors(5, 24, 7);
      await index.save(folder);
      const opened = await VectorIndex.open(folder, { threads: 2 });
      const kept = ({
        rows,
        dim,
        metric: of,
        kind: as,
        precision: in8,
      }: ReturnType<typeof index.stats>) => {
        return { rows, dim, of, as, in8 };
      };
      expect(kept(opened.stats())).toEqual(kept(index.stats()));
      expect(await opened.verify()).toEqual({ ok: true, rows: 450, problems: [] });
      expectSameAnswers(await opened.searchMany(queries), await index.searchMany(queries));

      await opened.add([1], randomVectors(1, 24, 8));
      await opened.save(folder);
      const again = await VectorIndex.open(folder);
      expect(again.stats().rows).toBe(451);
      expectSameAnswers(await again.searchMany(queries), await opened.searchMany(queries));
      await Promise.all([index.close(), opened.close(), again.close()]);
    });

    test("a snapshot holds the rows of the moment of save, whatever follows", async () => {
      for (const follow of ["add", "remove", "close"] as const) {
        const folder = testFolder();
        const { index, keys } = await filled(100, 6, 6);
        const saving = index.save(folder);
        if (follow === "add") await index.add([5, keys[0]], randomVectors(2, 6, 1));
        else if (follow === "remove") await index.remove(keys);
        else await index.close();
        await saving;
        await index.close();
        const opened = await VectorIndex.open(folder);
        expect(await opened.verify()).toEqual({ ok: true, rows: 100, problems: [] });
        const hits = opened.search(randomVectors(1, 6, 2), { k: 200 });
        expect([...hits.keys].toSorted()).toEqual(keys.toSorted());
        await opened.close();
      }
    });

    test("an empty index answers nothing, and can be saved and opened", async () => {
      const folder = testFolder();
      const index = await VectorIndex.create({ dim: 4, metric, kind, precision });
      const query = Float32Array.from([1, 2, 3, 4]);
      expect(index.search(query).keys.length).toBe(0);
      expect((await index.searchMany(query))[0].keys.length).toBe(0);
      expect(await index.remove([1, 2])).toBe(0);
      await index.save(folder);
      const opened = await VectorIndex.open(folder);
      expect(opened.stats().rows).toBe(0);
      await opened.add([5], query);
      expect([...opened.search(query).keys]).toEqual([5]);
      await Promise.all([index.close(), opened.close()]);
    });

    test("any sequence of changes leaves what a Map would hold", async () => {
      const operation = fc.oneof(
        fc.record({ add: fc.array(fc.nat(40), { maxLength: 12 }), seed: fc.nat(1000) }),
        fc.record({ remove: fc.array(fc.nat(40), { maxLength: 12 }) }),
        fc.record({ optimize: fc.constant(true) }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { maxLength: 12 }), async (operations) => {
          const index = await VectorIndex.create({ dim: 5, metric, kind, precision, threads: 1 });
          const model = new BruteForce(5, metric);
          for (const each of operations) {
            if ("add" in each) {
              const vectors = randomVectors(each.add.length, 5, each.seed);
              await index.add(each.add, vectors);
              model.add(each.add, vectors);
            } else if ("remove" in each) {
              expect(await index.remove(each.remove)).toBe(model.remove(each.remove));
            } else await index.optimize();
          }
          const query = randomVectors(1, 5, 77);
          const hits = index.search(query, { k: 50 });
          const truth = model.distances(query);
          expect([...hits.keys].toSorted()).toEqual(truth.map(({ key }) => key).toSorted());
          truth.forEach(({ distance }, i) =>
            expect(hits.distances[i]).toBeCloseTo(distance, precision === "f32" ? 4 : 1),
          );
          expect(await index.verify()).toMatchObject({ ok: true, rows: model.size });
          await index.close();
        }),
        { seed: 1, numRuns: 40 },
      );
    });

    test("bad input is refused with a code and changes nothing", async () => {
      const { index } = await filled(10, 4, 8);
      const good = Float32Array.from([1, 2, 3, 4]);
      const before = index.search(good, { k: 20 });
      const two = new Float32Array(8).fill(1);
      const refuse = async (work: () => unknown, code: string): Promise<void> => {
        await expect(async () => work()).rejects.toMatchObject({ code });
      };
      for (const key of [-1, 1.5, NaN, Infinity, LARGEST_KEY + 1, "1" as unknown as number]) {
        await refuse(() => index.add([3, key], two), "INVALID_INPUT");
        await refuse(() => index.remove([key]), "INVALID_INPUT");
      }
      for (const value of [NaN, Infinity, -Infinity]) {
        const bad = two.slice();
        bad[7] = value;
        await refuse(() => index.add([1, 2], bad), "INVALID_INPUT");
        await refuse(() => index.search(bad.subarray(4)), "INVALID_INPUT");
        await refuse(() => index.searchMany(bad), "INVALID_INPUT");
      }
      await refuse(() => index.add([1, 2, 3], two), "DIMENSION");
      await refuse(() => index.search(two), "DIMENSION");
      await refuse(() => index.searchMany(two.subarray(1)), "DIMENSION");
      await refuse(() => index.add([1], [1, 2, 3, 4] as unknown as Float32Array), "INVALID_INPUT");
      for (const k of [0, -1, 1.5, NaN])
        await refuse(() => index.search(good, { k }), "INVALID_INPUT");
      await refuse(() => index.search(good, { efSearch: 0 }), "INVALID_INPUT");
      if (metric === "cosine") {
        await refuse(() => index.add([1], new Float32Array(4)), "INVALID_INPUT");
        await refuse(() => index.search(new Float32Array(4)), "INVALID_INPUT");
      }
      const after = index.search(good, { k: 20 });
      expectSameAnswers([after], [before]);
      await index.close();
      await refuse(() => index.search(good), "CLOSED");
      await refuse(() => index.add([1], good), "CLOSED");
      await index.close();
    });

    async function filled(count: number, dim: number, seed: number, threads = 2) {
      const index = await VectorIndex.create({ dim, metric, kind, precision, threads });
      const model = new BruteForce(dim, metric);
      // Keys far apart, up to where f64 still counts them.
      const keys = Array.from({ length: count }, (_, i) => i * 1_000_003 + (i % 2) * 2 ** 52);
      const vectors = randomVectors(count, dim, seed);
      await index.add(keys, vectors);
      model.add(keys, vectors);
      return { index, model, keys };
    }
  });
}

function expectSound({ keys, distances }: Hits, count: number): void {
  expect(keys.length).toBe(count);
  expect(distances.length).toBe(count);
  expect(new Set(keys).size).toBe(count);
  expect([...distances]).toEqual([...distances].toSorted((a, b) => a - b));
}

function expectSameAnswers(found: readonly Hits[], expected: readonly Hits[]): void {
  expect(found.map(({ keys }) => [...keys])).toEqual(expected.map(({ keys }) => [...keys]));
  expect(found.map(({ distances }) => [...distances])).toEqual(
    expected.map(({ distances }) => [...distances]),
  );
}
