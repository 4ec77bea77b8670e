import { expect, test } from "vitest";
import { MemoryStore, type StoreRequest } from "#dist/index.js";
import { testStore } from "../support/store.ts";

test("keys and values up to the limit are stored, and what is larger or not text is refused", async () => {
  const store = await testStore();
  const good: StoreRequest = { key: "k", value: "v" };
  const accepted: Partial<StoreRequest>[] = [
    { key: "𝒳".repeat(1024) },
    { value: "x".repeat(2 ** 20) },
    { key: "; DROP TABLE entries; -- ../[]{}'\"`\\%_*?" },
    { key: "\u0001\n\t\u{10ffff}" },
    { ttl: 0.001 },
  ];
  for (const part of accepted) {
    const request = { ...good, ...part };
    await store.store(request);
    if (part.ttl === undefined) {
      expect((await store.retrieve(request.key))?.value).toBe(request.value);
    }
  }
  const before = (await store.stats()).seq;
  const itself: Record<string, unknown> = {};
  itself.self = itself;
  const refused: [Record<string, unknown>, string][] = [
    [{ key: "" }, "INVALID_INPUT"],
    [{ key: "x".repeat(1025) }, "TOO_LARGE"],
    [{ key: "a\0b" }, "INVALID_INPUT"],
    [{ key: "half \ud800 pair" }, "INVALID_INPUT"],
    [{ key: 5 }, "INVALID_INPUT"],
    [{ key: undefined }, "INVALID_INPUT"],
    [{ value: "x".repeat(2 ** 20 + 1) }, "TOO_LARGE"],
    [{ value: "é".repeat(2 ** 19 + 1) }, "TOO_LARGE"],
    [{ value: "" }, "INVALID_INPUT"],
    [{ value: "a\0b" }, "INVALID_INPUT"],
    [{ value: { an: "object" } }, "INVALID_INPUT"],
    [{ value: null }, "INVALID_INPUT"],
    [{ namespace: "" }, "INVALID_INPUT"],
    [{ namespace: "n".repeat(257) }, "TOO_LARGE"],
    [{ ttl: 0 }, "INVALID_INPUT"],
    [{ ttl: -1 }, "INVALID_INPUT"],
    [{ ttl: NaN }, "INVALID_INPUT"],
    [{ ttl: 1e300 }, "INVALID_INPUT"],
    [{ ttl: "60" }, "INVALID_INPUT"],
    [{ tags: "one" }, "INVALID_INPUT"],
    [{ tags: [""] }, "INVALID_INPUT"],
    [{ tags: Array.from({ length: 65 }, (_, i) => `${i}`) }, "TOO_LARGE"],
    [{ metadata: [] }, "INVALID_INPUT"],
    [{ metadata: { big: "x".repeat(70_000) } }, "TOO_LARGE"],
    [{ metadata: { wide: 10n } }, "INVALID_INPUT"],
    [{ metadata: { rate: NaN } }, "INVALID_INPUT"],
    [{ metadata: { most: Infinity } }, "INVALID_INPUT"],
    [{ metadata: { seen: new Set([1]) } }, "INVALID_INPUT"],
    [{ metadata: { by: new Map([[1, 2]]) } }, "INVALID_INPUT"],
    [{ metadata: { row: new Float32Array(2) } }, "INVALID_INPUT"],
    [{ metadata: { run: () => 1 } }, "INVALID_INPUT"],
    [{ metadata: { list: [undefined] } }, "INVALID_INPUT"],
    [{ metadata: itself }, "INVALID_INPUT"],
    [{ metadata: { toJSON: () => undefined } }, "INVALID_INPUT"],
    [{ metadata: new Date(0) }, "INVALID_INPUT"],
    [{ metadata: { deep: nested(64) } }, "TOO_LARGE"],
    // Where JSON itself gives up, or, in newer engines, does not.
    [{ metadata: { deep: nested(100_000) } }, expect.stringMatching(/^(INVALID_INPUT|TOO_LARGE)$/)],
    [{ key: "x".repeat(30_000_000) }, "TOO_LARGE"],
    [{ agent: "" }, "INVALID_INPUT"],
    [{ session: 7 }, "INVALID_INPUT"],
    [{ at: 1.5 }, "INVALID_INPUT"],
    [{ at: 9e15 }, "INVALID_INPUT"],
  ];
  for (const [part, code] of refused) {
    const request = { ...good, ...part } as StoreRequest;
    await expect(store.store(request), JSON.stringify(Object.keys(part))).rejects.toMatchObject({
      code,
    });
  }
  expect((await store.stats()).seq).toBe(before);
});

test("searches and lists out of range are refused", async () => {
  const store = await testStore();
  const refused: [Record<string, unknown>, string][] = [
    [{ query: "" }, "INVALID_INPUT"],
    [{ query: "  \n" }, "INVALID_INPUT"],
    [{ query: "x".repeat(4097) }, "TOO_LARGE"],
    [{ query: "x", limit: 0 }, "INVALID_INPUT"],
    [{ query: "x", limit: 1001 }, "INVALID_INPUT"],
    [{ query: "x", limit: 2.5 }, "INVALID_INPUT"],
    [{ query: "x", mode: "magic" }, "INVALID_INPUT"],
    [{ query: "x", threshold: 2 }, "INVALID_INPUT"],
    [{ query: "x", since: "yesterday" }, "INVALID_INPUT"],
    [{ query: "x", tags: [3] }, "INVALID_INPUT"],
  ];
  for (const [request, code] of refused) {
    await expect(store.search(request as { query: string })).rejects.toMatchObject({ code });
  }
  await expect(store.list({ limit: 10_001 })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  await expect(store.list({ offset: -1 })).rejects.toMatchObject({ code: "INVALID_INPUT" });
});

test("what is no request at all is refused with a code", async () => {
  const store = await testStore();
  const nothing = undefined as never;
  for (const work of [
    () => store.store(nothing),
    () => store.search(nothing),
    () => store.retrieve("k", null as never),
    () => store.delete("k", 5 as never),
    () => store.list(null as never),
    () => MemoryStore.open({ path: 5 as never }),
    () => MemoryStore.open({ path: "a\0b" }),
    () => MemoryStore.open({ path: "x", embedder: {} as never }),
  ]) {
    await expect(work()).rejects.toMatchObject({ code: "INVALID_INPUT" });
  }
});

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}
