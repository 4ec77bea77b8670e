import { describe, expect, test } from "vitest";
import {
  bracketStreams,
  copyStreams,
  failureStreams,
  recallStreams,
  twoStepStreams,
  type Streams,
} from "../support/streams.ts";
import { SequenceModel } from "#dist/neural/sequence/sequence-model.js";

const SMALL = { width: 16, hidden: 32, threads: 1 };
const FAMILIES = ["gru", "convolution"] as const;

describe.each(FAMILIES)("a %s", (family) => {
  test("repeats what was shown nine events ago, where a Markov chain guesses", async () => {
    const { sequences } = recallStreams(200, 4, 8, 1);
    const model = await SequenceModel.train({ ...SMALL, sequences, family, times: 10, epochs: 20 });
    expect(await shareRight(model, recallStreams(100, 4, 8, 99))).toBeGreaterThan(0.95);
    const { accuracy, markovAccuracy, contextAccuracy, loss, markovLoss } = model.report;
    expect(accuracy).toBeGreaterThan(Number(markovAccuracy) + 0.1);
    expect(accuracy).toBeGreaterThan(Number(contextAccuracy) + 0.1);
    expect(loss).toBeLessThan(Number(markovLoss) - 0.3);
  });

  test("says every event again after three others", async () => {
    const settings = { symbols: 5, back: 4, length: 16 };
    const { sequences } = copyStreams(200, settings, 1);
    const model = await SequenceModel.train({ ...SMALL, sequences, family, times: 6, epochs: 20 });
    expect(await shareRight(model, copyStreams(50, settings, 99))).toBeGreaterThan(0.95);
    expect(model.report.contextAccuracy).toBeLessThan(0.35);
  });

  test("closes brackets in the order opposite to that they were opened in", async () => {
    const settings = { kinds: 3, depth: 3, length: 20 };
    const { sequences } = bracketStreams(200, settings, 1);
    const model = await SequenceModel.train({ ...SMALL, sequences, family, times: 12, epochs: 10 });
    expect(await shareRight(model, bracketStreams(100, settings, 99))).toBeGreaterThan(0.95);
    expect(model.report.loss).toBeLessThan(Number(model.report.markovLoss) - 0.1);
  });

  test("finds a rule of two events that stand apart, noise and all", async () => {
    const settings = { symbols: 4, back: 4, length: 24, noise: 0.1 };
    const { sequences } = twoStepStreams(200, settings, 1);
    const model = await SequenceModel.train({ ...SMALL, sequences, family, times: 6, epochs: 16 });
    expect(await shareRight(model, twoStepStreams(50, settings, 99))).toBeGreaterThan(0.95);
    const { accuracy, markovAccuracy, contextAccuracy } = model.report;
    expect(accuracy).toBeGreaterThan(Number(markovAccuracy) + 0.15);
    expect(accuracy).toBeGreaterThan(Number(contextAccuracy) + 0.1);
  });

  test("says how long it is to a failure, better than medians", async () => {
    const model = await SequenceModel.train({
      ...SMALL,
      sequences: failureStreams(120, 1),
      until: "failure",
      family,
      times: 12,
      epochs: 8,
    });
    const { meanAbsoluteError, baselineError, eventBaselineError, accuracy } = model.report;
    expect(meanAbsoluteError).toBeLessThan(0.75 * Number(baselineError));
    expect(meanAbsoluteError).toBeLessThan(0.8 * Number(eventBaselineError));
    expect(accuracy).toBeNull();
    expect(model.task).toBe("time");
    const hour = 3_600_000;
    const life = (hot: boolean, warnings: number): number =>
      model.timeUntil([
        { event: "start", at: 0, attributes: { hot } },
        ...Array.from({ length: warnings }, (_, i) => ({ event: "warning", at: (i + 1) * hour })),
      ]);
    expect(life(true, 3)).toBeLessThan(life(true, 0));
    expect(life(true, 0)).toBeLessThan(life(false, 0));
  });
});

/** Of the places where only one event is right. */
async function shareRight(model: SequenceModel, { sequences, certain }: Streams): Promise<number> {
  const places = sequences.flatMap((events, i) => certain[i].map((length) => ({ events, length })));
  const answers = await model.predictMany(
    places.map(({ events, length }) => events.slice(0, length)),
  );
  const right = places.filter(({ events, length }, i) => answers[i].label === events[length]);
  return right.length / places.length;
}
