import * as z from "zod";
import { agentAnswer, agentsOf, agentTypesOf, measuredAnswer } from "../answer/agent-answer.ts";
import { agentIdField } from "../input/agent-input.ts";
import { answerOrError } from "../answer/answer.ts";
import { AS_DATA } from "../answer/entry-answer.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Tell of an agent",
  description:
    "Returns all that is known of one agent, also of a stopped one: type, status, load, restarts with their reasons, and what recorded outcomes say of its work. Changes nothing; an unknown id is an error.",
  inputSchema: z.strictObject({ agentId: agentIdField }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    agentId: z.string(),
    status: z.string(),
    timestamp: z.string(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

/** agent_status: all of one agent. */
export const registerAgentStatus: RegisterTool = (server, { memory, log }) => {
  server.registerTool("agent_status", config, ({ agentId }) =>
    answerOrError("agent_status", log, async () => {
      const registry = await agentsOf(memory);
      const agent = await registry.get(agentId);
      const measured = (await registry.measure([agent])).get(agentId);
      return {
        success: true,
        ...AS_DATA,
        ...agentAnswer(agent, await agentTypesOf(memory)),
        metrics: measuredAnswer(measured),
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
