import * as z from "zod";
import { StigmergyError } from "../../errors.ts";
import { answerOrError } from "../answer/answer.ts";
import type { RegisterTool } from "./tool.ts";

const suite = z.string().max(100).optional();

const config = {
  title: "Run benchmarks",
  description:
    "Measures this machine with the project's own benchmarks and returns every contender's median, deviation and raw samples in milliseconds, the machine and the versions, and what could not be measured and why. Answers are checked before anything is timed. A suite takes some seconds, all of them up to half a minute.",
  inputSchema: z.strictObject({
    suite: suite.describe(
      "kernels, vector, memory (in a temporary folder), neural, or comprehensive: all of them, the default",
    ),
    type: suite.describe("The same as suite; all and wasm are understood"),
    iterations: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe("Calls of each contender; default as many as fit 60 ms"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    suite: z.string(),
    results: z.record(z.string(), z.array(z.looseObject({ samples: z.array(z.number()) }))),
    machine: z.looseObject({ cpu: z.string(), node: z.string(), threads: z.int() }),
    timestamp: z.string(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: false, openWorldHint: false },
};

/** benchmark_run: what this machine measures. */
export const registerBenchmarkRun: RegisterTool = (server, { log }) => {
  server.registerTool(
    "benchmark_run",
    config,
    ({ suite, type, iterations }, { mcpReq: { signal } }) =>
      answerOrError(
        "benchmark_run",
        log,
        async () => {
          if (suite !== undefined && type !== undefined && suite !== type) {
            throw new StigmergyError(
              "INVALID_INPUT",
              `type: expected the same as suite, "${suite}", received "${type}"; give one of them`,
            );
          }
          const { runBenchmarks } = await import("../../swarm/benchmarks.ts");
          const report = await runBenchmarks(suite ?? type, { iterations, signal });
          return { success: true, ...report, timestamp: new Date().toISOString() };
        },
        signal,
      ),
  );
};
