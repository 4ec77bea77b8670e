import * as z from "zod";
import { healthOf } from "../../agents/registry/agent-health.ts";
import { measuredAgents } from "../answer/agent-answer.ts";
import { answerOrError } from "../answer/answer.ts";
import { isoTime } from "../answer/entry-answer.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Check agents",
  description:
    "Judges each live agent, or one, by its signs of life, its load, and the share of its tasks since its start that succeeded. health is that share (0 without a sign of life, null with fewer than 5 outcomes); healthy is false where something is wrong, and reasons say what. Changes nothing: agent_restart does something about it.",
  inputSchema: z.strictObject({
    agentId: z.string().optional().describe("Only this agent, also a stopped one"),
    threshold: z
      .number()
      .optional()
      .describe("Least success rate of a healthy agent, 0 to 1; default 0.5"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    agents: z.array(
      z.looseObject({
        agentId: z.string(),
        healthy: z.boolean(),
        health: z.number().nullable(),
        reasons: z.array(z.string()),
      }),
    ),
    count: z.int(),
    healthy: z.int(),
    timestamp: z.string(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

/** agent_health: who is well, and why the others are not. */
export const registerAgentHealth: RegisterTool = (server, { memory, log }) => {
  server.registerTool("agent_health", config, ({ agentId, threshold }) =>
    answerOrError("agent_health", log, async () => {
      const { agents: some, measured, problems } = await measuredAgents(memory, agentId);
      const agents = healthOf(some, measured, threshold).map(
        ({ agent: { id, type, status, load, capacity, heartbeatAt }, isHealthy, ...found }) => ({
          agentId: id,
          type,
          status,
          healthy: isHealthy,
          ...found,
          load,
          capacity,
          lastHeartbeat: isoTime(heartbeatAt),
        }),
      );
      const healthy = agents.filter((each) => each.healthy).length;
      const timestamp = new Date().toISOString();
      return { success: true, agents, count: agents.length, healthy, ...problems, timestamp };
    }),
  );
};
