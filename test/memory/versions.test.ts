import { expect, test } from "vitest";
import type { StigmergyError } from "#dist/index.js";
import { testStore } from "../support/store.ts";

const codeOf = (error: unknown): string => (error as StigmergyError).code;

test("a write with ifVersion happens only while nobody else has written", async () => {
  const store = await testStore();
  const first = await store.store({ key: "plan", value: "one", ifVersion: 0 });
  const second = await store.store({ key: "plan", value: "two", ifVersion: first.version });
  expect(second.version).toBeGreaterThan(first.version);
  await expect(
    store.store({ key: "plan", value: "three", ifVersion: first.version }),
  ).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(store.store({ key: "plan", value: "new", ifVersion: 0 })).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringMatching(/expected no entry, found version \d+; read it again/),
  });
  expect((await store.retrieve("plan"))?.value).toBe("two");
});

test("a version never comes back, not even for a key that was deleted and stored again", async () => {
  const store = await testStore();
  const first = await store.store({ key: "k", value: "same" });
  await store.delete("k");
  const again = await store.store({ key: "k", value: "same" });
  expect(again.version).toBeGreaterThan(first.version);
  await expect(
    store.store({ key: "k", value: "late", ifVersion: first.version }),
  ).rejects.toMatchObject({ code: "CONFLICT" });
});

test("a delete with ifVersion spares what was written meanwhile", async () => {
  const store = await testStore();
  const { version } = await store.store({ key: "k", value: "one" });
  const later = await store.store({ key: "k", value: "two" });
  await expect(store.delete("k", { ifVersion: version })).rejects.toMatchObject({
    code: "CONFLICT",
  });
  expect(await store.delete("k", { ifVersion: later.version })).toBe(true);
});

test("an expired entry counts as none", async () => {
  const store = await testStore();
  await store.store({ key: "k", value: "one", ttl: 0.001 });
  while ((await store.retrieve("k")) !== undefined);
  await store.store({ key: "k", value: "two", ifVersion: 0 });
  expect((await store.retrieve("k"))?.value).toBe("two");
});

test("reading and retrieving change no version", async () => {
  const store = await testStore();
  const { version } = await store.store({ key: "k", value: "findable words" });
  await store.search({ query: "findable" });
  expect((await store.retrieve("k"))?.version).toBe(version);
});

test("the writes of a transaction are made all at once", async () => {
  const store = await testStore();
  const result = await store.transaction((tx) => {
    tx.store({ key: "a", value: "1" });
    tx.store({ key: "b", value: "2", namespace: "other" });
    return "done";
  });
  expect(result).toBe("done");
  expect((await store.retrieve("a"))?.value).toBe("1");
  expect((await store.retrieve("b", { namespace: "other" }))?.value).toBe("2");
});

test("a transaction that throws, or has one bad write, changes nothing", async () => {
  const store = await testStore();
  await expect(
    store.transaction((tx) => {
      tx.store({ key: "a", value: "1" });
      throw new Error("changed my mind");
    }),
  ).rejects.toThrow("changed my mind");
  await expect(
    store.transaction((tx) => {
      tx.store({ key: "a", value: "1" });
      tx.store({ key: "b", value: "" });
    }),
  ).rejects.toMatchObject({ code: "INVALID_INPUT" });
  await expect(
    store.transaction(
      (tx) => {
        tx.store({ key: "a", value: "1" });
        tx.store({ key: "b", value: "2", ifVersion: 99 });
      },
      { attempts: 1 },
    ),
  ).rejects.toMatchObject({ code: "CONFLICT" });
  expect(await store.list()).toEqual([]);
});

test("a transaction sees its own writes, and is run again when what it read has changed", async () => {
  const store = await testStore();
  await store.store({ key: "count", value: "0" });
  let runs = 0;
  await store.transaction(async (tx) => {
    runs++;
    const before = Number((await tx.retrieve("count"))?.value);
    if (runs === 1) await store.store({ key: "count", value: "10" });
    tx.store({ key: "count", value: String(before + 1) });
    expect((await tx.retrieve("count"))?.value).toBe(String(before + 1));
    tx.delete("nothing");
    expect(await tx.retrieve("nothing")).toBeUndefined();
  });
  expect(runs).toBe(2);
  expect((await store.retrieve("count"))?.value).toBe("11");
});

test("a transaction that only read nothing that changed sees absence as a fact too", async () => {
  const store = await testStore();
  let runs = 0;
  await store.transaction(async (tx) => {
    runs++;
    const taken = await tx.retrieve("lock");
    if (runs === 1) await store.store({ key: "lock", value: "taken by another" });
    tx.store({ key: "who", value: taken === undefined ? "me" : taken.value });
  });
  expect(runs).toBe(2);
  expect((await store.retrieve("who"))?.value).toBe("taken by another");
});

test("a transaction gives up after its attempts, or when its signal says so", async () => {
  const store = await testStore();
  let runs = 0;
  const collide = store.transaction(
    async (tx) => {
      runs++;
      await tx.retrieve("k");
      await store.store({ key: "k", value: String(runs) });
      tx.store({ key: "k", value: "mine" });
    },
    { attempts: 3 },
  );
  await expect(collide).rejects.toSatisfy((error) => codeOf(error) === "CONFLICT");
  expect(runs).toBe(3);
  const reason = new Error("enough");
  await expect(
    store.transaction(() => undefined, { signal: AbortSignal.abort(reason) }),
  ).rejects.toBe(reason);
});

test("a transaction that has ended takes no more writes", async () => {
  const store = await testStore();
  const kept = await store.transaction((tx) => tx);
  expect(() => kept.store({ key: "k", value: "v" })).toThrow(/it has ended/);
});

test("fifty increments that meet in one process are all counted", async () => {
  const store = await testStore();
  await Promise.all(
    Array.from({ length: 50 }, () =>
      store.transaction(async (tx) => {
        const entry = await tx.retrieve("count");
        tx.store({ key: "count", value: String(Number(entry?.value ?? 0) + 1) });
      }),
    ),
  );
  expect((await store.retrieve("count"))?.value).toBe("50");
});

test("what the first write of a key demands holds for the later ones of the same transaction", async () => {
  const store = await testStore();
  await store.store({ key: "k", value: "another's" });
  const rewrite = store.transaction(
    (tx) => {
      tx.store({ key: "k", value: "mine", ifVersion: 0 });
      tx.store({ key: "k", value: "mine, better" });
    },
    { attempts: 1 },
  );
  await expect(rewrite).rejects.toMatchObject({ code: "CONFLICT" });
  expect((await store.retrieve("k"))?.value).toBe("another's");
});
