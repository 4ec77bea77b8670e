import { StigmergyError } from "../../errors.ts";
import { checkEmbedder, checkVectors, embedTexts, type Embedder } from "../../text/embedder.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import { unlessAborted } from "../../util/turns.ts";
import type { FlatInput } from "./flat-input.ts";
import type { TrainingSet, TrainOptions } from "../training/train-options.ts";

const AT_ONCE = 256; // texts that an embedder is asked about

/** Which embedder the vectors of a model's texts come from: what a file keeps of it. */
export interface EmbedderName {
  readonly id: string;
  readonly dim: number;
}

/** What a model's file is loaded with. */
export interface PatternLoadOptions {
  /**
   * The one that it was trained with, if it was: without it the model answers vectors alone. `fromBytes` does not
   * wait for it: `predict` and `score` want its `prepare` awaited.
   */
  readonly embedder?: Embedder | undefined;
}

const LOAD_NAMES: OptionNames<PatternLoadOptions> = { embedder: true };

/** The embedder to load a model with. @throws {StigmergyError} INVALID_INPUT for a name that nobody knows */
export function embedderOf(what: string, options: PatternLoadOptions): Embedder | undefined {
  return knownOptions(what, options, LOAD_NAMES).embedder;
}

/** What is kept of an embedder. */
export function nameOf({ id, dim }: Embedder): EmbedderName {
  return { id, dim };
}

/**
 * Checks that a training's embedder is one, and has texts to embed, whose vectors are not given already.
 * @throws {StigmergyError} INVALID_INPUT
 */
export function checkEmbedded({ embedder, validation, ...set }: TrainOptions): void {
  if (embedder === undefined) return;
  checkEmbedder(embedder);
  checkTextsAlone("", set);
  if (typeof validation === "object") checkTextsAlone("validation: ", validation);
}

function checkTextsAlone(of: string, { inputs, texts }: TrainingSet): void {
  if (inputs === undefined && texts !== undefined) return;
  const received = inputs === undefined ? "none" : "inputs";
  throw new StigmergyError(
    "INVALID_INPUT",
    `${of}texts: expected texts alone beside an embedder, which gives their vectors, received ${received}`,
  );
}

/**
 * Checks that an embedder is the one that a model was trained with.
 * @throws {StigmergyError} INVALID_INPUT naming both
 */
export function checkSameEmbedder(kept: EmbedderName | undefined, given: Embedder): void {
  checkEmbedder(given);
  if (kept?.id === given.id && kept.dim === given.dim) return;
  const expected = kept === undefined ? "none, as the model was trained with" : told(kept);
  throw new StigmergyError(
    "INVALID_INPUT",
    `embedder: expected ${expected}, received ${told(given)}`,
  );
}

function told({ id, dim }: EmbedderName): string {
  return `${id} of ${dim} values`;
}

/**
 * Inputs with vectors beside their texts, but for those that have one already.
 * @throws {StigmergyError} DIMENSION, INVALID_INPUT for what is no vector; whatever the embedder throws, and the
 * reason of the signal
 */
export async function embedded(
  inputs: readonly FlatInput[],
  embedder: Embedder,
  signal?: AbortSignal,
): Promise<FlatInput[]> {
  const all: FlatInput[] = [];
  for (let from = 0; from < inputs.length; from += AT_ONCE) {
    const some = inputs.slice(from, from + AT_ONCE);
    const texts = some.filter(wantsVector).map(({ text }) => text);
    if (texts.length === 0) {
      all.push(...some);
      continue;
    }
    const vectors = await unlessAborted(signal, embedTexts(embedder, texts, { signal }));
    all.push(...withVectors(some, vectors, embedder));
  }
  return all;
}

/**
 * The same at once, by a model that knows its embedder by name, or has it.
 * @throws {StigmergyError} NOT_SUPPORTED when it has none, or one that can't answer at once; as `embedded`
 */
export function embeddedNow(
  inputs: readonly FlatInput[],
  kept: EmbedderName | undefined,
  embedder: Embedder | undefined,
): readonly FlatInput[] {
  if (!needEmbedder(inputs, kept, embedder)) return inputs;
  if (embedder.embedNow === undefined) {
    throw new StigmergyError(
      "NOT_SUPPORTED",
      `embedder ${embedder.id}: it can't answer at once; use predictMany or scoreMany, which wait for it`,
    );
  }
  const texts = inputs.filter(wantsVector).map(({ text }) => text);
  const vectors = checkVectors(embedder, embedder.embedNow(texts), texts.length);
  return withVectors(inputs, vectors, embedder);
}

/**
 * Whether any of a model's inputs lack a vector that its embedder gives.
 * @throws {StigmergyError} NOT_SUPPORTED when it was loaded without that
 */
export function needEmbedder(
  inputs: readonly FlatInput[],
  kept: EmbedderName | undefined,
  embedder: Embedder | undefined,
): embedder is Embedder {
  if (kept === undefined || !inputs.some(wantsVector)) return false;
  if (embedder !== undefined) return true;
  throw new StigmergyError(
    "NOT_SUPPORTED",
    `embedder: expected ${told(kept)} for texts, as the model was trained with; give it to PatternModel.load or fromBytes, or ask with vectors`,
  );
}

/** Whether an input has words, and no vector of its own or as a field. */
function wantsVector({ text, vector, numbers }: FlatInput): boolean {
  return text !== "" && vector === undefined && !numbers.has("vector.0");
}

function withVectors(
  inputs: readonly FlatInput[],
  vectors: Float32Array,
  { dim }: Embedder,
): FlatInput[] {
  let at = 0;
  return inputs.map((input) => {
    if (!wantsVector(input)) return input;
    return { ...input, vector: vectors.subarray(at, (at += dim)) };
  });
}
