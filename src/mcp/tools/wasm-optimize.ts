import * as z from "zod";
import { answerOrError } from "../answer/answer.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Warm up and measure WebAssembly kernels",
  description:
    "Finds which build of the kernels runs here and why, runs those of one operation until they are warm, and returns what was measured: ratios say how many times as long each other contender (plain JavaScript, scalar WebAssembly, …) takes as the kernels, samples are milliseconds of calls, limits say what share of the machine's arithmetic or bandwidth the kernels reach. Takes about two seconds an operation. Answers of all contenders are checked to be the same before.",
  inputSchema: z.strictObject({
    operation: z
      .string()
      .max(100)
      .optional()
      .describe(
        "neural-training, neural-inference, vector-search, text, checksum or matrix; default all of them",
      ),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    operation: z.string(),
    build: z.enum(["relaxed", "simd", "off"]),
    ratios: z.record(z.string(), z.record(z.string(), z.number())),
    samples: z.record(z.string(), z.record(z.string(), z.array(z.number()))),
    timestamp: z.string(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: false, openWorldHint: false },
};

/** wasm_optimize: kernels of an operation are made warm, and measured against JavaScript. */
export const registerWasmOptimize: RegisterTool = (server, { log }) => {
  server.registerTool("wasm_optimize", config, ({ operation }, { mcpReq: { signal } }) =>
    answerOrError(
      "wasm_optimize",
      log,
      async () => {
        const { optimize } = await import("../../swarm/optimize.ts");
        const found = await optimize(operation, signal);
        return { success: true, ...found, timestamp: new Date().toISOString() };
      },
      signal,
    ),
  );
};
