import { expect, test } from "vitest";
import { connectedProject } from "../support/mcp.ts";
import { labeledTexts } from "../support/training.ts";

const QUICK = { epochs: 30, hidden: [16] };

test("patterns written down are stored, found, listed by kind and deleted", async () => {
  const { call, store } = await connectedProject();
  const act = async (action: string, args: object = {}) =>
    (await call("neural_patterns", { action, ...args })).data;
  expect(await act("list")).toMatchObject({ entries: [], count: 0 });
  const stored = await act("store", {
    name: "Retry with backoff",
    type: "resilience",
    data: { tries: 3 },
    content: "retry a failed network call after growing pauses",
  });
  expect(stored).toMatchObject({
    patternId: expect.stringMatching(/^retry-with-backoff-[0-9a-f]{8}$/),
  });
  await act("store", {
    patternId: "p2",
    type: "review",
    content: "read the tests before the code",
  });
  const { patternId } = stored;
  expect(await act("get", { patternId })).toMatchObject({ found: true, tags: ["resilience"] });
  expect(await act("get", { patternId: "nope" })).toMatchObject({ found: false });
  expect(await act("list", { type: "review" })).toMatchObject({
    count: 1,
    entries: [{ key: "p2" }],
  });
  const { results } = await act("search", { query: "network call failed", limit: 1 });
  expect(results).toMatchObject([{ key: patternId }]);
  expect(await act("search", { query: "tests", mode: "cosine" })).toMatchObject({
    mode: "semantic",
  });
  const all = (await call("neural_patterns", { pattern: "all" })).data;
  expect(all).toMatchObject({ models: [], patterns: { count: 2 } });
  expect((await store.stats()).namespaces).toMatchObject([{ namespace: "patterns", entries: 2 }]);
  const near = await call("pattern_recognize", { data: ["the network call failed again"] });
  expect(near.data.results).toMatchObject([{ pattern: "Retry with backoff" }]);
  expect(await act("delete", { patternId })).toMatchObject({ deleted: true });
  expect(await act("delete", { patternId })).toMatchObject({ deleted: false });
});

test("pattern_recognize tells the nearest pattern by examples, of texts and of vectors, and none of what is like none", async () => {
  const { call } = await connectedProject();
  const { data } = await call("pattern_recognize", {
    data: ["login fails with a timeout", [0.9, 0.1], "zzz qqq"],
    patterns: [
      { name: "timeout", examples: ["request ran into a timeout", "timeout of login"] },
      { name: "style", content: "rename the variables" },
      { label: "east", vector: [1, 0] },
      { label: "north", vector: [0, 1] },
    ],
  });
  expect(data).toMatchObject({
    count: 3,
    results: [
      { index: 0, pattern: "timeout", alternatives: [{ pattern: "style" }] },
      { index: 1, pattern: "east", alternatives: [{ pattern: "north" }] },
      { index: 2, pattern: null },
    ],
  });
  await call("neural_train", { modelId: "m", data: labeledTexts(60), ...QUICK });
  const asked = await call("pattern_recognize", { data: ["please add exports"], modelId: "m" });
  expect(asked.data.results).toMatchObject([{ index: 0, label: "feature" }]);
});
