import * as z from "zod";
import { answerOrError } from "../answer/answer.ts";
import { agentsField, agentsGiven } from "../input/assign-input.ts";
import type { RegisterTool } from "./tool.ts";

const MOST_MATCHES = 20;

const config = {
  title: "Match capabilities",
  description:
    "Returns which agents meet requirements, the best first, at most 20: score 0 to 1 (1: has all of them as capabilities, skills or types; words that only fit count at most a half), what is met and what is missing. Without agents the live ones are looked at, and where there are none the agent types: of tells which.",
  inputSchema: z.strictObject({
    task_requirements: z
      .array(z.string())
      .min(1)
      .max(100)
      .describe("Capabilities, skills, types, or any words"),
    available_agents: agentsField.optional(),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    matches: z.array(z.looseObject({ agent: z.string(), score: z.number() })),
    count: z.int(),
    of: z.enum(["agents", "types"]),
    timestamp: z.string(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

/** daa_capability_match: who meets what is asked for. */
export const registerDaaCapabilityMatch: RegisterTool = (server, { memory, log }) => {
  server.registerTool("daa_capability_match", config, ({ task_requirements, available_agents }) =>
    answerOrError("daa_capability_match", log, async () => {
      const { matchAgents } = await import("../../swarm/assignment.ts");
      const { matches, of } = await matchAgents(
        memory,
        task_requirements,
        agentsGiven(available_agents),
      );
      const best = matches.filter(({ score }) => score > 0).slice(0, MOST_MATCHES);
      const complete = best.filter(({ missing }) => missing.length === 0);
      return {
        success: true,
        matches: best,
        count: best.length,
        complete: complete.map(({ agent }) => agent),
        of,
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
