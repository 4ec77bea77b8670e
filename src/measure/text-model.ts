import { PatternModel } from "../neural/model/pattern-model.ts";
import { seededRandom } from "../util/random.ts";
import { textOf } from "./memory.ts";
import { time, type Effort, type Timing } from "./timing.ts";

/** What to measure; each default is what `npm run bench` uses. */
export interface TextModelMeasureOptions extends Effort {
  /** Texts to train on; default 1,000. */
  readonly texts?: number;
  /** Default 12. */
  readonly epochs?: number;
}

/** What training on texts and answering for one came to. */
export interface TextModelReport {
  readonly texts: number;
  readonly labels: number;
  readonly features: number;
  /** From texts to a model: features, training, calibration. */
  readonly trainSeconds: number;
  /** Share of 100 further texts that get their label. */
  readonly accuracy: number;
  /** One text in, its label out: `PatternModel.predict` on the calling thread. */
  readonly predict: Timing;
}

const LABELS = 12;
const WORDS = 25; // of a text
const FURTHER = 100;
const LEAST_ACCURACY = 0.9; // one word in three tells the label

/** Trains a model on seeded texts, checks that it learned, and times one prediction. */
export async function measureTextModel({
  texts = 1000,
  epochs = 12,
  ...effort
}: TextModelMeasureOptions = {}): Promise<TextModelReport> {
  const inputs = Array.from({ length: texts }, (_, i) => labeledText(i));
  const began = performance.now();
  const model = await PatternModel.train({
    texts: inputs,
    labels: inputs.map((_, i) => labelOf(i)),
    epochs,
    threads: 1,
    seed: 1,
  });
  const trainSeconds = (performance.now() - began) / 1000;
  const further = Array.from({ length: FURTHER }, (_, i) => labeledText(texts + i));
  const right = further.filter((text, i) => model.predict(text).label === labelOf(texts + i));
  const accuracy = right.length / FURTHER;
  if (accuracy < LEAST_ACCURACY) {
    throw new Error(`a model of texts: ${accuracy} of further texts are answered right`);
  }
  let i = 0;
  const predict = { name: "predict", run: () => model.predict(further[i++ % FURTHER]) };
  const [timing] = await time([predict], effort);
  return {
    texts,
    labels: LABELS,
    features: model.report.features,
    trainSeconds,
    accuracy,
    predict: timing,
  };
}

function labelOf(i: number): string {
  return `label ${i % LABELS}`;
}

/** Words as frequent as those of a language, every third of them one that only its label has. */
function labeledText(i: number): string {
  const random = seededRandom(1e6 + i);
  return textOf(i, WORDS)
    .split(" ")
    .map((word) => (random() < 1 / 3 ? `${word}${"abcdefghijkl"[i % LABELS].repeat(3)}` : word))
    .join(" ");
}
