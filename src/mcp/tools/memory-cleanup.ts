import * as z from "zod";
import { answerOrError } from "../answer/answer.ts";
import { present } from "../answer/entry-answer.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Clean up shared memory",
  description:
    "Removes what nobody can read any more (expired entries, and rows that belong to none) and gives its space back to the file system. Returns how many there were and the bytes of the files before and after; with dryRun: true only counts. aggressive: true also compresses values untouched for 7 days, drops history older than 30 days, and compacts the file.",
  inputSchema: z.strictObject({
    dryRun: z.boolean().optional().describe("Only count; default false"),
    namespace: z
      .string()
      .optional()
      .describe("Only expired entries of this part of the memory; default everything"),
    aggressive: z.boolean().optional().describe("See above; default false"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    dryRun: z.boolean(),
    expired: z.int(),
    bytesBefore: z.int(),
    bytesAfter: z.int(),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  },
};

/** memory_cleanup: garbage collection. */
export const registerMemoryCleanup: RegisterTool = (server, { memory, log }) => {
  server.registerTool("memory_cleanup", config, (input) =>
    answerOrError("memory_cleanup", log, async () => ({
      success: true,
      ...present({ namespace: input.namespace }),
      ...(await memory.gc(input)),
      timestamp: new Date().toISOString(),
    })),
  );
};
