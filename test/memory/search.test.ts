import { expect, test, vi } from "vitest";
import { MemoryStore, type SearchRequest } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

async function keysOf(store: MemoryStore, request: SearchRequest): Promise<string[]> {
  return (await store.search(request)).hits.map(({ key }) => key);
}

test("a key pattern finds keys from their start or after any slash, the latest first", async () => {
  const store = await testStore();
  await store.store({ key: "architecture/microservices/user-service", value: "{}" });
  await store.store({ key: "microservices/cart", value: "x" });
  await store.store({ key: "microservices", value: "x" });
  await store.store({ key: "notmicroservices/cart", value: "x" });
  const { hits, mode } = await store.search({ query: "microservices/*" });
  expect(mode).toBe("glob");
  expect(hits.map(({ key }) => key)).toEqual([
    "microservices/cart",
    "architecture/microservices/user-service",
  ]);
  expect(hits.every(({ score, why }) => score === 1 && why.key === 1)).toBe(true);
  // With white space it is a text, whatever else it holds.
  expect((await store.search({ query: "what * is this?" })).mode).toBe("hybrid");
});

test("lexical search stems, finds identifiers whole and split, and ignores question words", async () => {
  const store = await testStore();
  await store.store({ key: "1", value: "The scheduler retries failing jobs" });
  await store.store({ key: "2", value: "function getUserById(id) { return users[id]; }" });
  await store.store({ key: "3", value: "What is the time and where are you?" });
  await store.store({ key: "4", value: "Größe der Äpfel" });
  const lexical = (query: string): Promise<string[]> => keysOf(store, { query, mode: "lexical" });
  expect(await lexical("retry a failed job")).toEqual(["1"]);
  for (const query of ["get_user_by_id", "getUserById", "users by id", "GETUSERBYID"]) {
    expect(await lexical(query), query).toEqual(["2"]);
  }
  expect(await lexical("what is where")).toEqual(["3"]);
  expect(await lexical("what is the scheduler")).toEqual(["1"]);
  expect(await lexical("grosse apfel größe")).toEqual(["4"]);
  expect(await lexical("nothing matches")).toEqual([]);
});

test("a title weighs more than the text, and keys and tags are searched too", async () => {
  const store = await testStore();
  await store.store({ key: "1", value: "cache of other things entirely" });
  await store.store({ key: "2", value: "of other things entirely", metadata: { title: "cache" } });
  await store.store({ key: "area/zebra", value: "nothing" });
  await store.store({ key: "3", value: "nothing", tags: ["okapi"] });
  expect(await keysOf(store, { query: "cache", mode: "lexical" })).toEqual(["2", "1"]);
  expect(await keysOf(store, { query: "zebra", mode: "lexical" })).toEqual(["area/zebra"]);
  expect(await keysOf(store, { query: "okapi", mode: "lexical" })).toEqual(["3"]);
});

test("hybrid search finds by words and by spelling, and says by which", async () => {
  const store = await testStore({ embedder: "lexical-hash" });
  await store.store({ key: "exact", value: "exponential backoff" });
  await store.store({ key: "misspelled", value: "exponentail bakcoff" });
  await store.store({ key: "other", value: "unrelated text on cooking" });
  const { hits, mode, embedder } = await store.search({ query: "exponential backoff" });
  expect(mode).toBe("hybrid");
  expect(embedder.kind).toBe("lexical");
  expect(hits.slice(0, 2).map(({ key }) => key)).toEqual(["exact", "misspelled"]);
  expect(hits[0].why.lexical).toBe(1);
  expect(hits[0].why.semantic).toBeGreaterThan(0.7);
  expect(hits[1].why.lexical).toBeUndefined();
  expect(hits[1].why.semantic).toBeGreaterThan(0.1);
  for (const { score } of hits) {
    expect(score).toBeGreaterThan(0);
    expect(score).toBeLessThanOrEqual(1);
  }
  const strict = await keysOf(store, { query: "exponential backoff", threshold: 0.5 });
  expect(strict).toEqual(["exact"]);
});

