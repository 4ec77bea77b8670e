import * as z from "zod";
import { StigmergyError } from "../../errors.ts";
import { measuredAgents, measuredAnswer } from "../answer/agent-answer.ts";
import { answerOrError } from "../answer/answer.ts";
import { isoTime } from "../answer/entry-answer.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Measure agents",
  description:
    "Returns what recorded outcomes say of each live agent, or of one: tasks, share that succeeded, median duration in ms, the same by kind of task and since its last start, and its restarts. Measured from the newest 10,000 outcomes; null where nothing was recorded, as for an agent without outcomes. problems tells of outcomes that could not be read and were left out. Changes nothing.",
  inputSchema: z.strictObject({
    agentId: z.string().optional().describe("Only this agent, also a stopped one"),
    metric: z
      .string()
      .optional()
      .describe("all, tasks, performance or success; of an agent's cpu or memory nothing is known"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    agents: z.array(z.looseObject({ agentId: z.string(), tasks: z.int() })),
    count: z.int(),
    timestamp: z.string(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

const METRICS = ["all", "tasks", "performance", "success"];

/** agent_metrics: how agents have done. */
export const registerAgentMetrics: RegisterTool = (server, { memory, log }) => {
  server.registerTool("agent_metrics", config, ({ agentId, metric = "all" }) =>
    answerOrError("agent_metrics", log, async () => {
      if (!METRICS.includes(metric)) {
        throw new StigmergyError(
          "NOT_SUPPORTED",
          `metric: expected ${METRICS.join(", ")}, received ${JSON.stringify(metric.slice(0, 60))}; agents run in their clients, which alone know what processor and memory they use`,
        );
      }
      const { agents: some, measured, problems } = await measuredAgents(memory, agentId);
      const agents = some.map(({ id, type, status, restarts, load, capacity, heartbeatAt }) => ({
        agentId: id,
        type,
        status,
        load,
        capacity,
        ...measuredAnswer(measured.get(id)),
        restarts: restarts.length,
        lastHeartbeat: isoTime(heartbeatAt),
      }));
      const timestamp = new Date().toISOString();
      return { success: true, agents, count: agents.length, ...problems, timestamp };
    }),
  );
};
