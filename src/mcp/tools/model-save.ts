import * as z from "zod";
import { answerOrError } from "../answer/answer.ts";
import { modelsOf } from "../answer/model-answer.ts";
import { newPath, relativeToRoot } from "../input/root-folder.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Save a model as a file",
  description:
    "Writes a model into a file of the project, under a checksum; model_load gives the same model back, bit for bit. Returns the file's path, bytes and SHA-256. A file that is there already stays, unless overwrite is true.",
  inputSchema: z.strictObject({
    modelId: z.string().describe("Which model"),
    path: z
      .string()
      .describe("Where to, relative to the project's folder, and inside it: 'models/router.model'"),
    version: z.number().int().positive().optional().describe("Default the newest"),
    overwrite: z.boolean().optional().describe("Replace the file that is there; default false"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    modelId: z.string(),
    version: z.int(),
    path: z.string(),
    bytes: z.int(),
    sha256: z.string(),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  },
};

/** model_save: a model as a file. */
export const registerModelSave: RegisterTool = (server, { memory, log, root }) => {
  server.registerTool(
    "model_save",
    config,
    ({ modelId, path: given, version, overwrite = false }) =>
      answerOrError("model_save", log, async () => {
        const { saveModelFile } = await import("../../swarm/model-files.ts");
        const path = await newPath(root, memory.folder, given, overwrite);
        const saved = await saveModelFile(await modelsOf(memory), modelId, path, version);
        return {
          success: true,
          modelId: saved.name,
          version: saved.version,
          path: relativeToRoot(root, path),
          bytes: saved.bytes,
          sha256: saved.sha256,
          timestamp: new Date().toISOString(),
        };
      }),
  );
};
