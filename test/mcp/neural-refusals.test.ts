import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectedProject } from "../support/mcp.ts";
import { labeledTexts } from "../support/training.ts";

const QUICK = { epochs: 30, hidden: [16] };

test("whatever can't be learned from or asked is an error that says why, and nothing is stored", async () => {
  const { call, store, write, root } = await connectedProject();
  const good = labeledTexts(6).map((each) => JSON.stringify(each));
  write("broken.jsonl", [...good, '{"input": "a", "label": '].join("\n"));
  write("no-label.jsonl", [...good, '{"input": "a"}'].join("\n"));
  write("one-class.csv", "input,label\na b,x\nc d,x\n");
  write("empty.json", "");
  write("none.json", "[]");
  write("nan.csv", "width,label\n1,a\nNaN,b\n");
  write("huge.json", '[{"input": [1e999], "label": "a"}]');
  write("binary.json", "\u0000\u0001\u0002");
  mkdirSync(join(root, "folder"));
  symlinkSync("/etc/passwd", join(root, "link.json"));
  const train = (training_data: string) =>
    ["neural_train", { pattern_type: "issues", training_data, ...QUICK }] as const;
  const cases: [readonly [string, Record<string, unknown>], RegExp][] = [
    [train("nowhere.jsonl"), /NOT_FOUND/],
    [train("broken.jsonl"), /INVALID_INPUT.*line 7: expected JSON/s],
    [train("no-label.jsonl"), /INVALID_INPUT.*line 7: expected an input and a label/s],
    [train("one-class.csv"), /INVALID_INPUT.*at least 2 different/s],
    [train("empty.json"), /INVALID_INPUT.*empty file/s],
    [train("none.json"), /INVALID_INPUT.*none/s],
    [train("nan.csv"), /INVALID_INPUT.*line 3: expected a finite number/s],
    [train("huge.json"), /INVALID_INPUT.*line 1: expected finite numbers/s],
    [train("binary.json"), /INVALID_INPUT.*line 1: expected text/s],
    [train("folder"), /INVALID_INPUT.*a folder/s],
    [train("../outside.json"), /OUTSIDE_ROOT/],
    [train("/etc/passwd"), /OUTSIDE_ROOT/],
    [train("link.json"), /OUTSIDE_ROOT/],
    [["neural_train", { pattern_type: "issues" }], /NOT_FOUND.*recorded outcomes/s],
    [["neural_train", { modelType: "transformer", data: labeledTexts(9) }], /NOT_SUPPORTED/],
    [["neural_train", { data: { samples: [{ input: "a" }] } }], /sample 1: expected/],
    [["neural_train", { data: labeledTexts(9), startFrom: "nobody" }], /NOT_FOUND/],
    [["neural_train", { data: labeledTexts(9), epochs: 0 }], /epochs/],
    [["neural_train", { data: labeledTexts(9), validation: 2 }], /INVALID_INPUT.*validation/s],
    [["neural_train", { pattern_type: "prediction", data: [{ task: "a", success: 3 }] }], /0 to 1/],
    [["neural_predict", { input: "x" }], /NOT_FOUND.*train one first/s],
    [["neural_predict", { modelId: "nobody", input: "x" }], /NOT_FOUND/],
    [["neural_explain", { modelId: "nobody", input: "x" }], /NOT_FOUND/],
    [["neural_explain", { modelId: "nobody" }], /expected input/],
    [["neural_compress", { modelId: "nobody" }], /NOT_FOUND/],
    [["neural_status", { modelId: "nobody" }], /NOT_FOUND/],
    [["model_save", { modelId: "nobody", path: "x.model" }], /NOT_FOUND/],
    [["model_save", { modelId: "nobody", path: "../x.model" }], /OUTSIDE_ROOT/],
    [["model_save", { modelId: "nobody", path: ".stigmergy/memory.db" }], /INVALID_INPUT/],
    [["model_load", { modelPath: "nowhere.model" }], /NOT_FOUND/],
    [["model_load", { modelPath: "../x.model" }], /OUTSIDE_ROOT/],
    [["neural_patterns", { action: "learn" }], /expected operation/],
    [["neural_patterns", { action: "learn", operation: "x" }], /expected outcome/],
    [["neural_patterns", { action: "predict", operation: "x" }], /NOT_FOUND/],
    [["neural_patterns", { action: "get" }], /expected patternId/],
    [["neural_patterns", { pattern: "lateral" }], /NOT_SUPPORTED/],
    [["neural_patterns", { action: "search", query: "x", alpha: 0.3 }], /NOT_SUPPORTED.*alpha/s],
    [["neural_patterns", { action: "explode" }], /action/],
    [["pattern_recognize", { data: ["x"] }], /NOT_FOUND/],
    [["pattern_recognize", { data: ["x"], patterns: [{ content: "y" }] }], /expected a name/],
    [["pattern_recognize", { data: ["x"], modelId: "nobody" }], /NOT_FOUND/],
  ];
  for (const [[name, args], expected] of cases) {
    const { isError, text } = await call(name, args);
    expect(isError, `${name} ${JSON.stringify(args)}`).toBe(true);
    expect(text).toMatch(expected);
    expect(text).not.toContain(root);
  }
  expect(await store.models.listModels()).toEqual([]);
  expect(await store.models.listOutcomes()).toEqual([]);
});

test("NaN and infinite inputs of a call are refused", async () => {
  const { call } = await connectedProject();
  const data = Array.from({ length: 40 }, (_, i) => ({ input: [i % 2, i], label: i % 2 }));
  await call("neural_train", { modelId: "m", data, ...QUICK });
  const ask = (input: unknown) => call("neural_predict", { modelId: "m", input });
  expect((await ask("[1, 3]")).data).toMatchObject({ label: "1" });
  for (const input of ["[NaN, 3]", "[1, Infinity]", "[1e999, 3]", "[1, 2, 3]", "[1]"]) {
    const answer = await ask(input);
    expect(answer.isError, input).toBe(true);
    expect(answer.text).toMatch(/INVALID_INPUT|DIMENSION/);
  }
});

test("a cancelled training leaves the version before, and one that is told of reports its epochs", async () => {
  const { call, client, store } = await connectedProject();
  await call("neural_train", { modelId: "m", data: labeledTexts(60), ...QUICK });
  const before = await store.models.listModels();
  const cancel = new AbortController();
  const told: number[] = [];
  const cancelled = client.callTool(
    { name: "neural_train", arguments: { modelId: "m", data: labeledTexts(300), epochs: 50_000 } },
    {
      signal: cancel.signal,
      onprogress: ({ progress, total }) => {
        told.push(progress, Number(total));
        cancel.abort();
      },
    },
  );
  await expect(cancelled).rejects.toThrow();
  // Those of a network and of a linear model, both once more with the samples that were held out.
  expect(told).toEqual([expect.any(Number), 4 * 50_000]);
  for (;;) {
    const { data } = await call("neural_status");
    if (data.training === null) break;
    await new Promise((resolve) => void setImmediate(resolve)); // threads get to say that they ended
  }
  expect(await store.models.listModels()).toEqual(before);
  expect((await call("neural_predict", { input: "crash" })).data).toMatchObject({ version: 1 });
});
