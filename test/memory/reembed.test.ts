import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { MemoryStore, type Embedder, type MemoryStoreOptions } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { ROOT, runModule, startNode } from "../support/process.ts";

const CATS = 600; // more than two batches

test("a store is embedded again in the background, and is searched and written throughout", async () => {
  const path = await catStore();
  const slow = gated("test:slow");
  const store = await open({ path, embedder: slow.embedder, reembed: true });
  // It opens before anything is embedded; words find all, vectors nothing.
  expect((await store.stats()).reembedding).toEqual({ done: 0, total: CATS });
  const { hits, reembedding } = await store.search({ query: "number 7", mode: "lexical" });
  expect(hits[0].key).toBe("7");
  expect(reembedding).toEqual({ done: 0, total: CATS });
  expect(await found(store)).toBe(0);

  const seen: number[] = [];
  const ended = store.reembed({ onProgress: ({ done }) => seen.push(done) });
  await slow.pass();
  expect(await found(store)).toBe(256);
  expect((await store.search({ query: "number 599" })).hits[0].key).toBe("599");

  // Written here, an entry has its vector at once; who has the embedder before goes on, too.
  await store.store({ key: "here", value: "a cat" });
  expect(await found(store)).toBe(257);
  await using before = await MemoryStore.open({ path, embedder: plain("test:before") });
  await before.store({ key: "there", value: "a cat" });
  await before.store({ key: "3", value: "a cat of another name" });
  await before.delete("4");
  expect(await found(before)).toBe(CATS + 1);
  // One that was done was written again and one is gone.
  expect(await found(store)).toBe(255);

  slow.open();
  await ended;
  expect(await found(store)).toBe(CATS + 1);
  expect((await store.stats()).reembedding).toBeUndefined();
  expect(await store.search({ query: "cat" })).not.toHaveProperty("reembedding");
  expect(seen[0]).toBe(256);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  await expect(before.search({ query: "cat" })).rejects.toMatchObject({
    code: "EMBEDDER_MISMATCH",
  });
  expect((await store.verify({ full: true })).problems).toEqual([]);
  // What the file holds is what this process found while it was made.
  await using again = await MemoryStore.open({ path, embedder: plain("test:slow") });
  expect(await found(again)).toBe(CATS + 1);
});

test("closing ends it without waiting for the embedder, and the next open goes on where it was", async () => {
  const path = await catStore();
  const slow = gated("test:slow");
  const store = await MemoryStore.open({ path, embedder: slow.embedder, reembed: true });
  const ended = store.reembed();
  const closed = expect(ended).rejects.toMatchObject({ code: "CLOSED" });
  await slow.pass();
  await slow.asked();
  await store.close();
  await closed;

  // The embedder before is the store's as ever; the other one need not ask again.
  await using before = await MemoryStore.open({ path, embedder: plain("test:before") });
  expect(await found(before)).toBe(CATS);
  let texts = 0;
  const counting = plain("test:slow", (some) => (texts += some.length));
  // A short look neither goes on nor asks for more than it needs.
  const look = await open({ path, embedder: counting, reembed: false });
  expect((await look.stats()).reembedding).toEqual({ done: 256, total: CATS });
  expect(await found(look)).toBe(256);
  texts = 0;
  await using next = await MemoryStore.open({ path, embedder: counting });
  await next.reembed();
  expect(texts).toBe(CATS - 256);
  expect(await found(next)).toBe(CATS);
  // Who only looked finds what the other has done.
  expect(await found(look)).toBe(CATS);
});

test("an embedder that fails leaves the store as it is and tells why, and is asked again on demand", async () => {
  const path = await catStore();
  let isGone = true;
  const failing = plain("test:failing", () => {
    if (isGone) throw new Error("the network is gone");
  });
  const store = await open({ path, embedder: failing, reembed: true });
  await expect(store.reembed()).rejects.toThrow("the network is gone");
  const told = { done: 0, total: CATS, error: "the network is gone" };
  expect((await store.stats()).reembedding).toEqual(told);
  const { reembedding, hits } = await store.search({ query: "number 7", mode: "lexical" });
  expect(reembedding).toEqual(told);
  expect(hits[0].key).toBe("7");
  {
    await using before = await MemoryStore.open({ path, embedder: plain("test:before") });
    expect(await found(before)).toBe(CATS);
    expect((await before.verify({ full: true })).problems).toEqual([]);
  }
  isGone = false;
  await store.reembed();
  expect(await found(store)).toBe(CATS);
});

test("what was written with the next embedder is found by the one before, when that comes back", async () => {
  const path = await catStore();
  const slow = gated("test:slow");
  {
    await using store = await MemoryStore.open({ path, embedder: slow.embedder, reembed: true });
    await slow.pass();
    await store.store({ key: "new", value: "one more cat" });
    await store.store({ key: "7", value: "a cat again" });
    await store.store({ key: "8", value: "a dog instead" });
  }
  {
    // What can't be embedded is found by its words until it can.
    const down = plain("test:before", () => {
      throw new Error("the network is gone");
    });
    await using store = await MemoryStore.open({ path, embedder: down });
    const { hits } = await store.search({ query: "one more", mode: "lexical" });
    expect(hits[0].key).toBe("new");
  }
  await using before = await MemoryStore.open({ path, embedder: plain("test:before") });
  expect(await found(before)).toBe(CATS);
  const { hits } = await before.search({ query: "cat", mode: "semantic", limit: 1000 });
  const keys = hits.map(({ key }) => key);
  expect(keys).toEqual(expect.arrayContaining(["new", "7"]));
  expect(keys).not.toContain("8");
});

