import * as z from "zod";
import { agentAnswer, agentsOf, agentTypesOf, linesFor } from "../answer/agent-answer.ts";
import { answerOrError } from "../answer/answer.ts";
import { spawnFields, spawnRequestOf } from "../input/spawn-input.ts";
import type { RegisterTool } from "./tool.ts";

const PRIORITIES = ["critical", "high", "medium", "low"] as const;
const MOST_AT_ONCE = 1000;
const count = z.number().int().positive();

const config = {
  title: "Register several agents",
  description:
    "Registers several live agents in one step, all or none, and returns lines: ready Task calls, the most urgent first, which the client issues in one message so that they run at once. batches are the same lines by message, where maxConcurrency or batchSize ask for fewer at a time. What is wrong with one is an error that names it, and none is registered.",
  inputSchema: z.strictObject({
    agents: z
      .array(
        z.strictObject({
          ...spawnFields,
          priority: z
            .enum(PRIORITIES)
            .optional()
            .describe("Which lines come first; default medium"),
        }),
      )
      .min(1)
      .max(MOST_AT_ONCE)
      .describe("The agents, each as agent_spawn takes one"),
    maxConcurrency: count.optional().describe("Most lines in one message; default all"),
    batchSize: count.optional().describe("The same; the smaller of both counts"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    agents: z.array(z.looseObject({ agentId: z.string(), type: z.string() })),
    count: z.int(),
    lines: z.array(z.string()),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: false,
  },
};

/** agents_spawn_parallel: several live agents, and the lines that start them together. */
export const registerAgentsSpawnParallel: RegisterTool = (server, { memory, log, root }) => {
  server.registerTool("agents_spawn_parallel", config, (input) =>
    answerOrError("agents_spawn_parallel", log, async () => {
      const { agents: asked, maxConcurrency, batchSize } = input;
      const types = await agentTypesOf(memory);
      const requests = asked.map(({ priority: _priority, task: _task, ...each }) =>
        spawnRequestOf(each),
      );
      const agents = await (await agentsOf(memory)).spawn(types, requests);
      const urgency = asked.map(({ priority = "medium" }) => PRIORITIES.indexOf(priority));
      const ordered = agents
        .map((agent, i) => ({ agent, task: asked[i].task, urgency: urgency[i] }))
        .sort((a, b) => a.urgency - b.urgency);
      const { lines, ...more } = linesFor(root, ordered);
      const size = Math.min(maxConcurrency ?? lines.length, batchSize ?? lines.length);
      const told = agents.map((agent) => agentAnswer(agent, types));
      return {
        success: true,
        agentsSpawned: agents.length,
        count: agents.length,
        agents: told,
        lines,
        batches: batchesOf(lines, size),
        ...more,
        persisted: true,
        timestamp: new Date().toISOString(),
      };
    }),
  );
};

function batchesOf(lines: readonly string[], size: number): string[][] {
  const starts = Array.from({ length: Math.ceil(lines.length / size) }, (_, i) => i * size);
  return starts.map((start) => lines.slice(start, start + size));
}
