import * as z from "zod";
import { answerOrError } from "../answer/answer.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Choose agents for a project",
  description:
    "Returns which agent types and which topology suit a project: what kind of project its words are most like, how sure that is (0 to 1), primary and support types, and why. Recorded outcomes of similar projects (neural_patterns learn with topology and agents) override what is usual: learned tells how. Starts nothing.",
  inputSchema: z.strictObject({
    description: z.string().describe("The project, in words"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    project: z.string(),
    confidence: z.number(),
    primary: z.array(z.string()),
    support: z.array(z.string()),
    topology: z.string(),
    why: z.string(),
    timestamp: z.string(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

/** agent_select: a team for a project. */
export const registerAgentSelect: RegisterTool = (server, { memory, log }) => {
  server.registerTool("agent_select", config, ({ description }) =>
    answerOrError("agent_select", log, async () => {
      const { selectTeam } = await import("../../swarm/assignment.ts");
      const team = await selectTeam(memory, description);
      return { success: true, ...team, timestamp: new Date().toISOString() };
    }),
  );
};
