// How often are models of texts right, by default, beside what others have published?

import { availableParallelism } from "node:os";
import { cpuUsage } from "node:process";
import { PatternModel } from "#dist/neural/model/pattern-model.js";
import type { Prediction } from "#dist/neural/model/prediction.js";
import {
  clinc150,
  metaTool,
  nlbseIssues,
  stackOverflow20,
  type LabeledText,
  type TextSplit,
} from "../support/labeled-texts.js";
import { keep, printTable, setting } from "../support/report.js";

/** What a model came to on texts that it had not learned from. */
interface Accuracy {
  readonly name: string;
  readonly learning: number;
  readonly asked: number;
  readonly labels: number;
  /** Words and runs of letters that the model knows. */
  readonly features: number;
  /** Of the saved model. */
  readonly megabytes: number;
  /** One answer from text, of a processor's time. */
  readonly msEach: number;
  /** From texts to model; of all models, where there are several. */
  readonly seconds: number;
  /** What the data set goes by, in percent. */
  readonly figures: Readonly<Record<string, number>>;
  /** What others have published, in the same figures. */
  readonly published: string;
}

/** Trains on every data set that is there, and prints how often the models are right. */
export async function benchAccuracy(): Promise<void> {
  const results: Accuracy[] = [];
  console.log("\naccuracy of models of texts, default options, on texts not learned from");
  for (const measure of [ofClinc, ofStackOverflow, ofIssues, ofTools]) {
    const result = await measure();
    if (result === undefined) console.log(`  ${measure.name.slice(2)} left out: no ../shared/data`);
    else results.push(result);
  }
  keep("accuracy", results);
  if (results.length === 0) return;
  printTable(
    ["", "learned from", "asked", "labels", "features", "MB", "s to model", "ms an answer", "%"],
    results.map(({ name, learning, asked, labels, features, figures, ...each }) => [
      ...[name, `${learning}`, `${asked}`, `${labels}`, `${features}`],
      ...[each.megabytes.toFixed(0), each.seconds.toFixed(1), each.msEach.toFixed(2)],
      Object.entries(figures)
        .map(([figure, percent]) => `${figure} ${percent.toFixed(1)}`)
        .join(", "),
    ]),
  );
  for (const { name, published } of results) console.log(`  published, ${name}: ${published}`);
}

/** Held out, and so tuned on, is the part that is asked: the test part is not on this machine. */
async function ofClinc(): Promise<Accuracy | undefined> {
  const data = clinc150();
  if (data === undefined) return undefined;
  const { model, seconds } = await train(data.learning, data.asked);
  const answers = await model.predictMany(data.asked.map(({ text }) => text));
  const rejected = await model.predictMany(data.outOfScope);
  const isRight = ({ label }: Prediction, i: number): boolean => label === data.asked[i].label;
  return {
    ...sizesOf("CLINC150, validation part", data, model),
    seconds,
    figures: {
      "in scope": percentOf(answers, isRight),
      "in scope, not rejected": percentOf(
        answers,
        (each, i) => isRight(each, i) && !each.outOfScope,
      ),
      "out of scope, recall": percentOf(rejected, ({ outOfScope }) => outOfScope),
    },
    published:
      "on its test part, in scope / out-of-scope recall: FastText 89.0 / 9.7, SVM 91.0 / 14.5, CNN 91.2 / 18.9, MLP on USE 93.5 / 47.4, BERT 96.9 / 40.3",
  };
}

async function ofStackOverflow(): Promise<Accuracy | undefined> {
  const data = stackOverflow20();
  return data && accuracyOf("StackOverflow 20", data, "on a random half: TF-IDF with SVM about 90");
}

async function ofTools(): Promise<Accuracy | undefined> {
  const data = metaTool();
  const published = "TF-IDF with SVM, trained 85.9; BM25, not trained 36.3";
  return data && accuracyOf("MetaTool", data, published);
}

async function ofIssues(): Promise<Accuracy | undefined> {
  const folds = nlbseIssues();
  if (folds === undefined) return undefined;
  let f1 = 0;
  let seconds = 0;
  let sizes: ReturnType<typeof sizesOf> | undefined;
  for (const fold of folds) {
    const trained = await train(fold.learning);
    const answers = await trained.model.predictMany(fold.asked.map(({ text }) => text));
    f1 += macroF1(answers, fold.asked) / folds.length;
    seconds += trained.seconds;
    sizes = sizesOf("NLBSE issues, 5 folds", fold, trained.model);
  }
  return {
    ...(sizes as ReturnType<typeof sizesOf>),
    seconds,
    figures: { "macro F1": 100 * f1 },
    published: "on its test part, F1: fastText 71.8, RoBERTa 79.2, SetFit 82.4",
  };
}

async function accuracyOf(name: string, data: TextSplit, published: string): Promise<Accuracy> {
  const { model, seconds } = await train(data.learning);
  const answers = await model.predictMany(data.asked.map(({ text }) => text));
  const accuracy = percentOf(answers, ({ label }, i) => label === data.asked[i].label);
  return { ...sizesOf(name, data, model), seconds, figures: { accuracy }, published };
}

async function train(
  learning: readonly LabeledText[],
  heldOut?: readonly LabeledText[],
): Promise<{ readonly model: PatternModel; readonly seconds: number }> {
  const setOf = (texts: readonly LabeledText[]) => ({
    texts: texts.map(({ text }) => text),
    labels: texts.map(({ label }) => label),
  });
  const began = performance.now();
  const model = await PatternModel.train({
    ...setOf(learning),
    threads: setting("BENCH_THREADS", availableParallelism()),
    ...(heldOut === undefined ? {} : { validation: setOf(heldOut) }),
  });
  return { model, seconds: (performance.now() - began) / 1000 };
}

function sizesOf(name: string, { learning, asked }: TextSplit, model: PatternModel) {
  const texts = asked.slice(0, 1000).map(({ text }) => text);
  const began = cpuUsage();
  for (const text of texts) model.predict(text);
  const { user, system } = cpuUsage(began);
  return {
    name,
    learning: learning.length,
    asked: asked.length,
    labels: model.labels.length,
    features: model.report.features,
    megabytes: model.toBytes().length / 1e6,
    msEach: (user + system) / 1000 / texts.length,
  };
}

function percentOf(
  answers: readonly Prediction[],
  isSo: (answer: Prediction, i: number) => boolean,
): number {
  return (100 * answers.filter(isSo).length) / answers.length;
}

/** Mean over the labels of 2 · right / (given + true). */
function macroF1(answers: readonly Prediction[], asked: readonly LabeledText[]): number {
  const labels = [...new Set(asked.map(({ label }) => label))];
  const scores = labels.map((label) => {
    const given = answers.filter((each) => each.label === label).length;
    const meant = asked.filter((each) => each.label === label).length;
    const right = answers.filter((each, i) => each.label === label && asked[i].label === label);
    return (2 * right.length) / (given + meant);
  });
  return scores.reduce((sum, score) => sum + score, 0) / labels.length;
}