test("texts in any script are found", async () => {
  const store = await testStore();
  for (const [key, value] of [
    ["ja", "メモリの全文検索を実装する"],
    ["zh", "向量数据库的设计"],
    ["ru", "Настройка очереди задач"],
    ["ar", "قاعدة البيانات المشتركة"],
    ["ko", "공유 메모리 저장소"],
  ]) {
    await store.store({ key, value });
  }
  expect((await keysOf(store, { query: "全文検索", mode: "lexical" }))[0]).toBe("ja");
  expect((await keysOf(store, { query: "数据库", mode: "lexical" }))[0]).toBe("zh");
  expect((await keysOf(store, { query: "очереди" }))[0]).toBe("ru");
  expect((await keysOf(store, { query: "البيانات" }))[0]).toBe("ar");
  expect((await keysOf(store, { query: "메모리" }))[0]).toBe("ko");
});

test("namespace, tags and since narrow every mode", async () => {
  const store = await testStore();
  const day = 86_400_000;
  for (let i = 0; i < 40; i++) {
    await store.store({
      key: `note/${i}`,
      value: `alpha beta gamma number ${i}`,
      namespace: i % 2 === 0 ? "even" : "odd",
      tags: i % 10 === 0 ? ["round", `t${i}`] : [],
      at: i * day,
    });
  }
  for (const mode of ["glob", "lexical", "semantic", "hybrid"] as const) {
    const query = mode === "glob" ? "note/*" : "alpha beta";
    const find = (part: Partial<SearchRequest>): Promise<string[]> =>
      keysOf(store, { query, mode, limit: 100, ...part });
    expect((await find({})).length, mode).toBe(40);
    expect((await find({ namespace: "odd" })).length, mode).toBe(20);
    expect((await find({ namespace: "none" })).length, mode).toBe(0);
    expect((await find({ tags: ["round"] })).length, mode).toBe(4);
    expect(await find({ tags: ["round", "t20"] }), mode).toEqual(["note/20"]);
    expect((await find({ since: 35 * day, namespace: "even" })).toSorted(), mode).toEqual([
      "note/36",
      "note/38",
    ]);
    expect((await find({ limit: 3 })).length, mode).toBe(3);
  }
});

test("queries of punctuation, operators and markup are texts like any other", async () => {
  const store = await testStore();
  await store.store({ key: "1", value: "near and not or" });
  for (const query of ['"', "'", "a AND (b", "NEAR(x y)", "col:umn", "-", "^a*b c", "!!", "%_\\"]) {
    await expect(store.search({ query }), query).resolves.toMatchObject({
      hits: expect.any(Array),
    });
  }
  expect(await keysOf(store, { query: "AND OR NOT", mode: "lexical" })).toEqual(["1"]);
});

test("what one store writes, replaces and deletes another finds at its next search", async () => {
  const path = testFolder();
  await using one = await MemoryStore.open({ path });
  await using two = await MemoryStore.open({ path });
  for (const mode of ["lexical", "semantic", "hybrid"] as const) {
    const find = (query: string): Promise<string[]> => keysOf(two, { query, mode });
    await one.store({ key: "k", value: "walrus" });
    expect(await find("walrus"), mode).toEqual(["k"]);
    await one.store({ key: "k", value: "penguin" });
    expect(await find("penguin"), mode).toEqual(["k"]);
    expect((await two.search({ query: "walrus", mode: "lexical" })).hits).toEqual([]);
    await one.store({ key: "k", value: "…" });
    expect(await find("penguin"), mode).toEqual([]);
    await one.delete("k");
    await two.store({ key: "other", value: "heron" });
    expect(await keysOf(one, { query: "heron", mode }), mode).toEqual(["other"]);
    await two.delete("other");
    expect(await keysOf(one, { query: "heron", mode }), mode).toEqual([]);
  }
});

