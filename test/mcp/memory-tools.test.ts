import { describe, expect, test } from "vitest";
import { connectedStore } from "../support/mcp.ts";

describe("memory_usage", () => {
  test("store answers what was stored, with the fields older clients read", async () => {
    const { call, store } = await connectedStore();
    const value = JSON.stringify({ endpoints: ["/auth"], port: 3001, name: "größe" });
    const { data, isError, text } = await call("memory_usage", {
      action: "store",
      key: "architecture/microservices/user-service",
      value,
      namespace: "shop",
      ttl: 7200,
    });
    expect(isError).toBe(false);
    expect(data).toEqual({
      success: true,
      action: "store",
      key: "architecture/microservices/user-service",
      namespace: "shop",
      stored: true,
      size: Buffer.byteLength(value),
      id: 1,
      version: 1,
      expiresAt: expect.stringMatching(/^\d{4}-/),
      storage_type: "sqlite",
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(JSON.parse(text)).toEqual(data);
    const entry = await store.retrieve(data.key as string, { namespace: "shop" });
    expect(entry?.value).toBe(value);
  });

  test("retrieve gives JSON parsed, other text as it is, and an absent key as found: false", async () => {
    const { call } = await connectedStore();
    const values: [string, unknown][] = [
      ['{"a":[1,{"b":null}]}', { a: [1, { b: null }] }],
      ["[1,2]", [1, 2]],
      ["plain text", "plain text"],
      ["true", true],
      ["42", 42],
      ["12345678901234567890", "12345678901234567890"],
      ['{"id":12345678901234567890}', '{"id":12345678901234567890}'],
      [
        '{"text":"12345678901234567890, 1e400","n":0.1}',
        { text: "12345678901234567890, 1e400", n: 0.1 },
      ],
      ["[".repeat(3000) + "]".repeat(3000), "[".repeat(3000) + "]".repeat(3000)],
      ["{not json}", "{not json}"],
    ];
    for (const [value, expected] of values) {
      await call("memory_usage", { action: "store", key: "k", value });
      const { data } = await call("memory_usage", { action: "retrieve", key: "k" });
      expect(data).toMatchObject({ success: true, found: true, value: expected, key: "k" });
      expect(data).toMatchObject({ namespace: "default", storage_type: "sqlite" });
    }
    const absent = await call("memory_usage", { action: "retrieve", key: "nope" });
    expect(absent.isError).toBe(false);
    expect(absent.data).toMatchObject({ success: true, found: false, value: null });
  });

  test("list, delete and search answer with counts, over all namespaces unless one is named", async () => {
    const { call } = await connectedStore();
    for (const [key, namespace] of [
      ["api/users", "one"],
      ["api/carts", "two"],
      ["notes", "two"],
    ]) {
      await call("memory_usage", { action: "store", key, value: `about ${key}`, namespace });
    }
    const all = await call("memory_usage", { action: "list" });
    expect(all.data).toMatchObject({ count: 3 });
    expect((all.data.entries as unknown[])[0]).toMatchObject({
      key: "api/users",
      value: "about api/users",
      namespace: "one",
      metadata: {},
      accessCount: 0,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    const two = await call("memory_usage", { action: "list", namespace: "two", pattern: "api/*" });
    expect(two.data).toMatchObject({ count: 1, namespace: "two" });
    const found = await call("memory_usage", { action: "search", pattern: "api/*" });
    expect(found.data).toMatchObject({ count: 2, pattern: "api/*", mode: "glob" });
    const first = (found.data.results as unknown[])[0];
    expect(first).toMatchObject({ key: "api/carts", namespace: "two", score: 1 });
    expect(first).toHaveProperty("updatedAt");

    const gone = await call("memory_usage", { action: "delete", key: "notes", namespace: "two" });
    expect(gone.data).toMatchObject({ deleted: true });
    const again = await call("memory_usage", { action: "delete", key: "notes", namespace: "two" });
    expect(again).toMatchObject({ isError: false, data: { deleted: false } });
  });

  test("a list too large for one answer says so, and where it goes on", async () => {
    const { call, store } = await connectedStore();
    for (let i = 0; i < 40; i++) {
      await store.store({ key: `k${String(i).padStart(2, "0")}`, value: `${i} `.repeat(70_000) });
    }
    const seen: string[] = [];
    for (let offset = 0; ;) {
      const { data, isError } = await call("memory_usage", {
        action: "list",
        limit: 10_000,
        offset,
      });
      expect(isError).toBe(false);
      const keys = (data.entries as { key: string }[]).map(({ key }) => key);
      expect(data.count).toBe(keys.length);
      seen.push(...keys);
      if (data.truncated !== true) break;
      expect(keys.length).toBeLessThan(40);
      offset = data.nextOffset as number;
    }
    expect(seen).toEqual((await store.list()).map(({ key }) => key));
    const found = await call("memory_search", { pattern: "k*", limit: 1000 });
    expect(found.data).toMatchObject({ truncated: true });
    expect(found.data.count).toBeLessThan(40);
  });

  test("detail answers with sizes that were measured", async () => {
    const { call } = await connectedStore();
    await call("memory_usage", { action: "store", key: "a", value: "12345", agent: "coder" });
    await call("memory_usage", { action: "store", key: "b", value: "1", namespace: "n" });
    const summary = await call("memory_usage", { detail: "summary" });
    expect(summary.data).toMatchObject({ entries: 2, namespaceCount: 2, expired: 0 });
    expect(summary.data.fileBytes).toBeGreaterThan(1000);
    const detailed = await call("memory_usage", { detail: "detailed" });
    expect(detailed.data.namespaces).toEqual([
      { namespace: "default", entries: 1, valueBytes: 5, settings: {} },
      { namespace: "n", entries: 1, valueBytes: 1, settings: {} },
    ]);
    const byAgent = await call("memory_usage", { detail: "by-agent" });
    expect(byAgent.data.agents).toContainEqual({ agent: "coder", entries: 1, valueBytes: 5 });
  });

  test("bad input is an error that says why, and the store is untouched", async () => {
    const { call, store } = await connectedStore();
    for (const [args, why] of [
      [{}, /action or detail/],
      [{ action: "store", detail: "summary" }, /action or detail/],
      [{ action: "store", key: "k" }, /expected value/],
      [{ action: "store", value: "v" }, /expected key/],
      [{ action: "store", key: "", value: "v" }, /empty string/],
      [{ action: "store", key: "k", value: "" }, /empty string/],
      [{ action: "store", key: "k", value: "v", ttl: -5 }, /ttl/],
      [{ action: "store", key: "k", value: "x".repeat(2 ** 20 + 1) }, /TOO_LARGE/],
      [{ action: "store", key: "a\0b", value: "v" }, /NUL/],
      [{ action: "store", key: 7, value: "v" }, /key/],
      [{ action: "explode", key: "k", value: "v" }, /action/],
      [{ action: "store", key: "k", value: "v", colour: "red" }, /colour/],
      [{ action: "retrieve" }, /expected key/],
      [{ action: "search" }, /expected pattern/],
      [{ action: "list", limit: 0 }, /limit/],
      [{ detail: "everything" }, /detail/],
    ] as const) {
      const { isError, text } = await call("memory_usage", args);
      expect(isError, JSON.stringify(args).slice(0, 80)).toBe(true);
      expect(text).toMatch(why);
    }
    expect((await store.stats()).seq).toBe(0);
  });
});

describe("memory_search", () => {
  test("a pattern is a glob over keys, a text is searched hybrid, by either name", async () => {
    const { call } = await connectedStore();
    const key = "architecture/microservices/user-service";
    const value = JSON.stringify({ database: "postgresql", dependencies: ["redis"] });
    await call("memory_usage", { action: "store", key, value, namespace: "ecommerce-project" });
    await call("memory_usage", { action: "store", key: "unrelated", value: "cooking pasta" });

    const glob = await call("memory_search", {
      pattern: "microservices/*",
      namespace: "ecommerce-project",
      limit: 10,
    });
    expect(glob.data).toMatchObject({ success: true, mode: "glob", count: 1 });
    for (const name of ["pattern", "query"]) {
      const { data } = await call("memory_search", { [name]: "which database has redis" });
      expect(data).toMatchObject({ mode: "hybrid", embedder: { kind: "semantic" } });
      expect((data.results as { key: string }[])[0]).toMatchObject({
        key,
        value,
        namespace: "ecommerce-project",
        why: { lexical: 1 },
      });
    }
    const none = await call("memory_search", { pattern: "nothing/*" });
    expect(none).toMatchObject({ isError: false, data: { results: [], count: 0 } });
  });

  test("bad input is an error that says why", async () => {
    const { call } = await connectedStore();
    for (const [args, why] of [
      [{}, /one of pattern and query/],
      [{ pattern: "a", query: "b" }, /one of pattern and query/],
      [{ query: "" }, /query/],
      [{ query: "x".repeat(4097) }, /TOO_LARGE/],
      [{ query: "x", limit: 0 }, /limit/],
      [{ query: "x", limit: "many" }, /limit/],
      [{ query: "x", threshold: 7 }, /threshold/],
      [{ query: "x", provenance_filter: ["hearsay"] }, /provenance_filter/],
    ] as const) {
      const { isError, text } = await call("memory_search", args);
      expect(isError, JSON.stringify(args).slice(0, 80)).toBe(true);
      expect(text).toMatch(why);
    }
  });
});
