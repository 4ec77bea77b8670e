import { StigmergyError } from "../../errors.ts";
import { Turns } from "../../util/turns.ts";
import { softmax } from "../training/calibration.ts";
import { readModelBytes, writeModelBytes } from "../model/model-disk.ts";
import { readEvents, type FlatEvent, type SequenceEvent } from "./event.ts";
import type { SequenceOptions, SequenceTask } from "./options.ts";
import type { SequenceReport } from "./report.ts";
import { decodeSequences, encodeSequences } from "./sequence-file.ts";
import type { SequenceParts } from "./sequence-parts.ts";
import { trainSequences } from "./train-sequence.ts";

const MOST_ALTERNATIVES = 5;
const AT_ONCE = 256; // sequences between two looks at whatever else waits for this thread

/** An answer to what comes next. */
export interface EventPrediction {
  /** The event most probable. */
  readonly label: string;
  /** How probable it is, 0 to 1, calibrated on what was held out in training. */
  readonly probability: number;
  /** The next best, best first, at most five. */
  readonly alternatives: readonly { readonly label: string; readonly probability: number }[];
}

/**
 * A model that learned from sequences of events which one comes next, or how long it is until one
 * that is waited for. Its network is a gated recurrent unit or a causal convolution.
 *
 * @example
 * const day = ["edit", "test", "commit"];
 * const sequences = Array.from({ length: 30 }, () => day); // of events in order
 * const model = await SequenceModel.train({ sequences, hidden: 16, epochs: 20, threads: 1 });
 * model.predict(["edit", "test"]).label; // → "commit"
 */
export class SequenceModel {
  readonly #parts: SequenceParts;

  private constructor(parts: SequenceParts) {
    this.#parts = parts;
  }

  /**
   * Trains a model. The same options and sequences give the same model, bit for bit, on any number of
   * threads.
   *
   * @throws {StigmergyError} INVALID_INPUT for sequences or options that can't be learned from, naming
   * which; OUT_OF_HEAP when they do not fit 4 GiB; DIVERGED when learningRate is too high for them
   * @throws the reason of `signal`
   */
  static async train(options: SequenceOptions): Promise<SequenceModel> {
    return new SequenceModel(await trainSequences(options));
  }

  /**
   * Reads a model that `save` wrote: the same answers, bit for bit.
   * @throws {StigmergyError} NOT_FOUND, DAMAGED, FORMAT, IO_FAILED
   */
  static async load(path: string): Promise<SequenceModel> {
    return SequenceModel.fromBytes(await readModelBytes(path));
  }

  /** A model of the bytes that `toBytes` gave. @throws {StigmergyError} DAMAGED, FORMAT */
  static fromBytes(bytes: Uint8Array): SequenceModel {
    return new SequenceModel(decodeSequences(bytes));
  }

  /** What it is asked for. */
  get task(): SequenceTask {
    return this.#parts.task;
  }

  /** Events that can come next; none for times. */
  get labels(): readonly string[] {
    return this.#parts.classes?.labels ?? [];
  }

  /** What its training came to. */
  get report(): SequenceReport {
    return this.#parts.report;
  }

  /**
   * What comes after these events, on the calling thread.
   * @throws {StigmergyError} NOT_SUPPORTED when it was trained on times; INVALID_INPUT
   */
  predict(events: readonly SequenceEvent[]): EventPrediction {
    return this.#predict([readEvents(events, "events")])[0];
  }

  /** As `predict`, after each of several sequences. */
  async predictMany(sequences: readonly (readonly SequenceEvent[])[]): Promise<EventPrediction[]> {
    return inTurns(readAll(sequences), (some) => this.#predict(some));
  }

  /**
   * How long it is from the last of these events until the one that is waited for, ms.
   * @throws {StigmergyError} NOT_SUPPORTED when it was trained on what comes next; INVALID_INPUT
   */
  timeUntil(events: readonly SequenceEvent[]): number {
    return this.#times([readEvents(events, "events")])[0];
  }

  /** As `timeUntil`, after each of several sequences. */
  async timeUntilMany(sequences: readonly (readonly SequenceEvent[])[]): Promise<Float64Array> {
    return Float64Array.from(await inTurns(readAll(sequences), (some) => this.#times(some)));
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
    return encodeSequences(this.#parts);
  }

  #predict(sequences: readonly (readonly FlatEvent[])[]): EventPrediction[] {
    const { classes, symbols, network, temperature } = this.#parts;
    if (classes === undefined) {
      throw new StigmergyError(
        "NOT_SUPPORTED",
        "predict: this model was trained on times; use timeUntil",
      );
    }
    const outputs = network.forward(symbols.encode(sequences));
    const width = classes.labels.length;
    return sequences.map((_, i) => {
      const chances = softmax(outputs.subarray(i * width, (i + 1) * width), temperature);
      const order = [...chances.keys()].sort((a, b) => chances[b] - chances[a] || a - b);
      const [best, ...others] = order.slice(0, 1 + MOST_ALTERNATIVES).map((label) => ({
        label: classes.labels[label],
        probability: chances[label],
      }));
      return { ...best, alternatives: others };
    });
  }

  #times(sequences: readonly (readonly FlatEvent[])[]): number[] {
    const { scale, symbols, network } = this.#parts;
    if (scale === undefined) {
      throw new StigmergyError(
        "NOT_SUPPORTED",
        "timeUntil: this model was trained on what comes next; use predict",
      );
    }
    const outputs = network.forward(symbols.encode(sequences));
    return Array.from(outputs, (output) => scale.toTarget(output));
  }
}

function readAll(sequences: readonly (readonly SequenceEvent[])[]): FlatEvent[][] {
  return sequences.map((events, i) => readEvents(events, `sequence ${i}`));
}

/** Answers some sequences at a time, and lets others have the thread between. */
async function inTurns<Answer>(
  sequences: readonly FlatEvent[][],
  answer: (some: readonly FlatEvent[][]) => Answer[],
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const turns = new Turns();
  for (let from = 0; from < sequences.length; from += AT_ONCE) {
    if (from > 0) await turns.pass();
    answers.push(...answer(sequences.slice(from, from + AT_ONCE)));
  }
  return answers;
}
