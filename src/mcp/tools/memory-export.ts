import * as z from "zod";
import { StigmergyError } from "../../errors.ts";
import { answerOrError } from "../answer/answer.ts";
import { everyNamespaceField } from "../input/entry-input.ts";
import { newPath, relativeToRoot } from "../input/root-folder.ts";
import { present } from "../answer/entry-answer.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Export shared memory",
  description:
    "Writes entries into a file of the project, for people and other programs; memory_import reads it back. Sealed entries are written in the clear. json is one file with a checksum, csv one table, md a new folder with a Markdown file for each entry. Returns how many entries were written. A file that is there already stays, unless overwrite is true.",
  inputSchema: z.strictObject({
    outputPath: z
      .string()
      .describe("Where to, relative to the project's folder, and inside it: 'exports/memory.json'"),
    format: z.enum(["json", "csv", "md"]).optional().describe("Default json"),
    namespace: everyNamespaceField,
    overwrite: z
      .boolean()
      .optional()
      .describe("Replace the file that is there, of json and csv; default false"),
    includeVectors: z
      .boolean()
      .optional()
      .describe("Only false: vectors are made again from the texts when they are imported"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    path: z.string(),
    format: z.string(),
    entries: z.int(),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  },
};

/** memory_export: entries as a file. */
export const registerMemoryExport: RegisterTool = (server, { memory, log, root }) => {
  server.registerTool("memory_export", config, (input) =>
    answerOrError("memory_export", log, async () => {
      const { outputPath, format = "json", namespace, overwrite = false, includeVectors } = input;
      if (includeVectors === true) {
        throw new StigmergyError(
          "NOT_SUPPORTED",
          "includeVectors: expected false, received true; vectors are made again from the texts at import, and a backup keeps them",
        );
      }
      const path = await newPath(root, memory.folder, outputPath, overwrite && format !== "md");
      const report = await memory.export(path, { format, namespace });
      return {
        success: true,
        path: relativeToRoot(root, path),
        ...present({ namespace }),
        ...report,
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
