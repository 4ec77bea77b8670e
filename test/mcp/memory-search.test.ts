import { expect, test } from "vitest";
import { connectedStore } from "../support/mcp.ts";

const TEXT = "the deploy of the web shop failed because the disk of the build host was full";

interface Found {
  readonly results: readonly Record<string, unknown>[];
  readonly tokens: number;
  readonly omitted?: number;
}

test("memory_search folds copies, and returns as much of each entry as is asked for", async () => {
  const { call, store } = await connectedStore();
  await store.store({ key: "a", value: TEXT, session: "s", agent: "ann", at: 1_700_000_000_000 });
  await store.store({ key: "b", value: `${TEXT}.`, namespace: "copy" });
  const search = async (input: object): Promise<Found> =>
    (await call("memory_search", { query: "deploy failed", mode: "lexical", ...input }))
      .data as unknown as Found;
  const { results } = await search({});
  expect(results).toHaveLength(1);
  expect(results[0]).toMatchObject({ detail: "full", why: { lexical: 1 } });
  expect(results[0].duplicates).toHaveLength(1);
  const apart = (await search({ fold: false, detail: "keys" })).results;
  expect(apart.map(({ key }) => key).toSorted()).toEqual(["a", "b"]);
  for (const each of apart) expect(each).not.toHaveProperty("value");
  const [said] = (await search({ session: "s", detail: "snippet" })).results;
  expect(said).toMatchObject({ snippet: TEXT, agent: "ann", at: "2023-11-14T22:13:20.000Z" });
  expect(said).not.toHaveProperty("value");
});

test("memory_search keeps within its tokens, and tells how many hits it left out", async () => {
  const { call, store } = await connectedStore();
  for (let i = 0; i < 8; i++) await store.store({ key: `k/${i}`, value: `${TEXT} number ${i}` });
  const { data } = await call("memory_search", { query: "deploy", maxTokens: 40, fold: false });
  const { results, tokens, omitted } = data as unknown as Found;
  expect(tokens).toBeLessThanOrEqual(40);
  expect(results.length + (omitted ?? 0)).toBe(8);
  expect(results[0].detail).toBe("full");
});

test("memory_search brings what was said around a hit, and refuses wishes out of range", async () => {
  const { call, store } = await connectedStore();
  for (const [i, value] of ["one", "a walrus", "three"].entries()) {
    await store.store({ key: `t/${i}`, value, session: "s", at: 1000 * i });
  }
  const { data } = await call("memory_search", { query: "walrus", context: 1, limit: 1 });
  const [hit] = (data as unknown as Found).results;
  expect(hit.context).toEqual([
    { key: "t/0", value: "one", at: "1970-01-01T00:00:00.000Z" },
    { key: "t/2", value: "three", at: "1970-01-01T00:00:02.000Z" },
  ]);
  const refused = await call("memory_search", { query: "walrus", context: 99 });
  expect(JSON.stringify(refused)).toContain("INVALID_INPUT");
});
