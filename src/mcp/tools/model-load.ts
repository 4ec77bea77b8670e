import * as z from "zod";
import { insideRoot } from "../../security/paths.ts";
import { describeModel } from "../../swarm/model-summary.ts";
import { answerOrError } from "../answer/answer.ts";
import { modelsOf } from "../answer/model-answer.ts";
import { relativeToRoot } from "../input/root-folder.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Load a model from a file",
  description:
    "Stores the model that a file of the project holds, as the next version of its name, after its checksum has been proven; a damaged file is refused, and nothing is stored. Returns what the model is. When the newest version is the same already, isNew is false and nothing is done.",
  inputSchema: z.strictObject({
    modelPath: z
      .string()
      .describe("A file that model_save wrote, relative to the project's folder, and inside it"),
    modelId: z.string().optional().describe("Name to store it under; default the file's"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    modelId: z.string(),
    version: z.int(),
    isNew: z.boolean(),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
};

/** model_load: a model from a file. */
export const registerModelLoad: RegisterTool = (server, { memory, log, root }) => {
  server.registerTool("model_load", config, ({ modelPath, modelId }) =>
    answerOrError("model_load", log, async () => {
      const { loadModelFile } = await import("../../swarm/model-files.ts");
      const path = await insideRoot(root, modelPath, { file: true });
      const { model, isNew } = await loadModelFile(await modelsOf(memory), path, modelId);
      return {
        success: true,
        ...describeModel(model),
        isNew,
        path: relativeToRoot(root, path),
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
