import * as z from "zod";
import { findFeatures } from "../../swarm/features.ts";
import { answerOrError } from "../answer/answer.ts";
import type { RegisterTool } from "./tool.ts";

const part = z.enum(["all", "wasm", "simd", "memory", "platform"]).optional();

const config = {
  title: "Detect features",
  description:
    "Returns what this server can use, found by asking the runtime: which build of the kernels runs, SIMD, threads, memory, SQLite, Node and processor.",
  inputSchema: z.strictObject({
    category: part.describe("Which part; default all"),
    component: part.describe("The same as category"),
  }),
  outputSchema: z.looseObject({ success: z.literal(true), timestamp: z.string() }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

/** features_detect: what the runtime has. */
export const registerFeaturesDetect: RegisterTool = (server, { log }) => {
  server.registerTool("features_detect", config, ({ category, component }) =>
    answerOrError("features_detect", log, async () => {
      const wanted = category ?? component ?? "all";
      const features = await findFeatures();
      const told = wanted === "all" ? features : { [wanted]: features[wanted] };
      return { success: true, category: wanted, ...told, timestamp: new Date().toISOString() };
    }),
  );
};
