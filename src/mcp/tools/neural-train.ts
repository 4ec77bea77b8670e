import * as z from "zod";
import { StigmergyError } from "../../errors.ts";
import { insideRoot } from "../../security/paths.ts";
import { answerOrError } from "../answer/answer.ts";
import { modelsOf, trainAnswer } from "../answer/model-answer.ts";
import { progressOf } from "../session/progress.ts";
import type { RegisterTool } from "./tool.ts";

const count = z.number().int().positive();

const inputSchema = z.strictObject({
  pattern_type: z
    .string()
    .optional()
    .describe(
      "What the records tell: prediction (success and duration of tasks), coordination (which topology and how many agents), optimization (which setting), or any name for records of inputs and labels. Default classification",
    ),
  training_data: z
    .string()
    .optional()
    .describe(
      "A file in the project, relative to its folder: a JSON list, JSON lines, or CSV with a header, of {input, label}; or with success, durationMs, topology and agents, setting. Without it and data: the outcomes recorded by neural_patterns",
    ),
  data: z
    .union([z.array(z.unknown()), z.record(z.string(), z.unknown())], {
      error: "expected a list, or an object with samples",
    })
    .optional()
    .describe("Records by themselves instead of a file: a list, or {samples: […]}"),
  modelId: z
    .string()
    .optional()
    .describe("Name of the model, whose next version this is; default the pattern type"),
  modelType: z
    .enum(["moe", "transformer", "classifier", "embedding"])
    .optional()
    .describe("Only classifier: the models here are multilayer perceptrons"),
  agentId: z.string().optional().describe("Of recorded outcomes, only this agent's"),
  epochs: count.optional().describe("Times to go through the samples; default by their number"),
  iterations: count.optional().describe("The same as epochs"),
  learningRate: z.number().optional().describe("Highest learning rate; default 0.002"),
  hidden: z.array(count).optional().describe("Values of each hidden layer; default [256]"),
  ensemble: count.optional().describe("Networks whose answers are averaged; default 1"),
  classWeights: z
    .literal("balanced")
    .optional()
    .describe("Let rare labels count as much as common ones"),
  validation: z.number().optional().describe("Share of the samples held out; default 0.1"),
  patience: count.optional().describe("End after so many epochs without a better held-out loss"),
  seed: z.number().int().optional().describe("Same seed and samples, same model; default 1"),
  startFrom: z.string().optional().describe("A model to start from, for a task like its own"),
});
type Input = z.infer<typeof inputSchema>;

const figure = z.number().nullable();
const config = {
  title: "Train a model",
  description:
    "Trains a model on a file of the project, on records given, or on recorded outcomes, and stores it as the next version of its name. Returns loss and accuracy on samples that were held out, its 95 % interval as accuracyRange, beside what always giving the commonest answer reaches, and details of each epoch lately, confusions and calibration. Cancelling it, or an error, leaves the version before in place. One training runs at a time; others wait.",
  inputSchema,
  outputSchema: z.looseObject({
    success: z.literal(true),
    modelId: z.string(),
    version: z.int(),
    samples: z.int(),
    epochs: z.int(),
    loss: figure,
    accuracy: figure,
    baselineAccuracy: figure,
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: false,
  },
};

/** neural_train: a model from a file, records or recorded outcomes. */
export const registerNeuralTrain: RegisterTool = (server, { memory, log, root }) => {
  server.registerTool("neural_train", config, (input, context) =>
    answerOrError("neural_train", log, async () => {
      const { training_data: path, agentId, ...rest } = checked(input);
      const file = path === undefined ? undefined : await insideRoot(root, path, { file: true });
      const progress = progressOf(context);
      const { modelId, pattern_type: type, iterations, epochs = iterations, ...options } = rest;
      const { modelType: _, ...training } = options;
      const models = await modelsOf(memory);
      const answer = await models.train({
        ...training,
        file,
        type,
        epochs,
        model: modelId,
        agent: agentId,
        signal: context.mcpReq.signal,
        onProgress: (done, total, { epoch, loss }) =>
          progress(done, total, `epoch ${epoch}: loss ${loss.toFixed(4)}`),
      });
      return { success: true, ...trainAnswer(answer), timestamp: new Date().toISOString() };
    }),
  );
};

function checked(input: Input): Input {
  const { modelType, epochs, iterations } = input;
  if (modelType !== undefined && modelType !== "classifier") {
    throw new StigmergyError(
      "NOT_SUPPORTED",
      `modelType: expected classifier, received ${modelType}; models here are multilayer perceptrons`,
    );
  }
  if (epochs !== undefined && iterations !== undefined && epochs !== iterations) {
    throw new StigmergyError("INVALID_INPUT", "epochs: expected it or iterations, received both");
  }
  return input;
}
