import * as z from "zod";
import { answerOrError } from "../answer/answer.ts";
import { relativeToRoot } from "../input/root-folder.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Persist shared memory",
  description:
    "Has the disk confirm all that was stored, and moves it into the store's one file. Every write is kept at once without this, also when processes are killed; after this call it survives the loss of power, too. Returns how many entries there are (of the session, if one is named), the file, its bytes, and whether it alone holds everything.",
  inputSchema: z.strictObject({
    sessionId: z.string().optional().describe("Count the entries of this session; default all"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    entries: z.int(),
    bytes: z.int(),
    file: z.string(),
    seq: z.int().describe("The last change that is on the disk"),
    isInOneFile: z.boolean(),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
};

/** memory_persist: everything on the disk, and confirmed by it. */
export const registerMemoryPersist: RegisterTool = (server, { memory, log, root }) => {
  server.registerTool("memory_persist", config, ({ sessionId }) =>
    answerOrError("memory_persist", log, async () => {
      const { path, ...report } = await memory.persist({ session: sessionId });
      return {
        success: true,
        sessionId: sessionId ?? null,
        ...report,
        file: relativeToRoot(root, path),
        survives: "loss of power",
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
