import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";

const ROWS = 2500;
/** It tells numbers apart. */
const embedder = "lexical-hash";

async function filledStore(path: string): Promise<void> {
  await using store = await MemoryStore.open({ path, embedder });
  for (let batch = 0; batch < ROWS / 500; batch++) {
    await store.transaction((tx) => {
      for (let i = batch * 500; i < (batch + 1) * 500; i++) {
        tx.store({ key: `k/${i}`, value: `entry number${i} of the harbour` });
      }
    });
  }
  // The first search reads all vectors, and leaves a snapshot of them.
  await store.search({ query: "number7", mode: "semantic" });
}

const snapshotsOf = (path: string): string[] => {
  try {
    return readdirSync(join(path, "index")).filter((name) => !name.startsWith("words-"));
  } catch {
    return [];
  }
};

async function nearest(store: MemoryStore, query: string): Promise<string | undefined> {
  return (await store.search({ query, mode: "semantic", limit: 1 })).hits[0]?.key;
}

test("a store opens from the snapshot of its vectors and catches up with what came later", async () => {
  const path = testFolder();
  await filledStore(path);
  expect(snapshotsOf(path)).toHaveLength(1);
  {
    // Written by a store that never looks at vectors, and so keeps no snapshot up.
    await using store = await MemoryStore.open({ path, embedder });
    await store.store({ key: "late", value: "a walrus arrives" });
    await store.store({ key: "k/7", value: "now about penguins" });
    await store.delete("k/8");
  }
  await using store = await MemoryStore.open({ path, embedder });
  expect(await nearest(store, "walrus arrives")).toBe("late");
  expect(await nearest(store, "penguins")).toBe("k/7");
  expect(await nearest(store, "number8")).not.toBe("k/8");
  expect(await nearest(store, "number9")).toBe("k/9");
  expect((await store.stats()).index?.rows).toBe(ROWS);
});

test("a damaged snapshot is passed over and made again", async () => {
  const path = testFolder();
  await filledStore(path);
  const [name] = snapshotsOf(path);
  const folder = join(path, "index", name);
  const file = join(folder, readdirSync(folder).find((each) => each.endsWith(".bin")) as string);
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(file, bytes);
  {
    await using store = await MemoryStore.open({ path, embedder });
    expect(await nearest(store, "number11")).toBe("k/11");
  }
  expect(snapshotsOf(path)).toEqual([name]);
  expect(existsSync(file)).toBe(false);
});

test("folders that are no snapshots, and snapshots of another store, are left alone", async () => {
  const path = testFolder();
  await filledStore(path);
  const [name] = snapshotsOf(path);
  mkdirSync(join(path, "index", "notes"));
  mkdirSync(join(path, "index", name.replace(/^[0-9a-f]+/, "0123456789abcdef")));
  await using store = await MemoryStore.open({ path, embedder });
  expect(await nearest(store, "number12")).toBe("k/12");
  expect(snapshotsOf(path)).toHaveLength(3);
});

test("a sealed store leaves no vectors on the disk", async () => {
  const path = testFolder();
  await filledStore(path);
  await using store = await MemoryStore.open({ path, embedder });
  await store.rekey("0f".repeat(32));
  expect(snapshotsOf(path)).toEqual([]);
  expect(await nearest(store, "number13")).toBe("k/13");
  expect(snapshotsOf(path)).toEqual([]);
});

test("many processes may look at one snapshot while another is saved", async () => {
  const path = testFolder();
  await filledStore(path);
  const stores = await Promise.all(
    Array.from({ length: 4 }, () => MemoryStore.open({ path, embedder })),
  );
  const [writer] = stores;
  await writer.transaction((tx) => {
    for (let i = 0; i < 2100; i++) tx.store({ key: `more/${i}`, value: `shelf number${5000 + i}` });
  });
  const found = await Promise.all(stores.map((store) => nearest(store, "number5003")));
  expect(found).toEqual(Array.from({ length: 4 }, () => "more/3"));
  await Promise.all(stores.map((store) => store.close()));
  await using store = await MemoryStore.open({ path, embedder });
  expect(await nearest(store, "number5004")).toBe("more/4");
});
