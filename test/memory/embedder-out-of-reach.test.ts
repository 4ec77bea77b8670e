import { existsSync } from "node:fs";
import { expect, onTestFinished, test, vi } from "vitest";
import { endpointEmbedder, MemoryStore, type Embedder } from "#dist/index.js";
import { Database } from "#dist/memory/file/database.js";
import { passingService, startService, type Behavior } from "../support/embedding-service.ts";
import { testFolder } from "../support/folder.ts";
import { runModule } from "../support/process.ts";

/** Ways in which a service is of no use, and what is then told. */
const WAYS: Readonly<Record<string, { readonly behave: Behavior; readonly told: RegExp }>> = {
  "breaks connections": {
    behave: (_, response) => response.destroy() !== undefined,
    told: /other side closed|socket/,
  },
  "does not answer": { behave: () => true, told: /no answer within 300 ms/ },
  "answers 500": {
    behave: (_, response) => response.writeHead(500).end("out of memory") !== undefined,
    told: /answered 500: out of memory/,
  },
  "answers vectors of another length": {
    behave: ({ body }, response) =>
      response.end(JSON.stringify({ data: body.input.map(() => ({ embedding: [1, 2] })) })) !==
      undefined,
    told: /expected 4, received 2; is another model served by this name\?/,
  },
};

test.each(Object.entries(WAYS))(
  "while an embedder %s searches go by words and say so, and what is written is embedded later",
  async (_, { behave, told }) => {
    let isGone = false;
    const service = await startService((...asked) => isGone && behave(...asked));
    const path = testFolder();
    {
      await using store = await open(path, await embedderOf(service.url));
      await store.store({ key: "before", value: "row locks of the database" });
    }
    isGone = true;
    await using store = await open(path, await embedderOf(service.url));
    const result = await store.search({ query: "row locks" });
    expect(result).toMatchObject({ mode: "lexical", vectorError: expect.stringMatching(told) });
    expect(result.hits.map(({ key, why }) => [key, why.semantic])).toEqual([["before", undefined]]);
    await expect(store.search({ query: "row locks", mode: "semantic" })).rejects.toMatchObject({
      code: "EMBEDDER_FAILED",
      message: expect.stringMatching(told),
    });
    const count = service.asked.length;
    const written = await store.store({ key: "during", value: "table locks" });
    await store.store({ key: "before", value: "locks of pages" });
    // After a failure nobody waits for it again and again.
    expect(service.asked).toHaveLength(count);
    expect(store.embedderFailure).toMatch(told);
    expect((await store.search({ query: "table" })).hits[0].key).toBe("during");
    expect((await store.stats()).unembedded).toBe(2);
    expect((await store.verify({ full: true })).problems).toEqual([]);

    isGone = false;
    await store.reembed();
    expect((await store.stats()).unembedded).toBeUndefined();
    expect(store.embedderFailure).toBeUndefined();
    const after = await store.search({ query: "table locks", mode: "semantic" });
    expect(after.hits.map(({ key }) => key).toSorted()).toEqual(["before", "during"]);
    expect(after).not.toHaveProperty("unembedded");
    // A vector that comes late is no change of the entry.
    expect((await store.retrieve("during"))?.version).toBe(written.version);
  },
);

test("a store is opened and read while nobody listens where its embedder is", async () => {
  const path = testFolder();
  const { url, close } = await passingService();
  const name = `${url}#m`;
  {
    await using store = await MemoryStore.open({ path, embedder: name });
    await store.store({ key: "a", value: "a walrus" });
  }
  await close();
  for (const how of [{}, { reembed: false }, { reembed: true }]) {
    await using store = await MemoryStore.open({ path, embedder: name, ...how });
    expect((await store.retrieve("a"))?.value).toBe("a walrus");
    const { hits, vectorError } = await store.search({ query: "walrus" });
    expect(hits).toHaveLength(1);
    expect(vectorError).toMatch(/ECONNREFUSED/);
  }
});

