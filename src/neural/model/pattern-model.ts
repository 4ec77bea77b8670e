import { StigmergyError } from "../../errors.ts";
import type { Embedder } from "../../text/embedder.ts";
import { finish, Turns } from "../../util/turns.ts";
import { forwardMean } from "../network/answerer.ts";
import { flattenInputs } from "../features/encoder.ts";
import { explaining } from "./explain.ts";
import type { FlatInput, PatternInput } from "../features/flat-input.ts";
import type { Label } from "../training/classes.ts";
import { MOST_ANSWERS, predictionsOf } from "../training/labels-told.ts";
import { learnMore } from "./learner.ts";
import { decodeFile, proving, provenContent, type FileContent } from "./model-bytes.ts";
import { readModelBytes, writeModelBytes } from "./model-disk.ts";
import { encodeModel, openingModel } from "./model-file.ts";
import type { ModelParts } from "./model-parts.ts";
import { checkCall, whole } from "../training/option.ts";
import { quantizeModel } from "./quantize.ts";
import type { Prediction } from "./prediction.ts";
import type { CompressionReport, Explanation, LearnReport, TrainReport } from "./report.ts";
import {
  checkSameEmbedder,
  embedded,
  embeddedNow,
  embedderOf,
  needEmbedder,
  type PatternLoadOptions,
} from "../features/text-vectors.ts";
import { trainModel } from "../training/train.ts";
import { checkTrainNames, type Task, type TrainOptions } from "../training/train-options.ts";

const MOST_LABELS = 2 ** 31 - 1;
const AT_ONCE = 64; // inputs between two looks at whatever else waits for this thread

/**
 * A model that learned from samples and answers for others: which label, how probable, how much, or
 * which first. Its networks are multilayer perceptrons over texts, vectors, or objects of both.
 *
 * @example
 * const model = await PatternModel.train({ texts, labels });
 * const { accuracy, baselineAccuracy } = model.report; // of samples held out
 * const { label, probability, outOfScope } = model.predict("the parser crashes");
 * label; // → "bug"
 */
export class PatternModel {
  #parts: ModelParts;
  readonly #embedder: Embedder | undefined;

  private constructor(parts: ModelParts, embedder?: Embedder) {
    this.#parts = parts;
    this.#embedder = embedder;
  }

