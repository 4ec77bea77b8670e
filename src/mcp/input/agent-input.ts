import * as z from "zod";

/** The id of an agent. */
export const agentIdField = z.string().describe("Id of the agent, as spawning it told");