test("waiting ends when its signal says so, and embedding goes on", async () => {
  const path = await catStore();
  const slow = gated("test:slow");
  const store = await open({ path, embedder: slow.embedder, reembed: true });
  const controller = new AbortController();
  const waiting = store.reembed({ signal: controller.signal });
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  slow.open();
  await store.reembed();
  expect(await found(store)).toBe(CATS);
});

test("of two embedders that are to be the next the later one is, and the other is told", async () => {
  const path = await catStore();
  const slow = gated("test:slow");
  const first = await open({ path, embedder: slow.embedder, reembed: true });
  const ended = expect(first.reembed()).rejects.toMatchObject({ code: "EMBEDDER_MISMATCH" });
  await slow.pass();
  const second = await open({ path, embedder: plain("test:later"), reembed: true });
  await second.reembed();
  slow.open();
  await ended;
  const mismatch = { code: "EMBEDDER_MISMATCH" };
  await expect(first.store({ key: "a", value: "cat" })).rejects.toMatchObject(mismatch);
  expect(await found(second)).toBe(CATS);
  expect((await second.verify({ full: true })).problems).toEqual([]);
});

test("two processes embed a store again at once while a third writes, and nothing is lost", async () => {
  const path = await catStore();
  await using writer = await MemoryStore.open({ path, embedder: plain("test:before") });
  const embedding = `
    import { MemoryStore } from "#dist/index.js";
    const embedder = { id: "test:shared", dim: 2, kind: "semantic", embed: async (texts) =>
      Float32Array.from(texts.flatMap((text) => (text.includes("cat") ? [1, 0] : [0, 1]))) };
    const store = await MemoryStore.open({ path: ${JSON.stringify(path)}, embedder, reembed: true });
    await store.reembed();
    const { hits } = await store.search({ query: "cat", mode: "semantic", limit: 1000 });
    console.log(hits.filter(({ why }) => why.semantic > .9).length >= ${CATS});
    await store.close();`;
  const children = [runModule(embedding), runModule(embedding)];
  const all = Promise.all(children);
  let written = 0;
  for (let isDone = false; !isDone;) {
    try {
      await writer.store({ key: `more-${written}`, value: "one more cat" });
      written++;
    } catch (error) {
      // They have finished.
      expect(error).toMatchObject({ code: "EMBEDDER_MISMATCH" });
      isDone = true;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const { stdout, stderr, code } of await all) {
    expect({ stdout, stderr, code }).toEqual({ stdout: "true\n", stderr: "", code: 0 });
  }
  await using store = await MemoryStore.open({ path, embedder: plain("test:shared") });
  expect((await store.stats()).entries).toBe(CATS + written);
  expect(await found(store)).toBe(Math.min(CATS + written, 1000));
  expect((await store.verify({ full: true })).problems).toEqual([]);
});

test("a process that is killed in the middle leaves a store that another embeds to the end", async () => {
  const path = await catStore();
  const child = startNode(
    [
      "--input-type=module",
      "--eval",
      `import { MemoryStore } from "#dist/index.js";
       let calls = 0;
       const embedder = { id: "test:killed", dim: 2, kind: "semantic", embed: (texts) =>
         ++calls > 1 ? new Promise(() => console.log("half")) :
         Promise.resolve(Float32Array.from(texts.flatMap(() => [1, 0]))) };
       await MemoryStore.open({ path: ${JSON.stringify(path)}, embedder, reembed: true });
       setInterval(() => {}, 1000);`,
    ],
    { cwd: ROOT },
  );
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "close");
  let texts = 0;
  const counting = plain("test:killed", (some) => (texts += some.length));
  const store = await open({ path, embedder: counting });
  await store.reembed();
  expect(texts).toBe(CATS - 256);
  expect(await found(store)).toBe(CATS);
});

/** Entries that a search by vectors alone finds. */
async function found(store: MemoryStore): Promise<number> {
  const { hits } = await store.search({
    query: "cat",
    mode: "semantic",
    limit: 1000,
  });
  return hits.length;
}

async function catStore(): Promise<string> {
  const path = testFolder();
  await using store = await MemoryStore.open({ path, embedder: plain("test:before") });
  await store.transaction((tx) => {
    for (let i = 0; i < CATS; i++) tx.store({ key: `${i}`, value: `cat number ${i}` });
  });
  return path;
}

async function open(options: MemoryStoreOptions): Promise<MemoryStore> {
  const store = await MemoryStore.open(options);
  onTestFinished(() => store.close());
  return store;
}

function plain(id: string, onTexts: (texts: readonly string[]) => void = () => {}): Embedder {
  return {
    id,
    dim: 2,
    kind: "semantic",
    embed: async (texts) => {
      onTexts(texts);
      return Float32Array.from(texts.flatMap((text) => (text.includes("cat") ? [1, 0] : [0, 1])));
    },
  };
}

/** An embedder that answers queries at once, and many texts when it is let. */
function gated(id: string) {
  let isOpen = false;
  let waiting: (() => void) | undefined;
  let told: (() => void) | undefined;
  const { embed, ...named } = plain(id);
  const asked = async (): Promise<void> => {
    if (waiting === undefined) await new Promise<void>((resolve) => (told = resolve));
  };
  const embedder: Embedder = {
    ...named,
    embed: async (texts) => {
      if (!isOpen && texts.length > 1) {
        await new Promise<void>((resolve) => {
          waiting = resolve;
          told?.();
        });
      }
      return embed(texts);
    },
  };
  const release = (): void => {
    const go = waiting;
    waiting = undefined;
    go?.();
  };
  return {
    embedder,
    asked,
    /** Lets one batch through, and waits until the next is asked for. */
    pass: async (): Promise<void> => {
      await asked();
      release();
      await asked();
    },
    open: (): void => {
      isOpen = true;
      release();
    },
  };
}
