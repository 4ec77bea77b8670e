// How often are models of MetaTool's requests right when all but a fold is learned from? Beside the usual
// linear machine: more samples tell more, and the split of data/README.md learns from three quarters.

import { availableParallelism } from "node:os";
import { PatternModel } from "#dist/neural/model/pattern-model.js";
import { solveLinear } from "#dist/neural/training/linear.js";
import type { SparseRows } from "#dist/neural/features/samples.js";
import { shuffled } from "../agents/tools.js";
import { metaTool, type LabeledText } from "../support/labeled-texts.js";
import { keep, printTable, setting } from "../support/report.js";

const SEED = 1;

/** Answers right of all requests, each by what did not learn from it. */
export async function benchFolds(): Promise<void> {
  const data = metaTool();
  if (data === undefined) {
    console.log("\nfolds left out: no ../shared/data/metatool-toole");
    return;
  }
  const folds = setting("BENCH_FOLDS", 20);
  const all = shuffled([...data.learning, ...data.asked]);
  const threads = setting("BENCH_THREADS", availableParallelism());
  let asked = 0;
  let model = 0;
  let machine = 0;
  let modelAlone = 0;
  let machineAlone = 0;
  console.log(`\nMetaTool in ${folds} folds; right so far:`);
  for (let fold = 0; fold < folds; fold++) {
    const learning = all.filter((_, i) => i % folds !== fold);
    const rest = all.filter((_, i) => i % folds === fold);
    const ours = await ofModel(learning, rest, threads);
    const theirs = await linearMachine(learning, rest, threads);
    rest.forEach(({ label }, i) => {
      const isOurs = ours[i] === label;
      const isTheirs = theirs[i] === label;
      asked++;
      if (isOurs) model++;
      if (isTheirs) machine++;
      if (isOurs && !isTheirs) modelAlone++;
      if (isTheirs && !isOurs) machineAlone++;
    });
    // The whole takes long: what is cut off has told what it came to.
    const [modelShare, machineShare] = [model, machine].map((right) =>
      ((100 * right) / asked).toFixed(2),
    );
    console.log(
      `  fold ${fold + 1}: ${asked} asked, PatternModel ${modelShare} %, SVM ${machineShare} %`,
    );
  }
  keep("folds", { folds, asked, model, machine, modelAlone, machineAlone });
  console.log(`\nMetaTool, all ${asked} requests in ${folds} folds`);
  const row = (name: string, right: number, alone: number): string[] => {
    const share = right / asked;
    const error = 100 * Math.sqrt((share * (1 - share)) / asked);
    return [name, `${(100 * share).toFixed(2)} ±${error.toFixed(2)}`, `${alone}`];
  };
  printTable(
    ["", "right, % ± standard error", "right where the other is not"],
    [
      row("PatternModel", model, modelAlone),
      row("linear SVM of TF-IDF words and pairs", machine, machineAlone),
    ],
  );
}

/** What a model of texts says, with default options. */
export async function ofModel(
  learning: readonly LabeledText[],
  asked: readonly LabeledText[],
  threads: number,
): Promise<string[]> {
  const model = await PatternModel.train({
    texts: learning.map(({ text }) => text),
    labels: learning.map(({ label }) => label),
    validation: 0, // what is held out is learned in the end: the answers are the same
    threads,
  });
  const answers = await model.predictMany(asked.map(({ text }) => text));
  return answers.map(({ label }) => label);
}

/** One support vector machine for each label against the rest, at its optimum, C = 1. */
export async function linearMachine(
  learning: readonly LabeledText[],
  asked: readonly LabeledText[],
  threads: number,
): Promise<string[]> {
  const labels = [...new Set(learning.map(({ label }) => label))].sort();
  const numbers = new Map(labels.map((label, i) => [label, i]));
  const { features, encode } = wordsAndPairs(learning.map(({ text }) => text));
  const network = await solveLinear(
    {
      rows: encode(learning.map(({ text }) => text)),
      labels: Uint32Array.from(learning, ({ label }) => numbers.get(label) as number),
      weights: new Float32Array(learning.length).fill(1),
      learning: Uint32Array.from(learning.keys()),
      features,
      classes: labels.length,
      seed: SEED,
      threads,
    },
    1,
  );
  const margins = network.forward({
    count: asked.length,
    sparse: encode(asked.map(({ text }) => text)),
  });
  return asked.map((_, i) => {
    const row = margins.subarray(i * labels.length, (i + 1) * labels.length);
    return labels[row.indexOf(Math.max(...row))];
  });
}

/** TF-IDF of words and pairs of neighbors: (1 + ln count) · (1 + ln((1 + texts) / (1 + texts with it))), of length 1. */
function wordsAndPairs(texts: readonly string[]): {
  readonly features: number;
  readonly encode: (texts: readonly string[]) => SparseRows;
} {
  const having = new Map<string, number>();
  for (const text of texts) {
    for (const term of new Set(termsOf(text))) having.set(term, (having.get(term) ?? 0) + 1);
  }
  const known = new Map([...having.keys()].map((term, i) => [term, i]));
  const rarity = Float64Array.from(
    having.values(),
    (count) => 1 + Math.log((1 + texts.length) / (1 + count)),
  );
  const encode = (some: readonly string[]): SparseRows => {
    const starts = [0];
    const [ids, values]: number[][] = [[], []];
    for (const text of some) {
      const counts = new Map<number, number>();
      for (const term of termsOf(text)) {
        const id = known.get(term);
        if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
      }
      const weights = [...counts].map(([id, count]) => (1 + Math.log(count)) * rarity[id]);
      const length = Math.hypot(...weights) || 1;
      ids.push(...counts.keys());
      values.push(...weights.map((weight) => weight / length));
      starts.push(ids.length);
    }
    return {
      starts: Uint32Array.from(starts),
      ids: Uint32Array.from(ids),
      values: Float32Array.from(values),
    };
  };
  return { features: known.size, encode };
}

function termsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return [...words, ...words.slice(1).map((word, i) => `${words[i]} ${word}`)];
}
