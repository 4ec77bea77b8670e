import { expect, test } from "vitest";
import { readPatterns } from "#dist/neural/patterns/patterns.js";
import { recordOfOutcome, typeOfOutcome } from "#dist/neural/patterns/outcome-records.js";
import { TrainedPattern } from "#dist/neural/patterns/trained-pattern.js";
import { givenRecords } from "#dist/neural/patterns/training-file.js";
import { coordinationRuns, labeledTexts, taskOutcomes } from "../support/training.ts";
import { seededRandom } from "../support/random.ts";
import { countingTurns } from "../support/turns.ts";

const read = (type: string, records: readonly object[]) =>
  readPatterns(type, givenRecords(records));
const QUICK = { epochs: 30, hidden: [16], threads: 1 };

test("records of an input and a label are labels, by any of their names and of any type", () => {
  for (const type of ["prediction", "coordination", "optimization", "tickets", "constructor"]) {
    expect(read(type, [{ Text: "a", Class: 3 }])).toMatchObject({
      form: "labels",
      samples: [{ input: "a", label: 3 }],
    });
  }
  expect(read("tickets", [{ width: 1, height: 2, target: true }]).samples).toEqual([
    { input: { width: 1, height: 2 }, label: true },
  ]);
});

test("labels of one's own type may be called as people call them, where nothing else is a label", () => {
  for (const name of ["Category", "intent", "tag", "type"]) {
    expect(read("tickets", [{ text: "a", [name]: "x" }]).samples).toEqual([
      { input: "a", label: "x" },
    ]);
  }
  expect(read("tickets", [{ type: "x", size: 2, label: "y" }]).samples).toEqual([
    { input: { type: "x", size: 2 }, label: "y" },
  ]);
  // What a task is of is part of what its duration hangs on.
  expect(read("prediction", [{ type: "x", durationMs: 5 }]).samples).toEqual([
    { input: { type: "x" }, cost: 5 },
  ]);
});

test("what came of a task is its outcome, and the rest of the record is its input", () => {
  const { form, costName, samples } = read("prediction", [
    { task: "t", agent: "a", success: true, duration_ms: 12 },
    { input: { task: "t" }, outcome: "failed", duration_ms: "7" },
    { input: "t", success: 0.25 },
  ]);
  expect({ form, costName }).toEqual({ form: "outcomes", costName: "duration_ms" });
  expect(samples).toEqual([
    { input: { task: "t", agent: "a" }, success: 1, cost: 12 },
    { input: { task: "t" }, success: 0, cost: 7 },
    { input: "t", success: 0.25 },
  ]);
});

test("runs with a topology or a setting are choices with what came of them", () => {
  const run = {
    project: { files: 3 },
    topology: "mesh",
    agents: ["a", "b"],
    overhead: 2,
    ok: "yes",
  };
  expect(read("coordination", [run])).toMatchObject({ form: "choices", costName: "overhead" });
  expect(read("coordination", [run]).samples).toEqual([
    {
      input: { project: { files: 3 } },
      choice: { topology: "mesh", agents: 2 },
      success: 1,
      cost: 2,
    },
  ]);
  const setting = { operation: "sort", setting: { threads: 2 }, durationMs: 5 };
  expect(read("optimization", [setting]).samples).toEqual([
    { input: { operation: "sort" }, choice: { setting: { threads: 2 } }, cost: 5 },
  ]);
  const unknown = { input: "p", topology: "star", agents: 4 };
  expect(read("coordination", [unknown])).toMatchObject({
    form: "labels",
    samples: [{ input: "p", label: "star", agents: 4 }],
  });
});

