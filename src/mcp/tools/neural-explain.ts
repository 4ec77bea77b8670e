import * as z from "zod";
import { StigmergyError } from "../../errors.ts";
import { answerOrError } from "../answer/answer.ts";
import { explanationAnswer, inputOf, modelsOf } from "../answer/model-answer.ts";
import { inputField, modelField } from "../input/model-input.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Explain a model's answer",
  description:
    "Returns which words, fields and values of an input moved a model's answer, the strongest first: each is left out in turn and the answer asked again, and the effect is what the answer loses without it. Negative effects spoke against the answer.",
  inputSchema: z.strictObject({
    modelId: modelField,
    input: inputField.optional(),
    prediction: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("Instead of input: an answer of neural_predict that holds its input"),
    limit: z.number().int().min(1).max(100).optional().describe("Most features; default 10"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    modelId: z.string(),
    explanations: z.array(z.looseObject({ of: z.string(), value: z.number() })),
    timestamp: z.string(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

/** neural_explain: what moved an answer. */
export const registerNeuralExplain: RegisterTool = (server, { memory, log }) => {
  server.registerTool("neural_explain", config, ({ modelId, input, prediction, limit }) =>
    answerOrError("neural_explain", log, async () => {
      const given = inputField.optional().safeParse(input ?? prediction?.input);
      if (!given.success || given.data === undefined) {
        throw new StigmergyError(
          "INVALID_INPUT",
          "neural_explain: expected input, or a prediction that holds its input; received neither",
        );
      }
      const named = typeof prediction?.modelId === "string" ? prediction.modelId : undefined;
      const models = await modelsOf(memory);
      const explained = await models.explain(modelId ?? named, inputOf(given.data), limit);
      return {
        success: true,
        ...explanationAnswer(explained),
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
