import { StigmergyError } from "../../errors.ts";
import type { MemoryStore } from "../../memory/memory-store.ts";
import type { CompressAnswer } from "../../swarm/model-files.ts";
import type { Models, TrainAnswer } from "../../swarm/models.ts";
import { present } from "./entry-answer.ts";

type Predicted = Awaited<ReturnType<Models["predict"]>>;
type Explained = Awaited<ReturnType<Models["explain"]>>;
type Input = Parameters<Models["predict"]>[1];

const MOST_ECHO = 2000; // characters of an input that is told again
const MOST_LABELS = 6;

/** The models of a store; loaded when they are first asked for, as few sessions need them. */
export async function modelsOf(memory: MemoryStore): Promise<Models> {
  return (await import("../../swarm/models.ts")).modelsOf(memory);
}

/**
 * What an input field means: JSON of an object or of numbers is that, any other text is a text.
 * @throws {StigmergyError} INVALID_INPUT for a list of numbers with NaN or Infinity among them
 */
export function inputOf(input: Input): Input {
  if (typeof input !== "string" || !/^\s*[[{]/.test(input)) return input;
  const value = parsed(input);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  if (isNumbers(value)) return value;
  if (isNumbers(parsed(input.replaceAll(/[+-]?(?:NaN|Infinity)/g, "0")))) {
    throw new StigmergyError("INVALID_INPUT", "input: expected finite numbers, received NaN or ∞");
  }
  return input;
}

/** An input, when it is short enough to be told again: neural_explain takes it from there. */
export function echoed(input: Input): Record<string, unknown> {
  return JSON.stringify(input).length > MOST_ECHO ? {} : { input };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((v) => typeof v === "number");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a model says, as tools tell it. */
export function predictionAnswer(
  { model, answer, costName = "cost" }: Predicted,
  topK = MOST_LABELS,
): Record<string, unknown> {
  const head = { modelId: model.name, version: model.version, form: answer.form };
  const outcome = (told: { readonly success?: number; readonly cost?: number }) =>
    present({ successProbability: told.success, [costName]: told.cost });
  switch (answer.form) {
    case "labels": {
      const { form: _, alternatives, ...rest } = answer;
      return { ...head, ...rest, alternatives: alternatives.slice(0, topK - 1) };
    }
    case "outcomes":
      return { ...head, ...outcome(answer) };
    case "choices": {
      const told = ({ choice, ...what }: typeof answer.best) => ({ choice, ...outcome(what) });
      const alternatives = answer.others.slice(0, topK - 1).map(told);
      return { ...head, ...told(answer.best), alternatives, tried: answer.tried };
    }
  }
}

/** What moved the answers of a model, as tools tell it. */
export function explanationAnswer({ model, by }: Explained): Record<string, unknown> {
  return {
    modelId: model.name,
    version: model.version,
    explanations: [...by].map(([of, { label, value, influences, tried }]) => ({
      of,
      ...present({ label }),
      value,
      influences,
      tried,
    })),
  };
}

/** What a training came to, as tools and commands tell it. */
export function trainAnswer(answer: TrainAnswer): Record<string, unknown> {
  const { model, pattern, skipped, details, ...summary } = answer;
  return {
    modelId: model.name,
    version: model.version,
    patternType: pattern.type,
    form: pattern.form,
    ...summary,
    ...present({ skipped: skipped === 0 ? undefined : skipped }),
    bytes: model.bytes,
    sha256: model.sha256,
    ...details,
  };
}

/** What compressing came to, as tools and commands tell it. */
export function compressAnswer(answer: CompressAnswer): Record<string, unknown> {
  const { model, from, bytesBefore, bytesAfter, reports } = answer;
  return {
    modelId: model.name,
    version: model.version,
    compressedFrom: from.name,
    compressedVersion: from.version,
    bytesBefore,
    bytesAfter,
    ratio: bytesAfter / bytesBefore,
    measuredOn: "samples that the model keeps to repeat, which it learned from",
    members: Object.fromEntries(reports),
  };
}
