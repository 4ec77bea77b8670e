import * as z from "zod";
import { agentAnswer, agentsOf, agentTypesOf } from "../answer/agent-answer.ts";
import { answerOrError } from "../answer/answer.ts";
import { AS_DATA } from "../answer/entry-answer.ts";
import type { RegisterTool } from "./tool.ts";

const STATUSES = [
  ...(["all", "active", "idle", "busy", "stale", "restarting", "stopped", "terminated"] as const),
] as const;

const config = {
  title: "List live agents",
  description:
    "Returns the live agents of this project, whichever process registered them, in the order of their start: type, status (idle, busy, stale after too long without a sign of life, restarting, stopped), tasks in hand and capacity. active is all but stale and stopped ones. Changes nothing; an empty list when there are none.",
  inputSchema: z.strictObject({
    status: z.enum(STATUSES).optional().describe("Only those; default all that are not stopped"),
    filter: z.enum(STATUSES).optional().describe("The same as status"),
    type: z.string().optional().describe("Only those of this type"),
    swarmId: z.string().optional().describe("Only those with this label"),
    domain: z.string().optional().describe("Only those with this domain"),
    limit: z.number().int().positive().optional().describe("Most of them; default 1,000"),
    includeTerminated: z.boolean().optional().describe("Stopped ones, too; default false"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    agents: z.array(z.looseObject({ agentId: z.string(), type: z.string(), status: z.string() })),
    count: z.int(),
    timestamp: z.string(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

/** agent_list: who there is. */
export const registerAgentList: RegisterTool = (server, { memory, log }) => {
  server.registerTool("agent_list", config, (input) =>
    answerOrError("agent_list", log, async () => {
      const { filter = "all", status = filter, type, swarmId, domain, limit = 1000 } = input;
      const wantsStopped = ["stopped", "terminated"].includes(status);
      const stopped = (input.includeTerminated ?? false) || wantsStopped;
      const types = await agentTypesOf(memory);
      const typeName = type === undefined ? undefined : (types.find(type)?.name ?? type);
      const all = await (await agentsOf(memory)).list({ stopped });
      const found = all.filter(
        (agent) =>
          isOf(status, agent.status) &&
          (typeName === undefined || agent.type === typeName) &&
          (swarmId === undefined || agent.swarm === swarmId) &&
          (domain === undefined || agent.metadata?.domain === domain),
      );
      const agents = found.slice(0, limit).map((agent) => agentAnswer(agent, types));
      return {
        success: true,
        ...AS_DATA,
        agents,
        count: agents.length,
        total: found.length,
        timestamp: new Date().toISOString(),
      };
    }),
  );
};

function isOf(wanted: (typeof STATUSES)[number], status: string): boolean {
  if (wanted === "all") return true;
  if (wanted === "active") return ["idle", "busy", "restarting"].includes(status);
  return status === (wanted === "terminated" ? "stopped" : wanted);
}
