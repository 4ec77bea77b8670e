import { expect, test } from "vitest";
import { PatternModel, StigmergyError } from "#dist/index.js";
import { trainApart } from "#dist/neural/train-apart.js";
import { runApart } from "#dist/pool/apart.js";
import { runModule } from "../support/process.ts";

const texts = Array.from({ length: 60 }, (_, i) => `${i % 2 === 0 ? "paint" : "parse"} part ${i}`);
const labels = texts.map((text) => text.split(" ")[0]);

test("a model trained on a thread of its own is the one trained here, and this thread is free meanwhile", async () => {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns++;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  const apart = await trainApart({ texts, labels, seed: 3 }).result;
  isDone = true;
  expect(turns).toBeGreaterThan(10);
  const here = await PatternModel.train({ texts, labels, seed: 3 });
  const asked = ["paint the wall", "parse the file", "neither"];
  expect(await apart.predictMany(asked)).toEqual(await here.predictMany(asked));
});

test("what a training there refuses is refused here, by its code", async () => {
  const refused = trainApart({ texts: [], labels: [], seed: 1 }).result;
  await expect(refused).rejects.toBeInstanceOf(StigmergyError);
  await expect(refused).rejects.toMatchObject({ code: "INVALID_INPUT" });
});

test("a thread that ends before its work is done is told", async () => {
  const source = "export default () => new Promise(() => process.exit(3))";
  const module = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  await expect(runApart(module, {}).result).rejects.toMatchObject({ code: "WORKER_DIED" });
});

test("a process lives on for a network that is waited for, and not for one that is not", async () => {
  const source = (last: string) => `
    import { assignAgents } from "#dist/index.js";
    const history = Array.from({ length: 1200 }, (_, i) => (
      { text: "part " + (i % 40), agent: i % 2 === 0 ? "coder" : "tester", success: true }));
    const request = { tasks: [{ id: "t", text: "part 3" }], history,
      agents: [{ id: "coder", type: "coder" }, { id: "tester", type: "tester" }] };
    await assignAgents({ ...request, network: "background" });
    process.on("exit", () => console.log("ended"));
    ${last}`;
  const without = await runModule(source(""));
  expect(without).toMatchObject({ code: 0, stdout: "ended\n" });
  const waiting = "console.log((await assignAgents(request)).assignments[0].agent);";
  expect(await runModule(source(waiting))).toMatchObject({ code: 0, stdout: "tester\nended\n" });
});