test("a new store opens and takes writes while its embedder has never answered, and knows it when it does", async () => {
  const path = testFolder();
  const { url, close, again } = await passingService();
  await close();
  const open = () => MemoryStore.open({ path, embedder: `${url}#m` });
  {
    await using store = await open();
    await store.store({ key: "a", value: "a walrus" });
    const found = await store.search({ query: "walrus" });
    expect(found).toMatchObject({
      mode: "lexical",
      vectorError: expect.stringMatching(/ECONNREF/),
    });
    expect(found.hits).toHaveLength(1);
    await expect(store.search({ query: "walrus", mode: "semantic" })).rejects.toMatchObject({
      code: "EMBEDDER_FAILED",
    });
    expect(await store.stats()).toMatchObject({ unembedded: 1, embedder: { dim: 0 } });
    const { path: copy } = await store.backup();
    await store.store({ key: "b", value: "gone" });
    await store.restore(copy);
    expect(await store.verify({ full: true })).toMatchObject({ ok: true, entries: 1 });
  }
  await using store = await open();
  await using other = await open();
  await other.store({ key: "b", value: "a walrus of the other" });
  await again();
  await store.reembed();
  expect(await store.stats()).toMatchObject({ embedder: { id: "endpoint/m/4", dim: 4 } });
  for (const each of [store, other]) {
    await each.store({ key: `of ${each === store}`, value: "a walrus more" });
    await each.reembed();
    const { hits } = await each.search({ query: "walrus", mode: "semantic" });
    expect(hits.map(({ key }) => key).toSorted()).toEqual(
      each === store ? ["a", "b", "of true"] : ["a", "b", "of false", "of true"],
    );
  }
  expect(await store.verify({ full: true })).toMatchObject({ ok: true, entries: 4, problems: [] });
  await close();
  await using later = await open();
  expect(await later.stats()).toMatchObject({ embedder: { dim: 4 } });
  // A store of another embedder is not taken for one of a service that is out of reach.
  const foreign = testFolder();
  await (await MemoryStore.open({ path: foreign, embedder: "lexical-hash" })).close();
  await expect(MemoryStore.open({ path: foreign, embedder: `${url}#m` })).rejects.toMatchObject({
    code: "EMBEDDER_FAILED",
  });
});

test("what a service answers at first may show that a store is of another", async () => {
  const path = testFolder();
  const { url, close, again } = await passingService();
  await close();
  await using store = await MemoryStore.open({ path, embedder: `${url}#m` });
  await store.store({ key: "a", value: "a walrus" });
  const given = await endpointEmbedder({ url, model: "m", dim: 3 });
  await using first = await MemoryStore.open({ path, embedder: given });
  await again();
  await expect(store.search({ query: "walrus", mode: "semantic" })).rejects.toMatchObject({
    code: "EMBEDDER_FAILED",
  });
  await expect(store.reembed()).rejects.toMatchObject({ code: "EMBEDDER_MISMATCH" });
  expect((await first.retrieve("a"))?.value).toBe("a walrus");
});

test("a model that a service does not have is told when a store is opened", async () => {
  const service = await startService((_, response) => {
    return response.writeHead(404).end("no such model") !== undefined;
  });
  const path = testFolder();
  await expect(
    MemoryStore.open({ path: `${path}/none`, embedder: `${service.url}#m` }),
  ).rejects.toMatchObject({ code: "EMBEDDER_FAILED", message: expect.stringMatching(/no such/) });
  expect(existsSync(`${path}/none`)).toBe(false);
});

test("every process finds what was embedded late, and the first search after an answer embeds", async () => {
  let isGone = true;
  const service = await startService((_, response) => {
    if (!isGone) return false;
    return response.writeHead(503, { "retry-after": "0" }).end() !== undefined;
  });
  const path = testFolder();
  await using store = await open(path, await embedderOf(service.url));
  await using other = await open(path, await embedderOf(service.url));
  for (let i = 0; i < 40; i++) await store.store({ key: `${i}`, value: `walrus ${i}` });
  // The other one has not asked, but knows from the store that it need not.
  const count = service.asked.length;
  await other.store({ key: "other", value: "walrus" });
  expect((await other.search({ query: "walrus" })).vectorError).toMatch(/another process/);
  expect(service.asked).toHaveLength(count);
  // Nor does its word reach further than what it knows: not having asked is no failure.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 20_000 });
  await other.store({ key: "other", value: "walrus" });

  isGone = false;
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 11_000 });
  onTestFinished(() => void vi.useRealTimers());
  // Sixteen before it looks, the rest in the background.
  const first = await other.search({ query: "walrus 7", mode: "semantic", limit: 100 });
  expect(first.hits.length).toBeGreaterThanOrEqual(16);
  await other.reembed();
  for (const each of [store, other]) {
    const { hits } = await each.search({ query: "walrus 7", mode: "semantic", limit: 100 });
    expect(hits).toHaveLength(41);
  }
});