test("a write that meets a search under way is found by the next", async () => {
  for (let turns = 0; turns < 12; turns++) {
    const store = await testStore();
    await store.store({ key: "first", value: "alpha" });
    const searching = store.search({ query: "alpha" });
    for (let i = 0; i < turns; i++) await Promise.resolve();
    await store.store({ key: "second", value: "uniqueword" });
    await searching;
    expect(await keysOf(store, { query: "uniqueword", mode: "semantic" })).toEqual(["second"]);
  }
});

test("an entry that another rewrites while vectors are first read is found all the same", async () => {
  const path = testFolder();
  await using writer = await MemoryStore.open({ path });
  for (let i = 0; i < 3000; i++) await writer.store({ key: `${i}`, value: `filler ${i}` });
  await writer.store({ key: "target", value: "okapi" });
  await using reader = await MemoryStore.open({ path });
  const searching = keysOf(reader, { query: "okapi", mode: "semantic" });
  for (let i = 0; i < 20; i++) {
    await writer.store({ key: "target", value: "okapi" });
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await searching).toContain("target");
});

test("an entry that expires while its search waits is not returned", async () => {
  const slow: { settle?: () => void } = {};
  let isSlow = false;
  const embedder = {
    id: "test:slow",
    dim: 2,
    kind: "semantic" as const,
    embed: async (texts: readonly string[]) => {
      if (isSlow) await new Promise<void>((resolve) => (slow.settle = resolve));
      return new Float32Array(2 * texts.length).fill(1);
    },
  };
  const store = await testStore({ embedder });
  const now = vi.spyOn(Date, "now");
  try {
    now.mockReturnValue(1_800_000_000_000);
    await store.store({ key: "brief", value: "words", ttl: 1 });
    isSlow = true;
    const searching = store.search({ query: "words" });
    while (slow.settle === undefined) await new Promise((resolve) => setImmediate(resolve));
    now.mockReturnValue(1_800_000_002_000);
    slow.settle();
    expect((await searching).hits).toEqual([]);
    // A clock that is set back brings it back.
    now.mockReturnValue(1_800_000_000_500);
    isSlow = false;
    const found = await store.search({ query: "words", mode: "semantic" });
    expect(found.hits.map(({ key }) => key)).toEqual(["brief"]);
  } finally {
    now.mockRestore();
  }
});

test("hits tell reads that are counted and not yet written", async () => {
  const store = await testStore();
  await store.store({ key: "a", value: "walrus" });
  await store.retrieve("a");
  await store.retrieve("a");
  expect((await store.search({ query: "walrus" })).hits[0].accessCount).toBe(2);
  await store.store({ key: "a", value: "walrus again" });
  expect((await store.search({ query: "walrus" })).hits[0].accessCount).toBe(2);
});

test("close waits for searches that are under way", async () => {
  const store = await testStore();
  for (let i = 0; i < 2000; i++) await store.store({ key: `${i}`, value: `walrus ${i}` });
  const searching = [store.search({ query: "walrus 7" }), store.stats()] as const;
  const closing = [store.close(), store.close()];
  expect((await searching[0]).hits.length).toBe(10);
  expect((await searching[1]).entries).toBe(2000);
  await Promise.all(closing);
});

test("text without spaces may be as long as any, and marks belong to words", async () => {
  const store = await testStore();
  await store.store({ key: "long", value: "中文".repeat(150_000) });
  expect(await keysOf(store, { query: "中文", mode: "lexical" })).toEqual(["long"]);
  await store.store({ key: "hi", value: "किताब" });
  expect(await keysOf(store, { query: "किताब", mode: "lexical" })).toEqual(["hi"]);
  expect(await keysOf(store, { query: "कुताब", mode: "lexical" })).toEqual([]);
});
