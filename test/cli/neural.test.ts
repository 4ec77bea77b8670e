import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../support/folder.ts";
import { runCli } from "../support/process.ts";
import { coordinationRuns, labeledTexts } from "../support/training.ts";

function commands(env: Record<string, string> = {}) {
  const cwd = testFolder();
  const run = (...args: string[]) => runCli(["neural", ...args], { cwd, env });
  const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);
  const write = (name: string, text: string) => writeFileSync(join(cwd, name), text);
  return { cwd, run, json, write };
}

const csv = (records: readonly { input: string; label: string }[]): string =>
  ["input,label", ...records.map(({ input, label }) => `"${input}",${label}`)].join("\r\n");

test("a model is trained on a file, asked, explained, compressed, saved and loaded", async () => {
  const { cwd, run, json, write } = commands();
  write("issues.csv", csv(labeledTexts(60)));
  const quick = ["--epochs", "20", "--hidden", "16"];
  const trained = await run("train", "issues.csv", "--model", "triage", ...quick);
  expect(trained).toMatchObject({ code: 0, stderr: "" });
  expect(trained.stdout).toMatch(
    /^triage version 1, 60 samples\naccuracy [\d.]+ % of 6 held out \(95 % interval \d+ to \d+ %\), baseline [\d.]+ %\n/,
  );
  expect(await json("train", "issues.csv", "--model", "triage", ...quick)).toMatchObject({
    modelId: "triage",
    version: 2,
    samples: 60,
    epochs: 20,
  });
  expect(await json("predict", "crash", "in", "the", "parser")).toMatchObject({ label: "bug" });
  expect((await run("predict", "--top", "1", "crash in the parser")).stdout).toMatch(/%  bug/);
  for (const wrong of [
    ["predict", "--top", "0"],
    ["predict", "--top", "1.5"],
    ["explain", "--limit", "-1"],
  ]) {
    expect(await run(...wrong, "crash")).toMatchObject({ code: 2, stdout: "" });
  }
  expect((await run("explain", "crash in the parser")).stdout).toMatch(
    /^label {2}bug .*\n {2}\S+ {2}crash/s,
  );
  expect(await json("compress", "triage")).toMatchObject({ modelId: "triage-int8" });
  const again = await run("compress", "triage", "--as", "triage-int8");
  expect(again.stdout).toMatch(
    /^triage-int8 .* KiB after\nlabel {2}100\.0 % right before, 100\.0 % after, of 60 samples that it learned from\n$/,
  );
  const { sha256 } = await json("save", "triage", "triage.model");
  const bytes = readFileSync(join(cwd, "triage.model"));
  expect((await run("save", "triage", "triage.model")).code).toBe(1);
  expect(await json("load", "triage.model", "--model", "copy")).toMatchObject({ isNew: true });
  expect(await json("load", "triage.model", "--model", "copy")).toMatchObject({ isNew: false });
  const status = await json("status", "--detailed");
  expect(status.models).toMatchObject([
    { modelId: "copy", version: 1, sha256, bytes: bytes.length },
    { modelId: "triage", version: 2, keptVersions: [2, 1], members: { label: {} } },
    { modelId: "triage-int8", compressedFrom: "triage" },
  ]);
  const listed = await run("list");
  expect(listed.stdout.split("\n")).toHaveLength(4);
  expect(listed.stderr).toBe("3 models\n");
});

test("a model of coordination tells which choice is best", async () => {
  const { run, write } = commands();
  write("runs.json", JSON.stringify({ runs: coordinationRuns(30) }));
  const how = ["--type", "coordination", "--hidden", "16", "--epochs", "40"];
  expect((await run("train", "runs.json", ...how)).stdout).toMatch(/^coordination version 1, 90 /);
  const { stdout } = await run("predict", '{"kind": "web", "files": 90}', "--top", "2");
  expect(stdout).toMatch(/^\{"topology":"\w+","agents":\d\} {2}\{"durationMs":[\d.]+\}\n.+\n$/);
});

test("what goes wrong exits with a code, and leaves no model", async () => {
  const { cwd, run, json, write } = commands();
  expect((await run("predict", "x")).code).toBe(1);
  expect(existsSync(join(cwd, ".stigmergy"))).toBe(false);
  expect(await json("list")).toMatchObject({ models: [] });
  write("bad.jsonl", '{"input": "a", "label": "x"}\n{"input": ');
  const bad = await run("train", "bad.jsonl");
  expect(bad).toMatchObject({ code: 2, stdout: "" });
  expect(bad.stderr).toMatch(/INVALID_INPUT: line 2: expected JSON/);
  expect((await run("train", "nowhere.csv")).code).toBe(1);
  expect((await run("train", "--type", "prediction")).stderr).toMatch(/NOT_FOUND/);
  expect((await run("train", "bad.jsonl", "--epochs", "many")).code).toBe(2);
  write("damaged.model", "x".repeat(500));
  expect((await run("load", "damaged.model")).stderr).toMatch(/FORMAT/);
  expect(await json("list")).toMatchObject({ models: [] });
});

test("a number of models that can't be understood is named", async () => {
  const { run, write } = commands({ RUV_NEURAL_MODELS: "many" });
  write("issues.csv", csv(labeledTexts(12)));
  const refused = await run("train", "issues.csv");
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.stderr).toMatch(/INVALID_SETTING: RUV_NEURAL_MODELS/);
  const ours = commands({ RUV_NEURAL_MODELS: "many", STIGMERGY_NEURAL_MODELS: "3" });
  expect((await ours.json("list")).registry).toMatchObject({ most: 3 });
});
