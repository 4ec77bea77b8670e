import * as z from "zod";
import { answerOrError } from "../answer/answer.ts";
import { present } from "../answer/entry-answer.ts";
import { modelsOf } from "../answer/model-answer.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Tell of models",
  description:
    "Returns the models there are, by name, each with its newest version, what it was trained on, held-out accuracy beside the baseline, and bytes; how many are in memory; what is being trained; and how many outcomes are recorded by pattern type. With modelId only that model, with all versions that are kept; detailed adds its training report. An empty list when nothing was trained.",
  inputSchema: z.strictObject({
    modelId: z.string().optional().describe("Only this model"),
    detailed: z.boolean().optional().describe("Tell all of the training reports; default false"),
    agentId: z.string().optional().describe("Only models that this agent stored, and its outcomes"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    models: z.array(z.looseObject({ modelId: z.string(), version: z.int() })),
    count: z.int(),
    timestamp: z.string(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

/** neural_status: what models there are and how they do. */
export const registerNeuralStatus: RegisterTool = (server, { memory, log }) => {
  server.registerTool("neural_status", config, ({ modelId, detailed = false, agentId }) =>
    answerOrError("neural_status", log, async () => {
      const { readModels } = await import("../../swarm/model-status.ts");
      const models = await modelsOf(memory);
      const { training, ...status } = await readModels(models, {
        model: modelId,
        detailed,
        agent: agentId,
      });
      return {
        success: true,
        ...status,
        count: status.models.length,
        training:
          training === null ? null : present({ ...training, total: training.total ?? undefined }),
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
