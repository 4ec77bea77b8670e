import * as z from "zod";
import { answerOrError } from "../answer/answer.ts";
import { echoed, inputOf, modelsOf, predictionAnswer } from "../answer/model-answer.ts";
import { inputField, modelField } from "../input/model-input.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Ask a model",
  description:
    "Returns what a trained model says of an input: the label, its probability, whether it is out of scope (none of the labels), and the next best labels, best first; for models of prediction the probability of success and the expected duration; for models of coordination and optimization the best choice, and the others behind it.",
  inputSchema: z.strictObject({
    modelId: modelField,
    input: inputField,
    topK: z.number().int().min(1).max(64).optional().describe("Most answers told; default 6"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    modelId: z.string(),
    version: z.int(),
    form: z.string(),
    timestamp: z.string(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

/** neural_predict: a model's answer. */
export const registerNeuralPredict: RegisterTool = (server, { memory, log }) => {
  server.registerTool("neural_predict", config, ({ modelId, input, topK }) =>
    answerOrError("neural_predict", log, async () => {
      const predicted = await (await modelsOf(memory)).predict(modelId, inputOf(input), topK);
      return {
        success: true,
        ...predictionAnswer(predicted, topK),
        ...echoed(input),
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
