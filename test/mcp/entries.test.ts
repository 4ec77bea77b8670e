import { expect, test } from "vitest";
import { connectedStore } from "../support/mcp.ts";

test("memory_store keeps texts as they are and other values as JSON, and memory_retrieve parses them", async () => {
  const { call, store } = await connectedStore();
  for (const value of ["plain", { a: [1, null] }, [1, "two"], 42, true, null, 0.1]) {
    const stored = await call("memory_store", { key: "k", value, namespace: "n" });
    const text = typeof value === "string" ? value : JSON.stringify(value);
    expect(stored.data).toMatchObject({
      success: true,
      key: "k",
      namespace: "n",
      stored: true,
      size: Buffer.byteLength(text),
      version: expect.any(Number),
      storage_type: "sqlite",
    });
    expect((await store.retrieve("k", { namespace: "n" }))?.value).toBe(text);
    const { data } = await call("memory_retrieve", { key: "k", namespace: "n" });
    expect(data).toMatchObject({
      found: true,
      value,
      namespace: "n",
      version: stored.data.version,
    });
  }
});

test("what JSON numbers or lists would not bring back is refused, or stays the text that it is", async () => {
  const { call, store } = await connectedStore();
  let deep: unknown = 1;
  for (let i = 0; i < 10_000; i++) deep = [deep];
  for (const [value, code] of [
    [{ id: 2 ** 60 }, "INVALID_INPUT"],
    [-(2 ** 60), "INVALID_INPUT"],
    [deep, "TOO_LARGE"],
  ]) {
    const { isError, text } = await call("memory_store", { key: "k", value });
    expect({ isError, text }).toMatchObject({
      isError: true,
      text: expect.stringContaining(`${code}`),
    });
    expect(text).toContain("give it as a text");
  }
  const metadata = { id: 2 ** 60 };
  for (const [tool, said] of [
    ["memory_store", { key: "k", value: "v", metadata }],
    ["memory_usage", { action: "store", key: "k", value: "v", metadata }],
  ] as const) {
    expect((await call(tool, said)).text).toContain('longer one under \\"id\\"');
  }
  expect((await store.stats()).seq).toBe(0);

  for (const value of ["1e400", '{"id": 1234567890123456789}', "[1e-400]"]) {
    await call("memory_store", { key: "k", value });
    expect((await call("memory_retrieve", { key: "k" })).data.value).toBe(value);
  }
  for (const value of [{ far: 6.02e23, near: 0.1, most: Number.MAX_SAFE_INTEGER }, 1e21]) {
    await call("memory_store", { key: "k", value });
    expect((await call("memory_retrieve", { key: "k" })).data.value).toEqual(value);
  }
});

test("memory_store tells who said something, how it came to be known and when it ends", async () => {
  const { call } = await connectedStore();
  const said = { tags: ["adr"], metadata: { title: "T" }, agent: "coder", session: "s1" };
  await call("memory_store", {
    key: "k",
    value: "v",
    ttl: 60,
    pinned: true,
    at: 1_700_000_000_000,
    ...said,
    provenance_type: "tool_result",
  });
  const { data } = await call("memory_retrieve", { key: "k" });
  expect(data).toMatchObject({
    ...said,
    provenance: "tool_result",
    pinned: true,
    expiresAt: expect.stringMatching(/Z$/),
  });
  const found = await call("memory_search", { query: "v", provenance_filter: ["tool_result"] });
  expect(found.data.results).toMatchObject([
    { key: "k", agent: "coder", provenance: "tool_result" },
  ]);
  const others = await call("memory_search", { query: "v", provenance_filter: ["user_claim"] });
  expect(others.data.count).toBe(0);
});

test("upsert: false and ifVersion keep what others have written meanwhile", async () => {
  const { call, store } = await connectedStore();
  const first = await call("memory_store", { key: "k", value: "first", upsert: false });
  const { version } = first.data;
  const again = await call("memory_store", { key: "k", value: "second", upsert: false });
  expect(again).toMatchObject({ isError: true });
  expect(JSON.parse(again.text)).toMatchObject({ success: false, code: "CONFLICT" });

  const ours = { key: "k", value: "third", ifVersion: version };
  expect((await call("memory_store", ours)).isError).toBe(false);
  expect(JSON.parse((await call("memory_store", ours)).text)).toMatchObject({ code: "CONFLICT" });
  const late = await call("memory_delete", { key: "k", ifVersion: version });
  expect(JSON.parse(late.text)).toMatchObject({ code: "CONFLICT" });
  expect((await store.retrieve("k"))?.value).toBe("third");

  const usage = { action: "store", key: "k", value: "fourth", ifVersion: version };
  expect(JSON.parse((await call("memory_usage", usage)).text)).toMatchObject({ code: "CONFLICT" });
});

test("memory_retrieve and memory_delete answer an absent key without an error", async () => {
  const { call } = await connectedStore();
  const absent = await call("memory_retrieve", { key: "nope" });
  expect(absent).toMatchObject({ isError: false, data: { found: false, value: null } });
  const deleted = await call("memory_delete", { key: "nope" });
  expect(deleted).toMatchObject({ isError: false, data: { deleted: false } });
});

test("memory_delete with erase drops the earlier values, too", async () => {
  const { call, store } = await connectedStore();
  await store.configure("default", { history: 5 });
  await call("memory_store", { key: "k", value: "one" });
  await call("memory_store", { key: "k", value: "two" });
  expect(await store.history("k")).toHaveLength(1);
  const { data } = await call("memory_delete", { key: "k", erase: true });
  expect(data).toMatchObject({ deleted: true, erased: true });
  expect(await store.history("k")).toEqual([]);
});

test("memory_list goes by key or by time, and narrows by namespace, pattern and session", async () => {
  const { call } = await connectedStore();
  for (const [key, namespace, session, at] of [
    ["api/b", "n", "s", 3000],
    ["api/a", "n", "s", 2000],
    ["c", "n", "other", 1000],
    ["d", "m", "s", 4000],
  ]) {
    await call("memory_store", { key, value: { of: key }, namespace, session, at });
  }
  const keys = async (args: Record<string, unknown>) => {
    const { data } = await call("memory_list", args);
    const entries = data.entries as { key: string }[];
    expect(data.count).toBe(entries.length);
    return entries.map(({ key }) => key);
  };
  expect(await keys({})).toEqual(["d", "api/a", "api/b", "c"]);
  expect(await keys({ order: "time" })).toEqual(["c", "api/a", "api/b", "d"]);
  expect(await keys({ session: "s", order: "time" })).toEqual(["api/a", "api/b", "d"]);
  expect(await keys({ namespace: "n", pattern: "api/*" })).toEqual(["api/a", "api/b"]);
  expect(await keys({ limit: 1, offset: 1 })).toEqual(["api/a"]);
  const { data } = await call("memory_list", { namespace: "m" });
  expect(data.entries).toMatchObject([{ key: "d", value: '{"of":"d"}', provenance: "unknown" }]);
});