test("a text that a service refuses is kept and found by words, and others are embedded", async () => {
  const service = await startService(({ body }, response) => {
    if (!body.input.some((text) => text.includes("too long"))) return false;
    return response.writeHead(400).end("input is too long") !== undefined;
  });
  await using store = await open(testFolder(), await embedderOf(service.url));
  await store.store({ key: "long", value: "this is too long" });
  await store.store({ key: "short", value: "this is short" });
  expect(store.embedderFailure).toBeUndefined();
  const { hits, unembedded } = await store.search({ query: "this is" });
  expect(hits.map(({ key }) => key).toSorted()).toEqual(["long", "short"]);
  expect(unembedded).toBe(1);
  await store.transaction((tx) => {
    tx.store({ key: "long/2", value: "that is too long" });
    tx.store({ key: "short/2", value: "that is short" });
  });
  await store.reembed();
  // Those that are refused are not asked about for ever.
  expect((await store.stats()).unembedded).toBe(2);
  const count = service.asked.length;
  await store.reembed();
  expect(service.asked).toHaveLength(count);
  await store.store({ key: "long", value: "now it is not" });
  expect((await store.stats()).unembedded).toBe(1);
});

test("entries that wait are restored as they were, and forgotten with what they are of", async () => {
  let isGone = true;
  const service = await startService((_, response) => isGone && response.destroy() !== undefined);
  await using store = await open(testFolder(), await embedderOf(service.url));
  await store.store({ key: "a", value: "walrus" });
  await store.store({ key: "b", value: "walrus" });
  const { path } = await store.backup();
  await store.delete("a");
  expect((await store.stats()).unembedded).toBe(1);
  await store.clear();
  expect((await store.stats()).unembedded).toBeUndefined();
  await store.restore(path);
  expect((await store.stats()).unembedded).toBe(2);
  isGone = false;
  await store.reembed();
  const { hits } = await store.search({ query: "walrus", mode: "semantic" });
  expect(hits).toHaveLength(2);
});

test("where nothing waits neither searches nor writes ask the file whether something does", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path });
  const use = async (): Promise<void> => {
    await store.store({ key: "a", value: "a walrus" });
    expect((await store.search({ query: "walrus" })).unembedded).toBeUndefined();
  };
  await use();
  const asked = vi.spyOn(Database.prototype, "sql");
  onTestFinished(() => asked.mockRestore());
  for (let i = 0; i < 5; i++) await use();
  expect(asked.mock.calls.length).toBeGreaterThan(10);
  const texts = asked.mock.calls.map(([text]) => text);
  expect(texts.filter((text) => /^SELECT (1|count.*|at) FROM unembedded/.test(text))).toEqual([]);
  // What another process has postponed is noticed.
  const { stderr } = await runModule(`
    import { Database } from "#dist/memory/file/database.js";
    const database = await Database.open(${JSON.stringify(path)});
    database.write(() => {
      database.sql("DELETE FROM vectors").get();
      database.sql("INSERT INTO unembedded (entry, at) VALUES (1, 0)").get();
    });
    database.close();`);
  expect(stderr).toBe("");
  expect((await store.stats()).unembedded).toBe(1);
  await store.search({ query: "walrus" });
  expect((await store.stats()).unembedded).toBeUndefined();
  const { hits } = await store.search({ query: "walrus", mode: "semantic" });
  expect(hits).toHaveLength(1);
});

test("what an embedder of one's own throws is told, without what is secret in it", async () => {
  const key = `sk-${"a1B2".repeat(10)}`;
  const failing: Embedder = {
    id: "test:failing",
    dim: 4,
    kind: "semantic",
    embed: async () => {
      throw new Error(`401 for ${key}`);
    },
  };
  await using store = await MemoryStore.open({ path: testFolder(), embedder: failing });
  await store.store({ key: "a", value: "walrus" });
  const { vectorError } = await store.search({ query: "walrus" });
  expect(vectorError).toMatch(/^embedder test:failing: 401 for /);
  expect(vectorError).not.toContain(key);
});

async function open(path: string, embedder: Embedder): Promise<MemoryStore> {
  return MemoryStore.open({ path, embedder });
}

async function embedderOf(url: string): Promise<Embedder> {
  return endpointEmbedder({ url, model: "m", dim: 4, timeoutMs: 300, cacheBytes: 0 });
}
