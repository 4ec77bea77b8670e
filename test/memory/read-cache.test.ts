import { expect, test } from "vitest";
import { MemoryStore, type Entry } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

test("a second read comes from the cache, and the hit rate tells", async () => {
  const store = await testStore();
  await store.store({ key: "k", value: "v", metadata: { n: 1 } });
  for (let i = 0; i < 4; i++) expect((await store.retrieve("k"))?.accessCount).toBe(i + 1);
  expect((await store.stats()).cache).toMatchObject({
    entries: 1,
    hits: 3,
    misses: 1,
    hitRate: 0.75,
  });
});

test("what one reader does to an entry no other sees", async () => {
  const store = await testStore();
  await store.store({ key: "k", value: "v", tags: ["a"], metadata: { list: [1] } });
  const first = (await store.retrieve("k")) as Entry;
  (first.metadata.list as number[]).push(2);
  (first.tags as string[]).push("b");
  expect(await store.retrieve("k")).toMatchObject({ tags: ["a"], metadata: { list: [1] } });
});

test("a read never gives what another store has replaced, deleted, cleared or restored", async () => {
  const path = testFolder();
  await using one = await MemoryStore.open({ path });
  await using two = await MemoryStore.open({ path });
  const read = async (): Promise<string | undefined> => (await one.retrieve("k"))?.value;
  for (let i = 0; i < 20; i++) {
    await two.store({ key: "k", value: `v${i}` });
    expect(await read()).toBe(`v${i}`);
    expect(await read()).toBe(`v${i}`);
  }
  await two.delete("k");
  expect(await read()).toBeUndefined();
  await two.store({ key: "k", value: "again" });
  expect(await read()).toBe("again");
  await two.clear();
  expect(await read()).toBeUndefined();
});

test("what another store writes elsewhere leaves cached entries where they are", async () => {
  const path = testFolder();
  await using one = await MemoryStore.open({ path });
  await using two = await MemoryStore.open({ path });
  await one.store({ key: "k", value: "v" });
  await one.retrieve("k");
  for (let i = 0; i < 5; i++) {
    await two.store({ key: "other", value: `v${i}` });
    expect((await one.retrieve("k"))?.value).toBe("v");
  }
  expect(one.cacheStats()).toMatchObject({ entries: 1, hits: 5, misses: 1 });
});

test("what is evicted, expired or erased is gone from the cache too", async () => {
  const store = await testStore();
  await store.configure("default", { maxEntries: 2, eviction: "lru" });
  await store.store({ key: "a", value: "1" });
  await store.retrieve("a");
  await store.store({ key: "b", value: "2" });
  await store.retrieve("b");
  await store.store({ key: "c", value: "3" });
  expect(await store.retrieve("a")).toBeUndefined();
  await store.store({ key: "b", value: "2", ttl: 0.05 });
  expect((await store.retrieve("b"))?.value).toBe("2");
  while ((await store.retrieve("b")) !== undefined);
  await store.retrieve("c");
  await store.delete("c", { erase: true });
  expect(await store.retrieve("c")).toBeUndefined();
});

test("the cache holds no more than it may, and none when it is off", async () => {
  const small = await testStore({ cacheCharacters: 1000 });
  for (let i = 0; i < 50; i++) {
    await small.store({ key: `k${i}`, value: "x".repeat(100) });
    await small.retrieve(`k${i}`);
  }
  await small.store({ key: "large", value: "x".repeat(900) });
  await small.retrieve("large");
  const { cache } = await small.stats();
  expect(cache.characters).toBeLessThanOrEqual(1000);
  expect(cache.entries).toBeGreaterThan(5);
  const off = await testStore({ cacheCharacters: 0 });
  await off.store({ key: "k", value: "v" });
  for (let i = 0; i < 3; i++) await off.retrieve("k");
  expect((await off.stats()).cache).toMatchObject({ entries: 0, hits: 0, misses: 3 });
});

test("a count of reads never goes back, whenever it is written into the file", async () => {
  const store = await testStore();
  await store.store({ key: "k", value: "v" });
  for (let i = 1; i <= 5; i++) expect((await store.retrieve("k"))?.accessCount).toBe(i);
  await store.persist();
  expect((await store.retrieve("k"))?.accessCount).toBe(6);
});
