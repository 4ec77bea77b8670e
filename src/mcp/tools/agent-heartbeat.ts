import * as z from "zod";
import { agentsOf } from "../answer/agent-answer.ts";
import { agentIdField } from "../input/agent-input.ts";
import { answerOrError } from "../answer/answer.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Give a sign of life",
  description:
    "An agent says that it lives and how many tasks it has in hand. restart: true means: drop what you do, forget your notes and claims, and begin again by giving this sign with the starts that it answers. stop: true means: end. An agent that gives no sign for ten minutes is listed as stale.",
  inputSchema: z.strictObject({
    agentId: agentIdField,
    load: z.number().optional().describe("Tasks in hand; default as before"),
    starts: z
      .number()
      .int()
      .optional()
      .describe("Which start of the agent you are, as you were told when you began"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    agentId: z.string(),
    status: z.string(),
    starts: z.int(),
    restart: z.boolean(),
    stop: z.boolean(),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
};

/** agent_heartbeat: an agent lives, and hears whether it is to begin again or to end. */
export const registerAgentHeartbeat: RegisterTool = (server, { memory, log }) => {
  server.registerTool("agent_heartbeat", config, ({ agentId, ...beat }) =>
    answerOrError("agent_heartbeat", log, async () => {
      const { agent, restart, stop } = await (await agentsOf(memory)).heartbeat(agentId, beat);
      const { id, status, starts, load } = agent;
      const timestamp = new Date().toISOString();
      return { success: true, agentId: id, status, starts, load, restart, stop, timestamp };
    }),
  );
};
