import * as z from "zod";
import { TIMEFRAMES, type Timeframe } from "../../memory/upkeep/analytics.ts";
import { answerOrError } from "../answer/answer.ts";
import { isoTime } from "../answer/entry-answer.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Analyze use of shared memory",
  description:
    "Returns how the memory was used in some time until now, counted from its rows: entries created and updated by namespace and by agent, keys retrieved most, entries that expired, sizes, and how this server's read cache does. Entries that were removed since are not in the counts.",
  inputSchema: z.strictObject({
    timeframe: z
      .enum(Object.keys(TIMEFRAMES) as [Timeframe, ...Timeframe[]])
      .optional()
      .describe("How far to look back; default 24h"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    timeframe: z.string(),
    created: z.int(),
    updated: z.int(),
    expired: z.int(),
    timestamp: z.string(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

/** memory_analytics: what was written and read lately. */
export const registerMemoryAnalytics: RegisterTool = (server, { memory, log }) => {
  server.registerTool("memory_analytics", config, ({ timeframe }) =>
    answerOrError("memory_analytics", log, async () => {
      const { since, mostRetrieved, ...analytics } = await memory.analytics({ timeframe });
      return {
        success: true,
        ...analytics,
        ...(since === undefined ? {} : { since: isoTime(since) }),
        mostRetrieved: mostRetrieved.map(({ accessedAt, ...read }) => {
          return { ...read, accessedAt: isoTime(accessedAt) };
        }),
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
