import * as z from "zod";
import { agentsOf } from "../answer/agent-answer.ts";
import { agentIdField } from "../input/agent-input.ts";
import { answerOrError } from "../answer/answer.ts";
import { present } from "../answer/entry-answer.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Stop an agent",
  description:
    "Stops an agent for good: its claims end and others may take them, its notes are removed, and at its next sign of life it is told to end. An agent with tasks in hand is stopped by force only. Stopping a stopped one again changes nothing.",
  inputSchema: z.strictObject({
    agentId: agentIdField,
    force: z.boolean().optional().describe("Though it has tasks in hand; default false"),
    promoteMemory: z
      .boolean()
      .optional()
      .describe("Keep its notes under agents/<id>/ in the default namespace; default false"),
    reason: z.string().max(1000).optional().describe("Why, which is kept with it"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    agentId: z.string(),
    status: z.string(),
    claimsEnded: z.array(z.string()),
    notes: z.int(),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  },
};

/** agent_terminate: an agent ends. */
export const registerAgentTerminate: RegisterTool = (server, { memory, log }) => {
  server.registerTool("agent_terminate", config, ({ agentId, force, promoteMemory, reason }) =>
    answerOrError("agent_terminate", log, async () => {
      const registry = await agentsOf(memory);
      const ended = await registry.stop(agentId, {
        ...present({ force, promote: promoteMemory, reason }),
      });
      return {
        success: true,
        agentId,
        status: ended.agent.status,
        terminated: true,
        claimsEnded: ended.claims,
        notes: ended.notes,
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
