import { expect, test } from "vitest";
import { testStore } from "../support/store.ts";

const LONG = `${"filler about other things ".repeat(60)}the walrus sleeps on ice ${"and so on ".repeat(60)}`;

test("a snippet holds the words of the query, wherever they stand", async () => {
  const store = await testStore();
  await store.store({ key: "long", value: LONG });
  await store.store({ key: "short", value: "a walrus\n  on ice" });
  const { hits } = await store.search({ query: "walrus on ice", detail: "snippet" });
  const byKey = new Map(hits.map((hit) => [hit.key, hit]));
  expect(byKey.get("short")?.value).toBe("a walrus on ice");
  const { value, snippet, detail } = byKey.get("long") ?? {};
  expect(value).toBe(snippet);
  expect(detail).toBe("snippet");
  expect(value).toMatch(/^….*the walrus sleeps on ice.*…$/);
  expect(value?.length).toBeLessThanOrEqual(242);
});

test("keys come without texts, and full entries with all of theirs", async () => {
  const store = await testStore();
  await store.store({ key: "long", value: LONG });
  const [keys] = (await store.search({ query: "walrus", detail: "keys" })).hits;
  expect([keys.key, keys.value, keys.snippet]).toEqual(["long", "", undefined]);
  const [full] = (await store.search({ query: "walrus" })).hits;
  expect(full.value).toBe(LONG);
  expect(full.detail).toBe("full");
});

test("an answer keeps within its tokens: shorter first, then fewer", async () => {
  const store = await testStore();
  for (let i = 0; i < 6; i++) await store.store({ key: `n/${i}`, value: `walrus ${i} ${LONG}` });
  const whole = await store.search({ query: "walrus" });
  expect(whole.hits.map(({ detail }) => detail)).toEqual(Array(6).fill("full"));
  const most = Math.ceil(whole.tokens / 6) + 150;
  const some = await store.search({ query: "walrus", maxTokens: most });
  expect(some.hits.map(({ key }) => key)).toEqual(whole.hits.map(({ key }) => key));
  expect(some.hits.map(({ detail }) => detail).join(" ")).toMatch(/^full (snippet )+(keys ?)+$/);
  expect(some.tokens).toBeLessThanOrEqual(most);
  const few = await store.search({ query: "walrus", maxTokens: 2 });
  expect(few.tokens).toBeLessThanOrEqual(2);
  expect(few.hits.length + few.omitted).toBe(6);
  expect(few.omitted).toBeGreaterThan(0);
});

test("tokens are one for four ASCII characters, and one for each other character", async () => {
  const store = await testStore();
  const costOf = async (word: string, key: string): Promise<number> => {
    const value = `${word} ${"walrus ".repeat(40)}`;
    await store.store({ key, value });
    const { hits, tokens } = await store.search({ query: word, mode: "lexical", limit: 1 });
    expect(hits[0].key).toBe(key);
    return tokens;
  };
  const ascii = await costOf("abcdefghijkl", "a");
  const cyrillic = await costOf("абвгдежзиклм", "b");
  expect(cyrillic - ascii).toBe(9);
});

test("hits that say the same are folded into the best, short ones are not", async () => {
  const store = await testStore();
  const text = "the deploy of the web shop failed because the disk of the build host was full";
  await store.store({ key: "a", value: text });
  await store.store({ key: "b", value: `${text}!`, namespace: "copy" });
  await store.store({ key: "c", value: "deploy done" });
  await store.store({ key: "d", value: "deploy done" });
  const apart = await store.search({ query: "deploy", mode: "lexical" });
  expect(apart.hits).toHaveLength(4);
  const { hits } = await store.search({ query: "deploy", mode: "lexical", fold: true });
  expect(hits.map(({ key }) => key).toSorted()).toEqual(["a", "c", "d"]);
  expect(hits.find(({ key }) => key === "a")?.duplicates).toEqual([
    { namespace: "copy", key: "b" },
  ]);
});

test("recency, importance and diversity change the order as they say, and nothing else", async () => {
  const store = await testStore();
  const old = Date.now() - 300 * 86_400_000;
  await store.store({ key: "old", value: "deploy deploy notes", at: old });
  await store.store({ key: "new", value: "deploy something notes" });
  await store.store({
    key: "vital",
    value: "deploy other notes",
    at: old,
    metadata: { importance: 1 },
  });
  const order = async (part: object): Promise<string[]> => {
    const { hits } = await store.search({ query: "deploy notes", mode: "lexical", ...part });
    return hits.map(({ key }) => key);
  };
  expect((await order({}))[0]).toBe("old");
  expect((await order({ importance: 1 }))[0]).toBe("vital");
  expect((await order({ recency: 1 }))[0]).toBe("new");
  const plainly = (await store.search({ query: "deploy notes", mode: "lexical" })).hits;
  const weighed = (await store.search({ query: "deploy notes", mode: "lexical", importance: 1 }))
    .hits;
  // Scores are probabilities of relevance, whatever the order.
  const scoresOf = (hits: typeof plainly) =>
    hits.map(({ key, score }) => `${key} ${score}`).toSorted();
  expect(scoresOf(weighed)).toEqual(scoresOf(plainly));
  await store.store({ key: "copy", value: "deploy deploy notes", at: old });
  const plain = await order({ limit: 2 });
  expect(plain.toSorted()).toEqual(["copy", "old"]);
  const diverse = await order({ limit: 2, diversity: 0.6 });
  expect(diverse).toHaveLength(2);
  expect(diverse.filter((key) => key === "old" || key === "copy")).toHaveLength(1);
});

test("an importance that is not 0 to 1 counts as the middle, as that of an entry without one", async () => {
  const store = await testStore();
  // Of equal texts that which was there before comes first.
  await store.store({ key: "plain", value: "deploy notes" });
  const order = async (importance: unknown): Promise<string[]> => {
    await store.store({ key: "told", value: "deploy notes", metadata: { importance } as never });
    const { hits } = await store.search({ query: "deploy notes", mode: "lexical", importance: 1 });
    return hits.map(({ key }) => key);
  };
  for (const none of [7, -1, "1", true]) {
    expect(await order(none), `${none}`).toEqual(["plain", "told"]);
  }
  expect(await order(1)).toEqual(["told", "plain"]);
});

test("a threshold is a probability: what the store knows nothing of finds nothing", async () => {
  const store = await testStore();
  const topics = "postgres locks, kafka topics, css grids, tax forms, bread recipes".split(", ");
  for (let i = 0; i < 100; i++) {
    const topic = topics[i % topics.length];
    await store.store({ key: `note/${i}`, value: `Note ${i} says how ${topic} are looked after` });
  }
  await store.store({ key: "tide", value: "The tide gauge of Ostend is read at noon" });
  const find = async (query: string): Promise<string[]> => {
    return (await store.search({ query, threshold: 0.3 })).hits.map(({ key }) => key);
  };
  expect(await find("when is the tide gauge of Ostend read")).toEqual(["tide"]);
  expect(await find("colour of the moons of Saturn after an eclipse, noon")).toEqual([]);
});

test("wishes out of range are refused", async () => {
  const store = await testStore();
  for (const part of [
    ...[{ recency: 2 }, { importance: -1 }, { diversity: Number.NaN }, { context: 11 }],
    ...[{ maxTokens: 0 }, { detail: "some" as "full" }, { fold: 1 as unknown as boolean }],
  ]) {
    await expect(store.search({ query: "x", ...part }), JSON.stringify(part)).rejects.toMatchObject(
      { code: "INVALID_INPUT" },
    );
  }
});
