import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore, type MemoryStoreOptions } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";

const ROWS = 600;

async function filled(path: string, options: MemoryStoreOptions = {}): Promise<void> {
  await using store = await MemoryStore.open({ path, ...options });
  await store.transaction((tx) => {
    for (let i = 0; i < ROWS; i++)
      tx.store({ key: `k/${i}`, value: `entry number${i} of harbors` });
  });
  await store.search({ query: "harbors", mode: "lexical" });
}

function filesOf(path: string, kind: string): string[] {
  const folder = join(path, "index");
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(kind)) : [];
}

async function best(store: MemoryStore, query: string): Promise<string | undefined> {
  return (await store.search({ query, mode: "lexical", limit: 1 })).hits[0]?.key;
}

test("words are read from a snapshot, with what came later", async () => {
  const path = testFolder();
  await filled(path);
  expect(filesOf(path, "words-")).toHaveLength(1);
  {
    await using store = await MemoryStore.open({ path });
    await store.store({ key: "new", value: "zeppelin" });
    await store.delete("k/5");
    await store.store({ key: "k/6", value: "changed" });
  }
  await using store = await MemoryStore.open({ path });
  expect(await best(store, "number7")).toBe("k/7");
  expect(await best(store, "zeppelin")).toBe("new");
  expect(await best(store, "changed")).toBe("k/6");
  expect(await best(store, "number5 zzz")).not.toBe("k/5");
  expect(
    (await store.search({ query: "harbors", mode: "lexical", limit: 1000 })).hits,
  ).toHaveLength(ROWS - 2);
});

test("a damaged snapshot of words is passed over and made again", async () => {
  const path = testFolder();
  await filled(path);
  const [name] = filesOf(path, "words-");
  const file = join(path, "index", name);
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] ^= 4;
  writeFileSync(file, bytes);
  {
    await using store = await MemoryStore.open({ path });
    expect(await best(store, "number7")).toBe("k/7");
  }
  expect(filesOf(path, "words-")).toEqual([name]);
});

test("a store with a key leaves no words on the disk, nor how common they are", async () => {
  const path = testFolder();
  const encryptionKey = "ab".repeat(32);
  await filled(path, { encryptionKey });
  await using store = await MemoryStore.open({ path, encryptionKey });
  expect((await store.search({ query: "number7 of the harbors" })).hits[0].key).toBe("k/7");
  expect(filesOf(path, "")).toEqual([]);
});

test("what is erased, or sealed by a new key, is in no snapshot", async () => {
  const path = testFolder();
  await filled(path);
  await using store = await MemoryStore.open({ path });
  expect(await best(store, "number9")).toBe("k/9");
  await store.delete("k/9", { erase: true });
  expect(filesOf(path, "words-")).toEqual([]);
  await store.rekey("cd".repeat(32));
  expect(await best(store, "number8")).toBe("k/8");
  expect(filesOf(path, "")).toEqual([]);
});

test("words that many entries say count less in vectors, for every process alike", async () => {
  const path = testFolder();
  await filled(path);
  const semantic = { query: "the harbors of number7", mode: "semantic", limit: 5 } as const;
  await using one = await MemoryStore.open({ path });
  const first = (await one.search(semantic)).hits;
  expect(filesOf(path, "weights-")).toHaveLength(1);
  await using two = await MemoryStore.open({ path });
  const second = (await two.search(semantic)).hits;
  expect(second.map(({ key, why }) => [key, why])).toEqual(first.map(({ key, why }) => [key, why]));
});

test("while the words of a large store are read, those in its file answer", async () => {
  const path = testFolder();
  const namespace = "logs";
  const rows = 20_500;
  {
    await using store = await MemoryStore.open({ path });
    await store.configure(namespace, { vectors: false });
    for (let from = 0; from < rows; from += 4100) {
      await store.transaction((tx) => {
        for (let i = from; i < from + 4100; i++) {
          tx.store({ key: `k/${i}`, value: `number${i} harbors`, namespace });
        }
      });
    }
  }
  await using store = await MemoryStore.open({ path });
  // The vectors say nothing of this namespace: what is found is found by words.
  const find = async (query: string): Promise<string[]> => {
    const { hits } = await store.search({ query, namespace, mode: "lexical", limit: 1 });
    return hits.map(({ key }) => key);
  };
  expect(await find("number20001")).toEqual(["k/20001"]);
  await store.store({ key: "late", value: "zeppelin", namespace });
  expect(await find("zeppelin")).toEqual(["late"]);
  // Misspelled words are found only in memory, once it has them all; searches alone must lead there.
  let searches = 1;
  while ((await find("zeppelni")).length === 0) expect(searches++).toBeLessThan(200);
  expect(await find("number7")).toEqual(["k/7"]);
});

test("what is stored while vectors are weighted anew is found afterwards", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path });
  const fill = async (from: number, to: number): Promise<void> => {
    await store.transaction((tx) => {
      for (let i = from; i < to; i++) tx.store({ key: `k/${i}`, value: `harbors and ships ${i}` });
    });
  };
  const find = async (query: string): Promise<string | undefined> =>
    (await store.search({ query, mode: "semantic", limit: 1 })).hits[0]?.key;
  const weights = (): Buffer => readFileSync(join(path, "index", filesOf(path, "weights-")[0]));
  await fill(0, 300);
  await find("harbors");
  const before = weights();
  await fill(300, 700);
  await find("harbors");
  // The entries have doubled: from here on they are embedded anew, in the background.
  for (let i = 0; weights().equals(before); i++) {
    await store.store({ key: `late/${i % 20}`, value: "volcano eruption" });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await store.store({ key: "last", value: "galaxy telescope" });
  expect(await find("galaxy telescope")).toBe("last");
  expect(await find("volcano eruption")).toMatch(/^late\//);
});
