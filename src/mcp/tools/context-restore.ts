import * as z from "zod";
import { answerOrError } from "../answer/answer.ts";
import { existingSnapshot } from "../input/snapshot-files.ts";
import { restoredFrom } from "./memory-restore.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Restore a snapshot",
  description:
    "Puts what a snapshot holds in the place of all that the memory holds, for all agents and at once. The snapshot is checked before anything is touched, and what the memory held is kept as a backup, which before names. An unknown snapshotId is an error that lists some that are there.",
  inputSchema: z.strictObject({
    snapshotId: z.string().describe("As state_snapshot told it"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    snapshotId: z.string(),
    entries: z.int(),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: false,
  },
};

/** context_restore: back to a snapshot. */
export const registerContextRestore: RegisterTool = (server, { memory, log, root }) => {
  server.registerTool("context_restore", config, (input) =>
    answerOrError("context_restore", log, async () => {
      const path = await existingSnapshot(memory.folder, input.snapshotId);
      const report = await memory.restore(path);
      return {
        success: true,
        snapshotId: input.snapshotId,
        ...restoredFrom(root, report),
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
