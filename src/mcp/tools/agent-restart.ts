import * as z from "zod";
import { StigmergyError } from "../../errors.ts";
import { agentsOf } from "../answer/agent-answer.ts";
import { answerOrError } from "../answer/answer.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Restart agents",
  description:
    "Has agents begin again: one by its id, or those whose measured success since their start is below performanceThreshold, or the stale ones. A restart ends the agent's claims and removes its notes; its client hears of it at the next agent_heartbeat. Returns for each agent that was looked at whether it was restarted, and why or why not: too few outcomes, or its own policy.",
  inputSchema: z.strictObject({
    agentId: z.string().optional().describe("Only this one, whatever its policy"),
    performanceThreshold: z.number().optional().describe("Success rate, 0 to 1"),
    minTasks: z.number().optional().describe("Outcomes since its start to be judged by; default 5"),
    stale: z.boolean().optional().describe("Those without a sign of life; default false"),
    dryRun: z.boolean().optional().describe("Only tell what would be done; default false"),
    reason: z.string().max(1000).optional().describe("Why, with agentId; kept with the agent"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    agents: z.array(
      z.looseObject({ agentId: z.string(), restarted: z.boolean(), why: z.string() }),
    ),
    restarted: z.int(),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: false,
  },
};

/** agent_restart: agents begin again. */
export const registerAgentRestart: RegisterTool = (server, { memory, log }) => {
  server.registerTool("agent_restart", config, ({ agentId, reason, ...rest }) =>
    answerOrError("agent_restart", log, async () => {
      const { performanceThreshold: threshold, minTasks, stale, dryRun = false } = rest;
      const registry = await agentsOf(memory);
      const timestamp = new Date().toISOString();
      if (agentId !== undefined) {
        if (threshold !== undefined || stale === true || dryRun) {
          throw new StigmergyError("INVALID_INPUT", "restart: expected agentId alone, or none");
        }
        const why = reason ?? "asked to";
        const { agent, claims, notes, by } = await registry.restart(agentId, why);
        const told = { agentId, restarted: true, why, starts: agent.starts, by };
        const agents = [{ ...told, claimsEnded: claims, notes }];
        return { success: true, agents, restarted: 1, dryRun, timestamp };
      }
      const done = await registry.restartMany({ threshold, minTasks, stale, dryRun });
      const agents = done.map(({ agent, isChosen, reason: why, successRate, tasks, ended }) => ({
        agentId: agent.id,
        type: agent.type,
        restarted: ended !== undefined,
        why,
        wouldRestart: isChosen,
        successRate,
        tasks,
        ...(ended === undefined
          ? {}
          : { starts: ended.agent.starts, by: ended.by, claimsEnded: ended.claims }),
      }));
      const restarted = agents.filter((each) => each.restarted).length;
      return { success: true, agents, restarted, dryRun, timestamp };
    }),
  );
};
