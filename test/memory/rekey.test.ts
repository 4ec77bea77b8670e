import { expect, test } from "vitest";
import { createEmbedder, MemoryStore } from "#dist/index.js";
import { bytesOf, testFolder } from "../support/folder.ts";

const KEY = "0f".repeat(32);
const OTHER_KEY = "a1".repeat(32);

test("a change of key seals everything anew, in use, and what was in the clear too", async () => {
  const path = testFolder();
  {
    await using store = await MemoryStore.open({ path });
    await store.configure("default", { history: 2 });
    for (let i = 0; i < 500; i++) await store.store({ key: `k${i}`, value: `zebra number ${i}` });
    await store.store({ key: "k0", value: "zebra again" });
    await store.search({ query: "zebra" });
    await store.send({ name: "go", data: "zebra" });
    expect(await store.rekey(KEY)).toMatchObject({ generation: 1 });
    expect((await store.retrieve("k1"))?.value).toBe("zebra number 1");
  }
  expect(bytesOf(path).includes("zebra")).toBe(false);
  await using old = await MemoryStore.open({ path, encryptionKey: KEY });
  const changing = old.rekey(OTHER_KEY);
  // The old key serves until the last row is done: this store was opened with it.
  await using other = await MemoryStore.open({ path, encryptionKey: KEY }).catch(() =>
    MemoryStore.open({ path, encryptionKey: OTHER_KEY }),
  );
  await other.store({ key: "meanwhile", value: "zebra meanwhile" });
  expect((await changing).generation).toBe(2);
  await expect(MemoryStore.open({ path, encryptionKey: KEY })).rejects.toMatchObject({
    code: "WRONG_KEY",
  });
  await using store = await MemoryStore.open({ path, encryptionKey: OTHER_KEY });
  expect((await store.list({ limit: 1000 })).length).toBe(501);
  expect((await store.history("k0")).map(({ value }) => value)).toEqual(["zebra number 0"]);
  expect((await store.search({ query: "meanwhile", mode: "lexical" })).hits).toHaveLength(1);
  expect((await store.search({ query: "zebra meanwhile", mode: "semantic" })).hits[0].key).toBe(
    "meanwhile",
  );
  expect((await store.verifyAudit()).problems).toEqual([]);
  expect(bytesOf(path).includes("zebra")).toBe(false);
});

test("a change of key that was cut off is finished by the next call with the same key", async () => {
  const path = testFolder();
  {
    await using store = await MemoryStore.open({ path, encryptionKey: KEY });
    for (let i = 0; i < 1000; i++) await store.store({ key: `k${i}`, value: `value ${i}` });
    const controller = new AbortController();
    const cut = store.rekey(OTHER_KEY, {
      signal: controller.signal,
      onProgress: (done) => done >= 200 && controller.abort(new Error("cut off")),
    });
    await expect(cut).rejects.toThrow("cut off");
    expect((await store.retrieve("k5"))?.value).toBe("value 5");
  }
  // Both keys open it until then.
  for (const encryptionKey of [KEY, OTHER_KEY]) {
    await using store = await MemoryStore.open({ path, encryptionKey });
    expect((await store.retrieve("k999"))?.value).toBe("value 999");
    expect((await store.retrieve("k0"))?.value).toBe("value 0");
    await expect(store.rekey("b2".repeat(32))).rejects.toMatchObject({ code: "CONFLICT" });
  }
  await using store = await MemoryStore.open({ path, encryptionKey: KEY });
  expect(await store.rekey(OTHER_KEY)).toMatchObject({ generation: 2 });
  expect((await store.retrieve("k500"))?.value).toBe("value 500");
  await expect(store.rekey(OTHER_KEY)).rejects.toMatchObject({ code: "INVALID_INPUT" });
});

test("whoever has a store open while its key changes is told, and reads nothing wrong", async () => {
  const path = testFolder();
  await using one = await MemoryStore.open({ path, encryptionKey: KEY });
  await using two = await MemoryStore.open({ path, encryptionKey: KEY });
  await two.store({ key: "k", value: "v" });
  await one.rekey(OTHER_KEY);
  await expect(two.retrieve("k")).rejects.toMatchObject({ code: "WRONG_KEY" });
  await expect(two.store({ key: "k", value: "w" })).rejects.toMatchObject({ code: "WRONG_KEY" });
  expect((await one.retrieve("k"))?.value).toBe("v");
});

test("a store that another process seals is closed to those without the key", async () => {
  const path = testFolder();
  await using open = await MemoryStore.open({ path });
  await open.store({ key: "k", value: "v" });
  await using sealing = await MemoryStore.open({ path, encryptionKey: KEY });
  await sealing.store({ key: "s", value: "sealed" });
  await expect(open.store({ key: "k", value: "w" })).rejects.toMatchObject({
    code: "KEY_REQUIRED",
  });
  await expect(open.retrieve("s")).rejects.toMatchObject({ code: "KEY_REQUIRED" });
});

test("entries stay findable by their words when a rekey seals or unseals them", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path, encryptionKey: KEY });
  const find = async (where: MemoryStore): Promise<string[]> =>
    (await where.search({ query: "zebra", mode: "lexical" })).hits.map(({ key }) => key).toSorted();
  await store.configure("open", { sealed: false });
  await store.store({ key: "a", value: "zebra in the clear", namespace: "open" });
  await store.store({ key: "b", value: "zebra sealed", namespace: "shut" });
  expect(await find(store)).toEqual(["a", "b"]);
  await store.configure("open", { sealed: true });
  await store.configure("shut", { sealed: false });
  await store.rekey(OTHER_KEY);
  expect(await find(store)).toEqual(["a", "b"]);
  await using other = await MemoryStore.open({ path, encryptionKey: OTHER_KEY });
  expect(await find(other)).toEqual(["a", "b"]);
  expect((await other.verify({ full: true })).problems).toEqual([]);
});

test("vectors that were in the making at a rekey are made again by the next key", async () => {
  const path = testFolder();
  const first = await MemoryStore.open({ path, encryptionKey: KEY });
  await first.transaction((tx) => {
    for (let i = 0; i < 300; i++) tx.store({ key: `k${i}`, value: `harbour number ${i}` });
  });
  let left = 1;
  const { dim, kind, embed } = await createEmbedder("builtin");
  const embedder = {
    id: "other",
    dim,
    kind,
    embed: async (texts: readonly string[]) => {
      if (left-- === 0) throw new Error("cut off");
      return embed(texts);
    },
  };
  const options = { path, embedder, reembed: true };
  {
    await using cut = await MemoryStore.open({ ...options, encryptionKey: KEY });
    await expect(cut.reembed()).rejects.toThrow("cut off");
  }
  await first.rekey(OTHER_KEY);
  await first.close();
  await using store = await MemoryStore.open({ ...options, encryptionKey: OTHER_KEY });
  await store.reembed();
  const { hits } = await store.search({ query: "harbour number 7", mode: "semantic" });
  expect(hits.length).toBe(10);
});

test("who still has the old key after a rekey does not make the audit log look edited", async () => {
  const path = testFolder();
  const old = await MemoryStore.open({ path, encryptionKey: KEY });
  await using store = await MemoryStore.open({ path, encryptionKey: KEY });
  await old.store({ key: "k", value: "v" });
  await old.retrieve("k");
  await store.rekey(OTHER_KEY);
  await expect(old.close()).rejects.toMatchObject({ code: "WRONG_KEY" });
  expect(await store.verifyAudit()).toMatchObject({ ok: true });
});
