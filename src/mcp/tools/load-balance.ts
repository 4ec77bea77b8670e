import * as z from "zod";
import { agentsOf } from "../answer/agent-answer.ts";
import { answerOrError } from "../answer/answer.ts";
import { tasksField, tasksOf } from "../input/assign-input.ts";
import { planAnswer } from "../answer/plan-answer.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Balance load among agents",
  description:
    "Shares tasks out among the live agents so that nobody gets more than a fair share of what is free, and each task goes to whoever is expected to do it best within that; answers as agent_assign does. Without tasks it returns how loaded the live agents are. Starts and records nothing.",
  inputSchema: z.strictObject({
    tasks: tasksField.optional(),
    swarmId: z.string().optional().describe("Only live agents with this label"),
  }),
  outputSchema: z.looseObject({ success: z.literal(true), timestamp: z.string() }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

/** load_balance: tasks shared out evenly, or how loaded agents are. */
export const registerLoadBalance: RegisterTool = (server, { memory, log, root }) => {
  server.registerTool(
    "load_balance",
    config,
    ({ tasks: given = [], swarmId: swarm }, { mcpReq }) => {
      const work = async (): Promise<Record<string, unknown>> => {
        const timestamp = new Date().toISOString();
        if (given.length === 0) {
          const all = await (await agentsOf(memory)).list();
          const agents = all.filter((agent) => swarm === undefined || agent.swarm === swarm);
          const loads = agents.map(({ id, type, status, load, capacity }) => ({
            agent: id,
            type,
            status,
            load,
            capacity,
            free: Math.max(0, capacity - load),
          }));
          return { success: true, loads, count: loads.length, timestamp };
        }
        const { assignTasks } = await import("../../swarm/assignment.ts");
        const tasks = tasksOf(given);
        const { signal } = mcpReq;
        const planned = await assignTasks(memory, { tasks, swarm, balance: true, signal });
        return { success: true, ...planAnswer(root, planned, tasks), timestamp };
      };
      return answerOrError("load_balance", log, work, mcpReq.signal);
    },
  );
};
