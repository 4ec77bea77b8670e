import { expect, test } from "vitest";
import type { MemoryStore } from "#dist/index.js";
import { testStore } from "../support/store.ts";

const DAY = 86_400_000;
const MAY_10 = Date.parse("2023-05-10T12:00:00Z");

/** Turns of a talk in one session, a minute apart. */
async function say(store: MemoryStore, session: string, turns: readonly string[]): Promise<void> {
  for (const [i, value] of turns.entries()) {
    const agent = i % 2 === 0 ? "ann" : "ben";
    await store.store({ key: `${session}/${i}`, value, session, agent, at: MAY_10 + i * 60_000 });
  }
}

async function keysOf(
  store: MemoryStore,
  request: Parameters<MemoryStore["search"]>[0],
): Promise<string[]> {
  return (await store.search(request)).hits.map(({ key }) => key);
}

test("what was said beside an answer lends it some of its score", async () => {
  const store = await testStore();
  await say(store, "talk", ["which database do we take", "postgres", "fine", "bye"]);
  await say(store, "other", ["nothing", "postgres", "nothing"]);
  const found = await keysOf(store, { query: "database postgres", mode: "lexical" });
  expect(found.indexOf("talk/1")).toBeLessThan(found.indexOf("other/1"));
  // A neighbor that shares no word is an answer too, after those that do.
  expect(found).toContain("talk/2");
});

test("the best of a session lends the others some of its score, where a store ranks so", async () => {
  const scores = async (session: number): Promise<number> => {
    const store = await testStore({ ranking: { session } });
    await say(store, "long", ["walrus herd", "a", "b", "c", "d", "herd"]);
    await say(store, "other", ["walrus walrus", "a", "b", "c", "d", "fish"]);
    const { hits } = await store.search({ query: "walrus herd", mode: "lexical" });
    return hits.find(({ key }) => key === "long/5")?.why.lexical ?? 0;
  };
  expect(await scores(0.4)).toBeGreaterThan(await scores(0));
});

test("sessions of one name in two namespaces are two", async () => {
  const store = await testStore();
  const session = "same";
  await store.store({ key: "a", value: "database", session, namespace: "one", at: 1 });
  await store.store({ key: "b", value: "unlike", session, namespace: "two", at: 2 });
  expect(await keysOf(store, { query: "database", mode: "lexical" })).toEqual(["a"]);
  const { hits } = await store.search({ query: "database", context: 2 });
  expect(hits[0].context).toBeUndefined();
});

test("a hit brings what was said before and after it, in order", async () => {
  const store = await testStore();
  await say(store, "talk", ["one", "two", "walrus", "four", "five"]);
  await store.delete("talk/1");
  const { hits } = await store.search({ query: "walrus", limit: 1, context: 2 });
  const around = (): string[] | undefined => hits[0].context?.map(({ key }) => key);
  expect(around()).toEqual(["talk/0", "talk/3", "talk/4"]);
});

test("agent, session, since and until narrow a search", async () => {
  const store = await testStore();
  await say(store, "talk", ["walrus one", "walrus two", "walrus three"]);
  await say(store, "chat", ["walrus four"]);
  for (const mode of ["lexical", "semantic", "hybrid"] as const) {
    const find = (part: object): Promise<string[]> =>
      keysOf(store, { query: "walrus", mode, ...part }).then((keys) => keys.toSorted());
    expect(await find({ agent: "ben" }), mode).toEqual(["talk/1"]);
    expect(await find({ session: "chat" }), mode).toEqual(["chat/0"]);
    expect(await find({ since: MAY_10 + 1, until: MAY_10 + 120_000 }), mode).toEqual(["talk/1"]);
  }
});

test("relative times are found by their date, and told with the hit", async () => {
  const store = await testStore();
  await store.store({ key: "a", value: "the deploy failed yesterday", at: MAY_10 });
  await store.store({ key: "b", value: "the deploy failed again", at: MAY_10 + 60 * DAY });
  const { hits } = await store.search({ query: "deploy failed 9 May 2023" });
  expect(hits[0].key).toBe("a");
  expect(hits[0].times).toEqual([
    {
      said: "yesterday",
      isRelative: true,
      from: Date.parse("2023-05-09T00:00:00Z"),
      to: Date.parse("2023-05-10T00:00:00Z"),
    },
  ]);
  expect(hits[1].times).toBeUndefined();
});

test("a date in a question favors what was said then, and excludes nothing", async () => {
  const store = await testStore();
  await store.store({ key: "old", value: "standup notes", at: MAY_10 - 400 * DAY });
  await store.store({ key: "then", value: "standup notes", at: MAY_10 });
  const { hits } = await store.search({ query: "standup notes in May 2023" });
  expect(hits.map(({ key }) => key)).toEqual(["then", "old"]);
  expect(hits[0].why.time).toBe(1);
  expect(hits[1].why.time).toBeUndefined();
});
