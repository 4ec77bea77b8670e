import { expect, test } from "vitest";
import { PatternModel, StigmergyError } from "#dist/index.js";
import { trainApart } from "#dist/neural/train-apart.js";
import { runApart } from "#dist/pool/apart.js";

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
  const apart = await trainApart({ texts, labels, seed: 3 });
  isDone = true;
  expect(turns).toBeGreaterThan(10);
  const here = await PatternModel.train({ texts, labels, seed: 3 });
  const asked = ["paint the wall", "parse the file", "neither"];
  expect(await apart.predictMany(asked)).toEqual(await here.predictMany(asked));
});

test("what a training there refuses is refused here, by its code", async () => {
  const refused = trainApart({ texts: [], labels: [], seed: 1 });
  await expect(refused).rejects.toBeInstanceOf(StigmergyError);
  await expect(refused).rejects.toMatchObject({ code: "INVALID_INPUT" });
});

test("a thread that ends before its work is done is told", async () => {
  const source = "export default () => new Promise(() => process.exit(3))";
  const module = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  await expect(runApart(module, {})).rejects.toMatchObject({ code: "WORKER_DIED" });
});
