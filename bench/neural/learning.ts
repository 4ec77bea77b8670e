// What does a model make of labels that it is told of later, by a few samples each, and what does it forget?

import { availableParallelism } from "node:os";
import { PatternModel } from "#dist/neural/model/pattern-model.js";
import { clinc150, type LabeledText } from "../support/labeled-texts.js";
import { keep, printTable, setting } from "../support/report.js";

/** Every so many labels one is left out of the training: ten of the 150. */
const EVERY = 15;
const FIRST = 7;
const SAMPLES = [1, 2, 5, 10, 20];
/** Of these the model is also trained anew with all samples, for comparison. */
const TRAINED_ANEW = [5, 20];

/** Shares that are right, of texts that nothing was learned from. */
interface Learned {
  /** Samples of each new label. */
  readonly samples: number;
  readonly ofNew: number;
  readonly ofOld: number;
  readonly ms: number;
}

/** CLINC150 without ten of its intents, which are then learned by one call of `learn`. */
export async function benchLearning(): Promise<void> {
  const data = clinc150();
  if (data === undefined) {
    console.log("\nlearning from use left out: no ../shared/data/clinc150");
    return;
  }
  const labels = [...new Set(data.learning.map(({ label }) => label))].sort();
  const added = new Set(labels.filter((_, i) => i % EVERY === FIRST));
  const known = data.learning.filter(({ label }) => !added.has(label));
  const threads = setting("BENCH_THREADS", availableParallelism());
  const fewOf = (count: number): LabeledText[] =>
    [...added].flatMap((of) => data.learning.filter(({ label }) => label === of).slice(0, count));
  const measure = async (model: PatternModel, samples: number, ms: number): Promise<Learned> => {
    const ofNew = await shareRight(model, data.asked, (label) => added.has(label));
    const ofOld = await shareRight(model, data.asked, (label) => !added.has(label));
    return { samples, ofNew, ofOld, ms };
  };
  const train = async (texts: readonly LabeledText[]): Promise<PatternModel> =>
    PatternModel.train({ texts: textsOf(texts), labels: labelsOf(texts), threads });

  const first = await train(known);
  const bytes = first.toBytes();
  const learned = [await measure(first, 0, 0)];
  for (const samples of SAMPLES) {
    const model = PatternModel.fromBytes(bytes);
    const few = fewOf(samples);
    const began = performance.now();
    await model.learn(textsOf(few), labelsOf(few));
    learned.push(await measure(model, samples, performance.now() - began));
  }
  const anew: Learned[] = [];
  for (const samples of TRAINED_ANEW) {
    const began = performance.now();
    const model = await train([...known, ...fewOf(samples)]);
    anew.push(await measure(model, samples, performance.now() - began));
  }
  keep("learning", { learned, anew });
  console.log(`\n${added.size} intents of CLINC150 learned later, beside ${labels.length} in all`);
  const lines = (name: string, of: readonly Learned[]): string[][] =>
    of.map(({ samples, ofNew, ofOld, ms }) => [
      ...[name, `${samples}`, percent(ofNew), percent(ofOld), ms.toFixed(0)],
    ]);
  printTable(
    ["", "samples of each", "new ones right, %", "others right, %", "ms"],
    [...lines("learn", learned), ...lines("trained anew", anew)],
  );
}

async function shareRight(
  model: PatternModel,
  all: readonly LabeledText[],
  isAsked: (label: string) => boolean,
): Promise<number> {
  const asked = all.filter(({ label }) => isAsked(label));
  const answers = await model.predictMany(textsOf(asked));
  return answers.filter(({ label }, i) => label === asked[i].label).length / asked.length;
}

function textsOf(all: readonly LabeledText[]): string[] {
  return all.map(({ text }) => text);
}

function labelsOf(all: readonly LabeledText[]): string[] {
  return all.map(({ label }) => label);
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
