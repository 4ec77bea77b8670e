import * as z from "zod";
import { TOPOLOGIES } from "../../agents/matching/topology.ts";
import { answerOrError } from "../answer/answer.ts";
import { agentsField, agentsGiven, tasksField, tasksOf } from "../input/assign-input.ts";
import { planAnswer } from "../answer/plan-answer.ts";
import type { RegisterTool } from "./tool.ts";

/** What calls answer that make a plan. */
const planSchema = z.looseObject({
  success: z.literal(true),
  assignments: z.array(
    z.looseObject({
      task: z.string(),
      agent: z.string(),
      expectedSuccess: z.number(),
      cost: z.number(),
      why: z.string(),
    }),
  ),
  unassigned: z.array(z.looseObject({ task: z.string(), why: z.string() })),
  totalCost: z.number(),
  gap: z.number(),
  lines: z.array(z.string()),
  timestamp: z.string(),
});

const config = {
  title: "Assign tasks to agents",
  description:
    "Returns who should do which task at the least expected cost, in the order of the tasks: expected success, cost, the reason in plain words and the next best; and why a task has nobody. Expected success comes from the words of agents and from recorded outcomes (agent_outcome records them). gap is how far the plan may be from the best, 0 is proven best. lines are the Task calls that start the agents, one each, to be issued in one message. problems tells of outcomes that could not be read and were left out. Others are answered meanwhile; cancelling ends it. Starts and records nothing.",
  inputSchema: z.strictObject({
    tasks: tasksField,
    agents: agentsField.optional().describe("Default the live agents"),
    swarmId: z.string().optional().describe("Only live agents with this label"),
    capacity: z
      .number()
      .optional()
      .describe("Sizes of tasks in sum for each agent without a capacity of its own"),
    topology: z
      .enum(TOPOLOGIES)
      .optional()
      .describe(
        "mesh (default): anybody anything; hierarchical and star: leads coordinate, others work; ring: tasks are handed on in the order of the agents",
      ),
    previous: z
      .array(z.looseObject({ task: z.string(), agent: z.string() }))
      .max(100_000)
      .optional()
      .describe("Assignments in force, which are changed only where that gains enough"),
    balance: z.boolean().optional().describe("Whether nobody gets more than a fair share"),
    explore: z
      .boolean()
      .optional()
      .describe("Whether little-known agents are tried, so that it is learned who is good"),
    explain: z.boolean().optional().describe("Whether the parts of every cost are told"),
    seed: z.number().optional().describe("Same seed, same plan; default 1"),
  }),
  outputSchema: planSchema,
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

/** agent_assign: who should do what, and why. */
export const registerAgentAssign: RegisterTool = (server, { memory, log, root }) => {
  server.registerTool("agent_assign", config, (input, { mcpReq: { signal: called } }) => {
    const work = async (): Promise<Record<string, unknown>> => {
      const { assignTasks } = await import("../../swarm/assignment.ts");
      const { capacity, topology, balance, explore, explain, seed, swarmId: swarm } = input;
      const tasks = tasksOf(input.tasks);
      const planned = await assignTasks(memory, {
        tasks,
        agents: agentsGiven(input.agents),
        swarm,
        capacity,
        topology,
        balance,
        explore,
        explain,
        seed,
        previous: previousPlan(input.previous),
        signal: called,
      });
      const told = planAnswer(root, planned, tasks);
      return { success: true, ...told, timestamp: new Date().toISOString() };
    };
    return answerOrError("agent_assign", log, work, called);
  });
};

/** A plan of which only is known who has what. */
function previousPlan(
  pairs: readonly { readonly task: string; readonly agent: string }[] | undefined,
) {
  if (pairs === undefined) return undefined;
  const nothing = { expectedSuccess: 0, cost: 0, why: "", alternatives: [] };
  return {
    assignments: pairs.map(({ task, agent }) => ({ task, agent, ...nothing })),
    unassigned: [],
    totalCost: 0,
    gap: 0,
    topology: "mesh" as const,
    moved: [],
    learned: { outcomes: 0, calibrationError: null },
  };
}
