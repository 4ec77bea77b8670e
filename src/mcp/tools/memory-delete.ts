import * as z from "zod";
import { answerOrError } from "../answer/answer.ts";
import { ifVersionField, namespaceField } from "../input/entry-input.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Delete from shared memory",
  description:
    "Removes the entry of a key for every agent, and returns whether there was one. With erase: true nothing of it stays in the store's files, its earlier values included; that takes seconds in a large store, and backups are not touched.",
  inputSchema: z.strictObject({
    key: z.string().describe("Key of the entry"),
    namespace: namespaceField,
    ifVersion: ifVersionField,
    erase: z
      .boolean()
      .optional()
      .describe("Overwrite what it stood in, and drop its history; default false"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    key: z.string(),
    namespace: z.string(),
    deleted: z.boolean(),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  },
};

/** memory_delete: removes one entry, or erases it. */
export const registerMemoryDelete: RegisterTool = (server, { memory, log }) => {
  server.registerTool("memory_delete", config, ({ key, namespace, ifVersion, erase = false }) =>
    answerOrError("memory_delete", log, async () => ({
      success: true,
      key,
      namespace: namespace ?? "default",
      deleted: await memory.delete(key, { namespace, ifVersion, erase }),
      erased: erase,
      storage_type: "sqlite",
      timestamp: new Date().toISOString(),
    })),
  );
};
