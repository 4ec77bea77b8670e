import * as z from "zod";
import { answerOrError } from "../answer/answer.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Record what came of a task",
  description:
    "Records whether an agent's task succeeded. Later plans (agent_assign), figures (agent_metrics) and restarts go by what was recorded; a model of outcomes learns it at once where there is one: learned tells whether. Record failures, too: success is what was checked, not what was meant.",
  inputSchema: z.strictObject({
    task: z.string().describe("What was to be done, in words"),
    agentId: z.string().describe("Who did it: an agent's id, or a type"),
    type: z.string().optional().describe("The agent's type; default what is known of the id"),
    success: z
      .union([z.boolean(), z.number()], { error: "expected true, false, or 0 to 1" })
      .describe("Whether it succeeded, or how far: 0 to 1"),
    durationMs: z.number().min(0).optional().describe("How long it took"),
    kind: z.string().optional().describe("What kind of task it was, as review"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    outcomeId: z.int(),
    learned: z.boolean(),
    note: z
      .string()
      .optional()
      .describe("Told when no agent, type or earlier outcome has the name that was given"),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: false,
  },
};

/** agent_outcome: an outcome recorded. */
export const registerAgentOutcome: RegisterTool = (server, { memory, log }) => {
  server.registerTool("agent_outcome", config, ({ agentId: agent, task: text, ...told }) =>
    answerOrError("agent_outcome", log, async () => {
      const { recordTask } = await import("../../swarm/task-outcomes.ts");
      const recorded = await recordTask(memory, { agent, text, ...told });
      return { success: true, recorded: true, ...recorded, timestamp: new Date().toISOString() };
    }),
  );
};
