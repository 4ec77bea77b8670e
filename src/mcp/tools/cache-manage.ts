import * as z from "zod";
import { StigmergyError } from "../../errors.ts";
import { answerOrError } from "../answer/answer.ts";
import { namespaceField } from "../input/entry-input.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Manage the read cache",
  description:
    "The cache holds entries that this server read lately; it is never older than the store. stats returns entries held, hits, misses and hit rate; clear empties it; evict takes one key out, and returns dropped: 0 when it was not held. Nothing stored is changed.",
  inputSchema: z.strictObject({
    action: z.enum(["stats", "clear", "evict"]).describe("What to do"),
    key: z.string().optional().describe("For evict: key of the entry"),
    namespace: namespaceField,
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    action: z.string(),
    dropped: z.int().optional().describe("Entries taken out"),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
};

/** cache_manage: this server's read cache. */
export const registerCacheManage: RegisterTool = (server, { memory, log }) => {
  server.registerTool("cache_manage", config, ({ action, key, namespace }) =>
    answerOrError("cache_manage", log, async () => {
      if ((action === "evict") !== (key !== undefined)) {
        throw new StigmergyError(
          "INVALID_INPUT",
          `${action}: expected ${action === "evict" ? "key, received nothing" : "no key, received one; evict takes one key out"}`,
        );
      }
      const dropped =
        action === "stats"
          ? {}
          : { dropped: memory.dropCached(key === undefined ? undefined : { key, namespace }) };
      return {
        success: true,
        action,
        ...dropped,
        ...memory.cacheStats(),
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
