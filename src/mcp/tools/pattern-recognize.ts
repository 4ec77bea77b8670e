import * as z from "zod";
import { StigmergyError } from "../../errors.ts";
import type { MemoryStore } from "../../memory/memory-store.ts";
import type { NamedPattern } from "../../swarm/recognize.ts";
import { answerOrError } from "../answer/answer.ts";
import { inputOf, modelsOf, predictionAnswer } from "../answer/model-answer.ts";
import { inputField } from "../input/model-input.ts";
import { PATTERNS } from "./pattern-entries.ts";
import { textOrObject } from "../input/text-or-object.ts";
import type { RegisterTool } from "./tool.ts";

const MOST_DATA = 1000;
const MOST_PATTERNS = 10_000;

const config = {
  title: "Recognize patterns",
  description:
    "Returns for each datum which pattern it is nearest to, how near, and the next ones, in the order of the data; null when it is like none. Patterns are given with examples, else those written down by neural_patterns count; with modelId a trained model answers instead. Texts are compared by their meaning, vectors by their cosine.",
  inputSchema: z.strictObject({
    data: z.array(inputField).max(MOST_DATA).describe("Texts, vectors or objects"),
    patterns: z
      .array(textOrObject(z.looseObject({})))
      .max(MOST_PATTERNS)
      .optional()
      .describe("As {name, examples: […]} or {name, content}; a text is its own name and example"),
    modelId: z.string().optional().describe("Ask this model instead"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    results: z.array(z.looseObject({})),
    count: z.int(),
    timestamp: z.string(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

/** pattern_recognize: the nearest pattern, by examples or by a model. */
export const registerPatternRecognize: RegisterTool = (server, { memory, log }) => {
  server.registerTool("pattern_recognize", config, ({ data, patterns, modelId }) =>
    answerOrError("pattern_recognize", log, async () => {
      if (modelId !== undefined && patterns !== undefined) {
        throw new StigmergyError(
          "INVALID_INPUT",
          "pattern_recognize: expected patterns or modelId, received both",
        );
      }
      const inputs = data.map(inputOf);
      const results =
        modelId === undefined
          ? await nearest(memory, inputs, patterns)
          : await asked(memory, inputs, modelId);
      return {
        success: true,
        method: modelId === undefined ? "nearest example, by cosine" : "model",
        results,
        count: results.length,
        timestamp: new Date().toISOString(),
      };
    }),
  );
};

type Inputs = readonly ReturnType<typeof inputOf>[];

async function nearest(
  memory: MemoryStore,
  inputs: Inputs,
  given: readonly unknown[] | undefined,
): Promise<Record<string, unknown>[]> {
  const { recognize } = await import("../../swarm/recognize.ts");
  const patterns = given === undefined ? await writtenDown(memory) : given.map(patternOf);
  const found = await recognize(inputs, patterns);
  return found.map((each, index) => ({ index, ...each }));
}

async function asked(
  memory: MemoryStore,
  inputs: Inputs,
  modelId: string,
): Promise<Record<string, unknown>[]> {
  const models = await modelsOf(memory);
  const results: Record<string, unknown>[] = [];
  for (const [index, input] of inputs.entries()) {
    results.push({ index, ...predictionAnswer(await models.predict(modelId, input)) });
  }
  return results;
}

/** The patterns that were stored, each by its name, else its type, else its id. */
async function writtenDown(memory: MemoryStore): Promise<NamedPattern[]> {
  const entries = await memory.list({ namespace: PATTERNS, limit: MOST_PATTERNS });
  if (entries.length === 0) {
    throw new StigmergyError(
      "NOT_FOUND",
      "patterns: expected some given or written down, found none; give patterns, or a modelId",
    );
  }
  return entries.map(({ key, value, metadata }) => ({
    name: typeof metadata.title === "string" ? metadata.title : key,
    examples: [value],
  }));
}

const NAMES = ["name", "label", "id", "patternId", "pattern", "type"];
const EXAMPLES = ["examples", "example", "content", "text", "input", "vector", "embedding", "data"];

function patternOf(given: unknown, i: number): NamedPattern {
  if (typeof given === "string") return { name: given, examples: [inputOf(given)] };
  const fields = given as Readonly<Record<string, unknown>>;
  const name = NAMES.map((each) => fields[each]).find((each) => typeof each === "string");
  const found = EXAMPLES.map((each) => fields[each]).find((each) => each !== undefined);
  const isList = Array.isArray(found) && !found.every((each) => typeof each === "number");
  const examples = z
    .array(inputField)
    .min(1)
    .safeParse(isList ? found : [found ?? name]);
  if (name === undefined || !examples.success) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `pattern ${i}: expected a name, and examples of texts, vectors or objects`,
    );
  }
  return { name, examples: examples.data.map(inputOf) };
}
