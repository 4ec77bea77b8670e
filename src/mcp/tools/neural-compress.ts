import * as z from "zod";
import { answerOrError } from "../answer/answer.ts";
import { compressAnswer, modelsOf } from "../answer/model-answer.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Compress a model",
  description:
    "Stores a model in fewer bits under another name: weights in 8, a quarter of their size, and tables of words in 4, half of theirs; the one it was made of stays, and goes on learning. Returns bytes before and after, and how many of the samples that the model keeps are answered alike, and rightly, before and after.",
  inputSchema: z.strictObject({
    modelId: z.string().describe("Which model"),
    ratio: z
      .number()
      .positive()
      .optional()
      .describe("Refuse unless it becomes this small: a share as 0.3, or a factor as 3.5"),
    as: z.string().optional().describe("Name of the small model; default modelId with -int8"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    modelId: z.string(),
    bytesBefore: z.int(),
    bytesAfter: z.int(),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: false,
  },
};

/** neural_compress: a model in fewer bits. */
export const registerNeuralCompress: RegisterTool = (server, { memory, log }) => {
  server.registerTool("neural_compress", config, ({ modelId, ratio, as }, { mcpReq: { signal } }) =>
    answerOrError("neural_compress", log, async () => {
      const { compressModel } = await import("../../swarm/model-files.ts");
      const answer = await compressModel(await modelsOf(memory), modelId, { ratio, as, signal });
      return { success: true, ...compressAnswer(answer), timestamp: new Date().toISOString() };
    }),
  );
};
