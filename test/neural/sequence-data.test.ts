import { describe, expect, test } from "vitest";
import { SequenceModel } from "#dist/neural/sequence/sequence-model.js";
import type { SequenceOptions } from "#dist/neural/sequence/options.js";

const QUICK = { width: 16, hidden: 16, times: 4, epochs: 1, threads: 1 };
const AB = ["a", "b", "a", "b"];
const timed = (...times: number[]): object[] => times.map((at) => ({ event: "a", at }));

describe("what can't be learned from is refused, and why is said", () => {
  test.each<[string, object, RegExp]>([
    ["no sequences", { sequences: [] }, /^sequences: expected a list of them, received none$/],
    ["an empty sequence", { sequences: [AB, []] }, /^sequence 1: .* received none$/],
    [
      "no list",
      { sequences: [AB, "ab"] },
      /^sequence 1: expected a list of events, received string$/,
    ],
    ["only single events", { sequences: [["a"], ["b"]] }, /expected some of 2 events or more/],
    ["one event alone", { sequences: [["a", "a"], ["a"]] }, /at least 2 different .* only "a"/],
    [
      "an event that is a number",
      { sequences: [["a", 3]] },
      /^sequence 0, event 1: .* received 3$/,
    ],
    ["an event without a name", { sequences: [["a", ""]] }, /event 1: .* received empty text$/],
    ["a time that is NaN", { sequences: [timed(0, NaN)] }, /event 1, at: .* received NaN$/],
    ["a time without end", { sequences: [timed(0, Infinity)] }, /at: .* received Infinity$/],
    ["time that runs back", { sequences: [timed(5, 3)] }, /no time before 5.* received 3$/],
    ["times for some events", { sequences: [[...timed(5), "b"]] }, /for all events .* or for none/],
    [
      "an attribute that is a number",
      withAttributes({ size: 3 }),
      /attribute size: .* received 3$/,
    ],
    ["attributes that are a list", withAttributes(["big"]), /attributes: .* received \["big"\]$/],
    [
      "too many attributes",
      withAttributes(many(33)),
      /attributes: expected at most 32, received 33$/,
    ],
    ["times without at", { sequences: [AB], until: "b" }, /^sequence 0: expected events with at/],
    ["an end that never comes", { sequences: [timed(0, 1, 2)], until: "b" }, /^until: .*"b"/],
    ["a time without an end named", { task: "time" }, /^until: expected the name of an event/],
    ["an end for what comes next", { task: "next", until: "b" }, /^until: expected none/],
    ["another task", { task: "before" }, /^task: expected "next" or "time", received "before"$/],
    ["another family", { family: "lstm" }, /^family: expected "gru" or "convolution"/],
    ["no times", { times: 0 }, /^times: expected a whole number from 1/],
    ["half a width", { width: 1.5 }, /^width: /],
    ["a hidden layer without end", { hidden: Infinity }, /^hidden: .* received Infinity$/],
    ["a learning rate that is NaN", { learningRate: NaN }, /^learningRate: .* received NaN$/],
    ["all dropped", { dropout: 1 }, /^dropout: /],
    ["all held out", { validation: 1 }, /^validation: expected a share/],
    ["an empty sequence held out", { validation: [[]] }, /^validation sequence 0: /],
  ])("%s", async (_, options, message) => {
    const training = SequenceModel.train({
      sequences: [AB],
      ...QUICK,
      ...options,
    } as SequenceOptions);
    await expect(training).rejects.toThrow(message);
    await expect(training).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  test("equal times for all", async () => {
    const sequences = [timed(0, 10, 20)] as SequenceOptions["sequences"];
    const training = SequenceModel.train({ ...QUICK, sequences, until: "a" });
    await expect(training).rejects.toThrow("received 10 ms for every sample");
  });
});

describe("what was held out", () => {
  const report = async (options: Partial<SequenceOptions>): Promise<SequenceModel["report"]> =>
    (await SequenceModel.train({ sequences: [AB], ...QUICK, ...options })).report;

  test("is whole sequences, a share of them", async () => {
    const sequences = Array.from({ length: 20 }, () => AB);
    const held = await report({ sequences, validation: 0.25 });
    expect(held).toMatchObject({ sequences: 15, heldOutSequences: 5, samples: 45, heldOut: 15 });
    const none = await report({ sequences, validation: 0 });
    expect(none).toMatchObject({ heldOut: 0, loss: null, accuracy: null, markovAccuracy: null });
  });

  test("is counted beside what counting alone reaches", async () => {
    const sequences = [["a", "b", "c", "a", "b", "c", "b", "d", "b", "d", "b", "d"]];
    // After b most often d, after "a b" always c, most often b of all. What is after x is unknown.
    const validation = [
      ["a", "b", "c"],
      ["b", "d"],
      ["x", "y", "d"],
    ];
    const held = await report({ sequences, validation });
    expect(held).toMatchObject({ samples: 11, heldOut: 5, labels: 4, heldOutSequences: 3 });
    expect(held.baselineAccuracy).toBeCloseTo(1 / 5, 10);
    expect(held.markovAccuracy).toBeCloseTo(2 / 5, 10);
    expect(held.contextAccuracy).toBeCloseTo(3 / 5, 10);
  });

  test("of times is counted beside medians", async () => {
    const stream = (event: string, ms: number): object[] => [
      { event, at: 0 },
      { event: "end", at: ms },
    ];
    const sequences = [stream("a", 10), stream("a", 12), stream("a", 14), stream("b", 1000)];
    const held = await report({
      sequences,
      validation: [stream("a", 11), stream("b", 990)],
      until: "end",
    } as Partial<SequenceOptions>);
    expect(held).toMatchObject({ task: "time", samples: 4, heldOut: 2, labels: 0, accuracy: null });
    expect(held.baselineError).toBeCloseTo((3 + 976) / 2, 6); // the median is 14
    expect(held.eventBaselineError).toBeCloseTo((1 + 10) / 2, 6);
  });
});

function withAttributes(attributes: unknown): object {
  return { sequences: [["a", { event: "b", attributes }]] };
}

function many(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`key ${i}`, true]));
}
