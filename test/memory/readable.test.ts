import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { POLICY, fillWithPolicy } from "../support/policy.ts";

test("lists, searches, stats and watches show only what may be read", async () => {
  const path = testFolder();
  await fillWithPolicy(path);
  await using ann = await MemoryStore.open({ path, agent: "ann" });
  const names = (entries: { key: string }[]): string[] => entries.map(({ key }) => key).toSorted();
  expect(names(await ann.list())).toEqual(["plan", "public"]);
  for (const mode of ["lexical", "semantic", "hybrid"] as const) {
    expect(names((await ann.search({ query: "harbour", mode })).hits), mode).toEqual([
      "plan",
      "public",
    ]);
  }
  expect(names((await ann.search({ query: "p*" })).hits)).toEqual(["plan", "public"]);
  const { namespaces, entries } = await ann.stats();
  expect(namespaces.map(({ namespace }) => namespace)).toEqual(["default", "team/a"]);
  expect(entries).toBe(2);

  await using owner = await MemoryStore.open({ path });
  const changes = ann.watch();
  await owner.store({ key: "pay", value: "harbour wages 2", namespace: "finance" });
  await owner.store({ key: "plan", value: "harbour plan 3", namespace: "team/a" });
  expect((await changes.next()).value).toMatchObject({ key: "plan" });
});

test("a watch tells nothing that a policy forbids by now, not even of the past", async () => {
  const path = testFolder();
  await using owner = await MemoryStore.open({ path });
  await using ann = await MemoryStore.open({ path, agent: "ann" });
  await fillWithPolicy(path);
  const changes = ann.watch({ since: 0 });
  await owner.store({ key: "last", value: "v", namespace: "team/a" });
  expect((await changes.next()).value).toMatchObject({ key: "public" });
  expect((await changes.next()).value).toMatchObject({ key: "plan" });
  expect((await changes.next()).value).toMatchObject({ key: "last" });
});

test("reading what is forbidden tells neither whether it is there nor how long it is", async () => {
  const path = testFolder();
  await fillWithPolicy(path);
  await using ann = await MemoryStore.open({ path, agent: "ann" });
  const where = { namespace: "finance" };
  await expect(ann.retrieve("pay", where)).rejects.toMatchObject({ code: "FORBIDDEN" });
  expect(ann.cacheStats()).toMatchObject({ entries: 0, characters: 0 });
  expect(ann.dropCached({ key: "pay", ...where })).toBe(0);
});

test("no score or order tells which words stand where an agent may not read", async () => {
  const answersOf = async (hidden: readonly string[]) => {
    const path = testFolder();
    await using owner = await MemoryStore.open({ path });
    await using ann = await MemoryStore.open({ path, agent: "ann" });
    const words = "harbour crane pilot ledger sluice anchor".split(" ");
    for (let i = 0; i < 60; i++) {
      const value = [0, 1, 2].map((step) => words[(i * (step + 1)) % words.length]).join(" ");
      await owner.store({ key: `note ${i}`, value, namespace: i % 2 ? "default" : "team/a" });
      if (hidden.length > 0) {
        await owner.store({ key: `k${i}`, value: hidden[i % hidden.length], namespace: "finance" });
      }
    }
    await owner.setPolicy(POLICY);
    const queries = [
      ...["harbour crane pilot", "crane zorblax", "crane zorblaks wages", "harbor pilots"],
      ...["ancor ledgers", "hunter2 sluice anchor", "zor* crane", "crane*", "harbour wages note 7"],
    ];
    const answers: unknown[] = [];
    for (const query of queries) {
      for (const namespace of [undefined, "team/a"]) {
        const { hits } = await ann.search({ query, namespace, mode: "lexical", limit: 20 });
        answers.push([query, hits.map(({ key, score, why }) => [key, score, why])]);
      }
    }
    return answers;
  };
  const hidden = [
    "zorblax wages hunter2",
    "harbour harbors zorro",
    "crane anchored ancora ledgerdemain",
  ];
  expect(await answersOf(hidden)).toEqual(await answersOf([]));
});