test("a record that fits no form is an error that names it", () => {
  const cases: [string, object, RegExp][] = [
    [
      "tickets",
      { description: "a", severity: 1 },
      /^sample 2: expected an input and a label, .* named label, .*, received "description", "severity"$/,
    ],
    ["tickets", { label: "x" }, /^sample 2: expected an input/],
    [
      "tickets",
      { input: "a", label: "" },
      /^sample 2: expected a text, a number or a boolean as "label"/,
    ],
    ["tickets", { input: "a", label: ["x"] }, /^sample 2: .* "label", received object/],
    ["tickets", { input: ["x", { a: 1 }], label: "x" }, /^sample 2: expected a text, a vector/],
    ["tickets", { input: [1, Infinity], label: "x" }, /^sample 2: expected finite numbers/],
    [
      "prediction",
      { input: "a", success: "perhaps" },
      /^sample 2: expected true, false, or 0 to 1/,
    ],
    ["prediction", { input: "a", durationMs: -1 }, /^sample 2: expected a number from 0/],
    ["prediction", { input: "a", durationMs: NaN }, /^sample 2: expected a number from 0/],
    ["prediction", { input: "a" }, /^sample 2: expected success or durationMs, or a label/],
    ["coordination", { input: "a", agents: 3 }, /^sample 2: expected a topology/],
    ["coordination", { input: "a", topology: "mesh", agents: "many", success: 1 }, /"agents"/],
    ["optimization", { input: "a", durationMs: 3 }, /^sample 2: expected a setting/],
  ];
  for (const [type, record, message] of cases) {
    expect(
      () => read(type, [{ input: "first", label: "x" }, record]),
      JSON.stringify(record),
    ).toThrow(message);
  }
  expect(() =>
    read("prediction", [
      { input: "a", label: "x" },
      { input: "a", success: true },
    ]),
  ).toThrow(
    /^sample 2: expected a label, as the records before it have, received success or a duration/,
  );
  const mixed = givenRecords([
    { input: "a", success: true },
    { input: "b", success: false },
    { input: "c" },
  ]);
  expect(readPatterns("prediction", mixed, true)).toMatchObject({ form: "outcomes", skipped: 1 });
});

test("vectors of several lengths, or beside texts, are an error that names the record, or left out", () => {
  const a = { input: [1, 2], label: "x" };
  const b = { input: [1, 2, 3], label: "y" };
  expect(() => read("t", [a, b])).toThrow(/sample 2: expected a vector of 2 numbers, .* 3 numbers/);
  expect(() => read("t", [a, { input: "text", label: "y" }])).toThrow(
    /sample 2: .*a text or an obj/,
  );
  expect(
    read("t", [
      { input: { length: 3 }, label: "x" },
      { input: "t", label: 1 },
    ]).skipped,
  ).toBe(0);
  expect(readPatterns("t", givenRecords([a, b, a]), true)).toMatchObject({ skipped: 1 });
});

test("an outcome that was told is the record that it means", () => {
  const metadata = { agent: "ann", durationMs: 5, topology: "mesh", agents: 3, kind: "web" };
  expect(typeOfOutcome({ operation: "o", metadata })).toBe("coordination");
  expect(typeOfOutcome({ operation: "o", metadata: { setting: 1 } })).toBe("optimization");
  expect(typeOfOutcome({ operation: "o" })).toBe("prediction");
  const record = recordOfOutcome("coordination", {
    operation: "build",
    outcome: "success",
    metadata,
  });
  expect(readPatterns("coordination", [record]).samples).toEqual([
    {
      input: { operation: "build", agent: "ann", kind: "web" },
      choice: { topology: "mesh", agents: 3 },
      success: 1,
      cost: 5,
    },
  ]);
});

test("the choice made for a project that was never met is better than always the same", async () => {
  const pattern = await TrainedPattern.train(read("coordination", coordinationRuns(80)), {
    ...QUICK,
    epochs: 60,
  });
  const { choice, members, notLearned } = pattern.report;
  expect(choice?.inputs).toBeGreaterThanOrEqual(6);
  expect(choice?.accuracy).toBeGreaterThan(choice?.baselineAccuracy as number);
  expect(members.cost?.meanAbsoluteError).toBeLessThan(members.cost?.baselineError as number);
  expect(notLearned).toEqual({});
  const answer = pattern.predict({ kind: "data", files: 5 });
  expect(answer).toMatchObject({
    form: "choices",
    best: { choice: { topology: "mesh" } },
    tried: 6,
  });
});

test("an optimization model names the setting that was fastest for an operation", async () => {
  const random = seededRandom(7);
  const fastest: Record<string, string> = { sort: "threads=4", parse: "threads=1", hash: "simd" };
  const records = Array.from({ length: 180 }, () => {
    const operation = Object.keys(fastest)[Math.floor(random() * 3)];
    const setting = Object.values(fastest)[Math.floor(random() * 3)];
    const base = setting === fastest[operation] ? 50 : 400;
    return { operation, setting, durationMs: base * (1 + 0.2 * random()) };
  });
  const pattern = await TrainedPattern.train(read("optimization", records), QUICK);
  for (const [operation, setting] of Object.entries(fastest)) {
    expect(pattern.predict({ operation })).toMatchObject({ best: { choice: { setting } } });
  }
});

