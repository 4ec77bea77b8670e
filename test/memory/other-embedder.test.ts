import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

test("a store of another embedder is refused, and embedded again when that is asked for", async () => {
  const path = testFolder();
  const other = twoValues("test:two-values");
  {
    await using store = await MemoryStore.open({ path });
    await store.store({ key: "1", value: "a cat" });
    await store.store({ key: "2", value: "a dog" });
    await expect(MemoryStore.open({ path, embedder: other })).rejects.toMatchObject({
      code: "EMBEDDER_MISMATCH",
      message: expect.stringContaining("reembed: true"),
    });
    await using again = await MemoryStore.open({ path, embedder: other, reembed: true });
    await again.reembed();
    const { hits, embedder } = await again.search({ query: "catalog", mode: "semantic" });
    expect(hits.map(({ key }) => key)).toEqual(["1"]);
    expect(embedder).toEqual({ id: "test:two-values", kind: "semantic" });
    // The first still embeds as it did: what it would compare, or add, no longer fits.
    const mismatch = { code: "EMBEDDER_MISMATCH" };
    await expect(store.search({ query: "cat" })).rejects.toMatchObject(mismatch);
    await expect(store.store({ key: "3", value: "cat" })).rejects.toMatchObject(mismatch);
    expect((await again.search({ query: "cat" })).hits.length).toBe(1);
  }
  await expect(MemoryStore.open({ path })).rejects.toMatchObject({ code: "EMBEDDER_MISMATCH" });
  const wider = { ...other, dim: 3 };
  await expect(MemoryStore.open({ path, embedder: wider })).rejects.toMatchObject({
    code: "EMBEDDER_MISMATCH",
  });
});

test("embedding again that is cut off leaves the store as it was, and is taken up later", async () => {
  const path = testFolder();
  {
    await using store = await MemoryStore.open({ path });
    for (let i = 0; i < 300; i++) await store.store({ key: `${i}`, value: `cat number ${i}` });
  }
  let texts = 0;
  const whole = twoValues("test:cut-off");
  const failing = {
    ...whole,
    embed: async (some: readonly string[]): Promise<Float32Array> => {
      if ((texts += some.length) > 256) throw new Error("the network is gone");
      return whole.embed(some);
    },
  };
  const asked = { path, embedder: failing, reembed: true };
  {
    await using store = await MemoryStore.open(asked);
    await expect(store.reembed()).rejects.toThrow("the network is gone");
  }
  {
    await using store = await MemoryStore.open({ path });
    expect((await store.search({ query: "cat number 7" })).hits.length).toBe(10);
    await store.store({ key: "7", value: "a dog instead" });
    await store.delete("8");
  }
  texts = 0;
  await using store = await MemoryStore.open(asked);
  await store.reembed();
  // 256 were done, of which one has changed and one is gone; 44 were not.
  expect(texts).toBe(45);
  const { hits } = await store.search({ query: "cat", mode: "semantic", limit: 1000 });
  expect(hits.length).toBe(298);
  expect(hits.map(({ key }) => key)).not.toContain("7");
});

test("an embedder that returns what it should not stores nothing", async () => {
  const store = await testStore({ embedder: { ...twoValues("test:broken"), embed: broken } });
  await expect(store.store({ key: "a", value: "b" })).rejects.toMatchObject({
    code: "INVALID_INPUT",
  });
  expect((await store.list()).length).toBe(0);

  async function broken(): Promise<Float32Array> {
    return [1, 2] as unknown as Float32Array;
  }
});

function twoValues(id: string) {
  return {
    id,
    dim: 2,
    kind: "semantic" as const,
    embed: async (texts: readonly string[]) =>
      Float32Array.from(texts.flatMap((text) => (text.includes("cat") ? [1, 0] : [0, 1]))),
  };
}
