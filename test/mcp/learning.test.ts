import { expect, test } from "vitest";
import { testFolder } from "../support/folder.ts";
import { connectInMemory, connectProcess, type ToolAnswer } from "../support/mcp.ts";
import { testStore } from "../support/store.ts";
import { labeledTexts } from "../support/training.ts";

const MODEL = { modelId: "m", data: labeledTexts(60), epochs: 30, hidden: [16] };
const lesson = (operation: string, outcome: string) => ({
  action: "learn",
  operation,
  outcome,
  modelId: "m",
  pattern_type: "notes",
});

test("a server answers searches while one of its models learns", async () => {
  const { call } = await connectProcess(testFolder());
  await call("memory_store", { key: "a", value: "how the parser starts" });
  await call("neural_train", MODEL);
  const learned: ToolAnswer[] = [];
  const learning = call("neural_patterns", lesson("rename the flag", "style")).then((answer) =>
    learned.push(answer),
  );
  let answered = -1;
  while (learned.length === 0) {
    answered++;
    const { data } = await call("memory_search", { query: "parser" });
    expect(data.results).toMatchObject([{ key: "a" }]);
  }
  await learning;
  expect(learned[0].data).toMatchObject({ learned: true, version: 2, newLabels: ["style"] });
  // What holds the server's thread lets one or two through, that came before it began.
  expect(answered).toBeGreaterThan(3);
});

test("outcomes told at once are learned one after another, in their order", async () => {
  const { call } = await connectInMemory(await testStore());
  await call("neural_train", MODEL);
  const order: number[] = [];
  const tell = async (label: string, number: number): Promise<ToolAnswer> => {
    const answer = await call("neural_patterns", lesson(`note ${number}`, label));
    order.push(number);
    return answer;
  };
  const answers = await Promise.all(["style", "idea", "bug"].map(tell));
  expect(order).toEqual([0, 1, 2]);
  expect(answers.map(({ data }) => [data.version, data.newLabels])).toEqual([
    ...[
      [2, ["style"]],
      [3, ["idea"]],
      [4, []],
    ],
  ]);
});

test("a call that is cancelled records its outcome, and its model stays as it was", async () => {
  const store = await testStore();
  const { call, client } = await connectInMemory(store);
  await call("neural_train", MODEL);
  const ask = async () => (await call("neural_predict", { modelId: "m", input: "crash" })).data;
  const before = await ask();
  const cancel = new AbortController();
  const args = lesson("rename the flag", "style");
  const cancelled = client.callTool(
    { name: "neural_patterns", arguments: args },
    { signal: cancel.signal },
  );
  while ((await store.models.listOutcomes()).length === 0) {
    await new Promise((resolve) => void setImmediate(resolve));
  }
  cancel.abort();
  await expect(cancelled).rejects.toThrow();
  const { data } = await call("neural_patterns", lesson("add an option", "bug"));
  expect(data).toMatchObject({ learned: true, version: 2, newLabels: [] });
  expect(await store.models.listOutcomes()).toHaveLength(2);
  expect(before).toMatchObject({ version: 1 });
  expect(await ask()).toMatchObject({ version: 2 });
  const [{ metadata }] = await store.models.listModels("m");
  expect(metadata).toMatchObject({ origin: "learned", learned: 1 });
});
