import { expect, test } from "vitest";
import { connectedStore } from "../support/mcp.ts";

test("memory_namespace creates, configures, tells and lists", async () => {
  const { call, store } = await connectedStore();
  const settings = { ttl: 3600, maxEntries: 2, eviction: "lru", history: 3 };
  const created = await call("memory_namespace", { action: "create", namespace: "n", settings });
  expect(created.data).toMatchObject({ success: true, namespace: "n", created: true, settings });
  expect(await store.configure("n")).toMatchObject(settings);
  const twice = await call("memory_namespace", { action: "create", namespace: "n" });
  expect(JSON.parse(twice.text)).toMatchObject({ code: "CONFLICT" });

  // A namespace without settings of its own is there, too, before it has entries.
  await call("memory_namespace", { action: "create", namespace: "empty" });
  await call("memory_cleanup");
  const listed = await call("memory_namespace", { action: "list" });
  expect(listed.data).toMatchObject({ count: 2 });
  expect(listed.data.namespaces).toMatchObject([{ namespace: "empty" }, { namespace: "n" }]);

  const changed = await call("memory_namespace", {
    action: "configure",
    namespace: "n",
    settings: { ttl: null, maxEntries: 5 },
  });
  expect(changed.data.settings).toMatchObject({ maxEntries: 5, history: 3 });
  expect(changed.data.settings).not.toHaveProperty("ttl");

  await store.store({ key: "a", value: "12345", namespace: "n" });
  const info = await call("memory_namespace", { action: "info", namespace: "n" });
  expect(info.data).toMatchObject({ found: true, entries: 1, valueBytes: 5 });
  const absent = await call("memory_namespace", { action: "info", namespace: "nowhere" });
  expect(absent.data).toMatchObject({ found: false, entries: 0, settings: {} });
});

test("clear removes entries and keeps settings, delete removes both; each tells how many", async () => {
  const { call, store } = await connectedStore();
  await store.configure("n", { history: 3 });
  for (const key of ["a", "b"]) await store.store({ key, value: key, namespace: "n" });
  await store.store({ key: "other", value: "stays" });
  const cleared = await call("memory_namespace", { action: "clear", namespace: "n" });
  expect(cleared.data).toMatchObject({ removed: 2 });
  expect(await store.list({ namespace: "n" })).toEqual([]);
  expect(await store.configure("n")).toEqual({ history: 3 });

  await store.store({ key: "a", value: "a", namespace: "n" });
  const deleted = await call("memory_namespace", { action: "delete", namespace: "n" });
  expect(deleted.data).toMatchObject({ removed: 1 });
  expect(await store.configure("n")).toEqual({});
  const { data } = await call("memory_namespace", { action: "list" });
  expect(data.namespaces).toMatchObject([{ namespace: "default", entries: 1 }]);
});

test("memory_namespace refuses what it does not know or is not told", async () => {
  const { call, store } = await connectedStore();
  for (const [args, why] of [
    [{}, /action/],
    [{ action: "explode", namespace: "n" }, /"list"\|"info"\|"create"/],
    [{ action: "info" }, /expected namespace/],
    [{ action: "clear" }, /expected namespace/],
    [{ action: "configure", namespace: "n" }, /expected settings/],
    [{ action: "configure", namespace: "n", settings: {} }, /expected settings/],
    [{ action: "configure", namespace: "n", settings: { colour: "red" } }, /colour/],
    [{ action: "configure", namespace: "n", settings: { maxEntries: 0 } }, /maxEntries/],
    [{ action: "configure", namespace: "n", settings: { ttl: -1 } }, /ttl/],
    [{ action: "configure", namespace: "n", settings: { eviction: "fifo" } }, /eviction/],
    [{ action: "clear", namespace: "n", settings: { ttl: 1 } }, /expected no settings/],
    [{ action: "create", namespace: "" }, /namespace/],
  ] as const) {
    const { isError, text } = await call("memory_namespace", args);
    expect(isError, JSON.stringify(args)).toBe(true);
    expect(text).toMatch(why);
  }
  expect((await store.stats()).namespaces).toEqual([]);
});
