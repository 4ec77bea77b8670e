import * as z from "zod";
import { answerOrError } from "../answer/answer.ts";
import { everyNamespaceField } from "../input/entry-input.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Compress shared memory",
  description:
    "Compresses stored values, which stay as readable and as easy to find as before. Returns how many entries are smaller now and the bytes of the store's files before and after, as the file system tells them; 0 entries when nothing would be gained.",
  inputSchema: z.strictObject({
    namespace: everyNamespaceField,
    idleSeconds: z
      .number()
      .optional()
      .describe("Only entries neither written nor retrieved for so long; default 0: all"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    namespace: z.string().nullable().describe("null for all"),
    entries: z.int(),
    bytesBefore: z.int(),
    bytesAfter: z.int(),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
};

/** memory_compress: smaller values on disk. */
export const registerMemoryCompress: RegisterTool = (server, { memory, log }) => {
  server.registerTool("memory_compress", config, ({ namespace, idleSeconds }) =>
    answerOrError("memory_compress", log, async () => ({
      success: true,
      namespace: namespace ?? null,
      ...(await memory.compress({ namespace, idleSeconds })),
      timestamp: new Date().toISOString(),
    })),
  );
};