  /**
   * Trains a model. The same options and samples give the same model, bit for bit, on any number of
   * threads.
   *
   * @throws {StigmergyError} INVALID_INPUT or DIMENSION for samples or options that can't be learned
   * from, naming which; OUT_OF_HEAP when they do not fit 4 GiB; DIVERGED
   * when learningRate is too high for them
   * @throws the reason of `signal`; whatever `embedder` throws
   *
   * @example
   * const embedder = await createEmbedder(); // with few samples, meaning tells more than words alone
   * const model = await PatternModel.train({ texts, labels, embedder });
   * model.predict("the parser crashes").label; // → "bug"
   */
  static async train(options: TrainOptions): Promise<PatternModel> {
    checkCall(options, "inputs or texts, with labels or targets");
    checkTrainNames(options);
    const { from } = options;
    if (from !== undefined && !(from instanceof PatternModel)) {
      throw new StigmergyError("INVALID_INPUT", "from: expected a PatternModel");
    }
    const parts = await trainModel(options, from === undefined ? from : from.#parts);
    return new PatternModel(parts, options.embedder);
  }

  /**
   * Reads a model that `save` wrote: the same answers, bit for bit.
   * @throws {StigmergyError} NOT_FOUND, DAMAGED, FORMAT, IO_FAILED; INVALID_INPUT for another embedder than it was
   * trained with
   *
   * @example
   * await model.save("triage.model");
   * const loaded = await PatternModel.load("triage.model");
   * loaded.labels; // → ["bug", "feature"]
   */
  static async load(path: string, options: PatternLoadOptions = {}): Promise<PatternModel> {
    const embedder = embedderOf("load", options);
    const bytes = await readModelBytes(path);
    const turns = new Turns();
    await turns.finish(proving(bytes));
    const model = await turns.finish(PatternModel.opening(provenContent(bytes)));
    if (embedder === undefined) return model;
    const complete = model.#with(embedder);
    await embedder.prepare?.();
    return complete;
  }

  /**
   * A model of the bytes that `toBytes` gave.
   * @throws {StigmergyError} DAMAGED, FORMAT; INVALID_INPUT for another embedder than it was trained with
   */
  static fromBytes(bytes: Uint8Array, options: PatternLoadOptions = {}): PatternModel {
    const embedder = embedderOf("fromBytes", options);
    const model = finish(PatternModel.opening(decodeFile(bytes)));
    return embedder === undefined ? model : model.#with(embedder);
  }

  /**
   * The steps of `fromBytes`, after the bytes were proven, for whoever shares the thread.
   * @internal
   */
  static *opening(file: FileContent): Generator<void, PatternModel> {
    return new PatternModel(yield* openingModel(file));
  }

  /** What it is asked for: "classify" answers `predict`; "score", "estimate" and "rank" answer `score`. */
  get task(): Task {
    return this.#parts.task;
  }

  /** Its labels; none unless it classifies. */
  get labels(): readonly string[] {
    return this.#parts.classes?.labels ?? [];
  }

  /** What its training came to. */
  get report(): TrainReport {
    return this.#parts.report;
  }

  /**
   * The label of one input, on the calling thread.
   * @param most labels told, the best among them, from 1; default 6
   * @throws {StigmergyError} NOT_SUPPORTED when it was not trained with labels, or needs an embedder for a text and has
   * none that answers at once; INVALID_INPUT, DIMENSION
   */
  predict(input: PatternInput, most = MOST_ANSWERS): Prediction {
    whole("most", most, 1, MOST_LABELS);
    return this.#predict(this.#embeddedNow(flattenInputs([input], undefined)), most)[0];
  }

  /**
   * The label of each input: rows of an array of f32[n × dim], or a list of what `predict` takes.
   * @throws as `predict`, but for embedders: any answers
   */
  async predictMany(inputs: Float32Array | readonly PatternInput[]): Promise<Prediction[]> {
    return this.#inTurns(this.#flat(inputs), (some) => this.#predict(some));
  }

  /**
   * What a model without labels says of one input: the probability of success, the estimate, or the
   * score that ranks it, higher first.
   * @throws {StigmergyError} NOT_SUPPORTED when it was trained with labels, or for an embedder as `predict`;
   * INVALID_INPUT, DIMENSION
   *
   * @example
   * const passed = texts.map((_, i) => i % 2 === 0); // or 0 to 1, or any numbers
   * const scorer = await PatternModel.train({ texts, targets: passed });
   * scorer.score("the parser crashes") > 0.5; // → true
   */
  score(input: PatternInput): number {
    return this.#score(this.#embeddedNow(flattenInputs([input], undefined)))[0];
  }

  /** As `score`, of each input. */
  async scoreMany(inputs: Float32Array | readonly PatternInput[]): Promise<Float64Array> {
    const scores = await this.#inTurns(this.#flat(inputs), (some) => this.#score(some));
    return Float64Array.from(scores);
  }

  /**
   * What moved an answer: each word, field or value is left out in turn, and the answer asked again.
   * @param most parts told, the strongest, from 1
   * @throws as `predict`
   *
   * @example
   * const { influences } = model.explain("the parser crashes", 2);
   * for (const { feature, effect } of influences) console.log(feature, effect);
   */
  explain(input: PatternInput, most = 10): Explanation {
    return finish(this.explaining(input, most));
  }

  /**
   * The steps of `explain`, for whoever shares the thread.
   * @internal
   */
  explaining(input: PatternInput, most: number): Generator<void, Explanation> {
    const completed = (inputs: readonly FlatInput[]) => this.#embeddedNow(inputs);
    return explaining(this.#parts, input, whole("most", most, 1, MOST_LABELS), completed);
  }

  /**
   * Learns from further samples without forgetting the old ones, up to 2,048 of which it repeats: on the calling
   * thread, a second or less of it. The new values are taken over at once; after an error it is as before.
   *
   * @param outcomes labels, also ones never met; or targets, when it was trained with targets
   * @throws {StigmergyError} NOT_SUPPORTED for a compressed model or without its embedder, INVALID_INPUT, DIMENSION
   *
   * @example
   * const { newLabels } = await model.learn(["is there a manual", "what is a hook"], ["ask", "ask"]);
   * newLabels; // → ["ask"]
   */
  async learn(inputs: readonly PatternInput[], outcomes: readonly Label[]): Promise<LearnReport> {
    const complete = await this.#embedded(flattenInputs(inputs, undefined));
    const { parts, report } = learnMore(this.#parts, complete, outcomes);
    this.#parts = parts;
    return report;
  }

  /**
   * A model in fewer bits, and what that costs, measured on the samples that this model keeps for repeating:
   * weights in 8, a quarter of their size, and tables of words in 4, half of theirs. It does not learn.
   */
  compress(): { readonly model: PatternModel; readonly report: CompressionReport } {
    const { parts, report } = quantizeModel(this.#parts);
    return { model: new PatternModel(parts, this.#embedder), report };
  }

  /**
   * Writes the model to a file, under a checksum; what stood there is replaced at once or not at all.
   * @throws {StigmergyError} IO_FAILED
   */
  async save(path: string): Promise<void> {
    await writeModelBytes(path, this.toBytes());
  }

  /** The bytes that `save` writes; the same model gives the same bytes. */
  toBytes(): Uint8Array {
    return encodeModel(this.#parts);
  }

  #with(embedder: Embedder): PatternModel {
    checkSameEmbedder(this.#parts.embedder, embedder);
    return new PatternModel(this.#parts, embedder);
  }

  #embeddedNow(inputs: readonly FlatInput[]): readonly FlatInput[] {
    return embeddedNow(inputs, this.#parts.embedder, this.#embedder);
  }

  async #embedded(inputs: readonly FlatInput[]): Promise<readonly FlatInput[]> {
    const embedder = this.#embedder;
    if (!needEmbedder(inputs, this.#parts.embedder, embedder)) return inputs;
    return embedded(inputs, embedder);
  }

  #flat(inputs: Float32Array | readonly PatternInput[]): FlatInput[] {
    return flattenInputs(inputs, this.#parts.encoder.dense?.width);
  }

  #predict(inputs: readonly FlatInput[], most = MOST_ANSWERS): Prediction[] {
    const { classes } = this.#parts;
    if (classes === undefined) {
      throw new StigmergyError(
        "NOT_SUPPORTED",
        `predict: expected a model of labels, this one was trained to ${this.task}; use score`,
      );
    }
    this.#parts.encoder.check(inputs);
    const samples = this.#parts.encoder.encode(inputs);
    const outputs = forwardMean(this.#parts.networks, samples);
    return predictionsOf(samples, outputs, classes.labels, this.#parts, most);
  }

  #score(inputs: readonly FlatInput[]): number[] {
    const { task, scale, encoder, networks } = this.#parts;
    if (task === "classify") {
      throw new StigmergyError(
        "NOT_SUPPORTED",
        "score: this model was trained with labels; use predict",
      );
    }
    encoder.check(inputs);
    const outputs = forwardMean(networks, encoder.encode(inputs));
    return Array.from(outputs, (output) => {
      if (scale !== undefined) return scale.toTarget(output);
      return task === "score" ? 1 / (1 + Math.exp(-output)) : output;
    });
  }

  /** Answers some inputs at a time, and lets others have the thread between. */
  async #inTurns<Answer>(
    inputs: readonly FlatInput[],
    answer: (some: readonly FlatInput[]) => Answer[],
  ): Promise<Answer[]> {
    const answers: Answer[] = [];
    const turns = new Turns();
    for (let from = 0; from < inputs.length; from += AT_ONCE) {
      if (turns.isOver) await turns.pass();
      answers.push(...answer(await this.#embedded(inputs.slice(from, from + AT_ONCE))));
    }
    return answers;
  }
}
