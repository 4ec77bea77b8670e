import * as z from "zod";
import { answerOrError } from "../answer/answer.ts";
import { relativeToRoot } from "../input/root-folder.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Measure shared memory",
  description:
    "Returns what the memory holds, counted at this moment: entries and bytes by namespace and by agent, bytes of its files, expired entries whose space is not yet given back, the embedder, how far entries are embedded again where its vectors are being renewed, whether it is sealed (unsealed: entries that are in the clear still, as they were written before it had a key) and has a policy, and how this server's read cache does.",
  inputSchema: z.strictObject({}),
  outputSchema: z.looseObject({
    success: z.literal(true),
    entries: z.int(),
    fileBytes: z.int(),
    timestamp: z.string(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

/** memory_stats: what the store holds. */
export const registerMemoryStats: RegisterTool = (server, { memory, log, root }) => {
  server.registerTool("memory_stats", config, () =>
    answerOrError("memory_stats", log, async () => {
      const { path, seq, ...stats } = await memory.stats({ byAgent: true });
      return {
        success: true,
        file: relativeToRoot(root, path),
        ...stats,
        changes: seq,
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