test("success that never varies is told, and only what varies is learned", async () => {
  const all = taskOutcomes(60).map((each) => ({ ...each, success: true }));
  const pattern = await TrainedPattern.train(read("prediction", all), QUICK);
  expect(pattern.report.notLearned).toEqual({ success: "it is 1 in all 60 records" });
  const answer = pattern.predict({ task: "write the parser", agent: "coder" });
  expect(answer).toEqual({ form: "outcomes", cost: expect.any(Number) });
  const same = all.map((each) => ({ ...each, durationMs: 3 }));
  await expect(TrainedPattern.train(read("prediction", same), QUICK)).rejects.toMatchObject({
    code: "INVALID_INPUT",
    message: expect.stringMatching(/differ in what came of them; success: .*; cost: /),
  });
});

test("one class, labels at random and labels out of balance give an error, or figures that show it", async () => {
  const texts = labeledTexts(120);
  const one = texts.map(({ input }) => ({ input, label: "x" }));
  await expect(TrainedPattern.train(read("t", one), QUICK)).rejects.toMatchObject({
    code: "INVALID_INPUT",
    message: expect.stringMatching(/at least 2 different/),
  });
  const random = seededRandom(3);
  const noise = texts.map(({ input }) => ({ input, label: random() < 0.5 ? "x" : "y" }));
  const mislabelled = await TrainedPattern.train(read("t", noise), QUICK);
  expect(mislabelled.report.members.label?.accuracy).toBeLessThan(0.8);
  const rare = texts.map((each, i) => (i < 114 ? { ...each, label: "usual" } : each));
  const { label } = (await TrainedPattern.train(read("t", rare), QUICK)).report.members;
  expect(label?.baselineAccuracy).toBeGreaterThan(0.8);
  expect(label?.macroF1).toBeLessThan(1);
});

test("choices are learned also where all that failed of them would be held out", async () => {
  const runs = coordinationRuns(60).map((run, i) => ({ ...run, success: i !== 7 }));
  // Of these seeds all but the first hold out that run, so there would be nothing to tell apart.
  for (const seed of [1, 2, 6]) {
    const options = { ...QUICK, epochs: 1, seed };
    const { report } = await TrainedPattern.train(read("coordination", runs), options);
    expect(Object.keys(report.members)).toEqual(["success", "cost"]);
    expect(report.choice === null).toBe(seed !== 1);
  }
});

test("what moved an answer is found while others have the thread", async () => {
  const pattern = await TrainedPattern.train(read("t", labeledTexts(60)), QUICK);
  const words = Array.from({ length: 500 }, (_, i) => `word${i}`);
  const input = ["crash", ...words].join(" ");
  const { result, turns } = await countingTurns(() => pattern.explain(input));
  expect(turns).toBeGreaterThan(1);
  const told = result.get("label");
  expect(told?.tried).toBeGreaterThan(500);
  expect(told?.influences[0].feature).toBe("crash");
});

test("a pattern of several models is one file, the same bits again, and starts another", async () => {
  const pattern = await TrainedPattern.train(read("prediction", taskOutcomes(80)), QUICK);
  const bytes = pattern.toBytes();
  const again = TrainedPattern.fromBytes(bytes);
  expect(Buffer.compare(again.toBytes(), bytes)).toBe(0);
  const input = { task: "write the parser", agent: "coder" };
  expect(again.predict(input)).toEqual(pattern.predict(input));
  expect([...(await again.explain(input)).keys()]).toEqual(["success", "cost"]);
  const next = await TrainedPattern.train(read("prediction", taskOutcomes(20, 2)), {
    ...QUICK,
    epochs: 1,
    from: again,
  });
  expect(next.predict(input)).toMatchObject({ form: "outcomes" });
  const { reports } = pattern.compress();
  for (const report of reports.values()) expect(report.bytesAfter).toBeLessThan(report.bytesBefore);
});

test("learning from further outcomes moves the answer, and records of another form are refused", async () => {
  const pattern = await TrainedPattern.train(read("prediction", taskOutcomes(80)), QUICK);
  const fresh = { task: "paint the fence", agent: "walrus", success: false, durationMs: 90_000 };
  const input = { task: fresh.task, agent: fresh.agent };
  const before = pattern.predict(input) as { success: number };
  const known = pattern.predict({ task: "write the parser", agent: "coder" }) as {
    success: number;
  };
  for (let i = 0; i < 3; i++) await pattern.learn(read("prediction", [fresh]));
  expect((pattern.predict(input) as { success: number }).success).toBeLessThan(before.success);
  const still = pattern.predict({ task: "write the parser", agent: "coder" }) as {
    success: number;
  };
  expect(Math.abs(still.success - known.success)).toBeLessThan(0.3);
  for (const record of [
    { input: "a", label: "x" },
    { input: "a", success: true, overhead: 3 },
  ]) {
    await expect(pattern.learn(read("prediction", [record]))).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  }
});
