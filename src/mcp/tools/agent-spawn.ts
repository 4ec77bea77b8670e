import * as z from "zod";
import { agentAnswer, agentsOf, agentTypesOf, linesFor } from "../answer/agent-answer.ts";
import { answerOrError } from "../answer/answer.ts";
import { spawnFields, spawnRequestOf } from "../input/spawn-input.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Register an agent",
  description:
    "Registers a live agent of a type (agent_types lists them; older names such as analyst or coordinator are understood), for all who share this project. A name that is no type needs a description or capabilities. Starts no process: line is the Task call that has a sub-agent of the client's work as it. An unknown type is an error with the nearest names; so are an id in use and too many agents.",
  inputSchema: z.strictObject(spawnFields),
  outputSchema: z.looseObject({
    success: z.literal(true),
    agentId: z.string(),
    type: z.string(),
    status: z.string(),
    line: z.string(),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: false,
  },
};

/** agent_spawn: one live agent more. */
export const registerAgentSpawn: RegisterTool = (server, { memory, log, root }) => {
  server.registerTool("agent_spawn", config, ({ task, ...input }) =>
    answerOrError("agent_spawn", log, async () => {
      const request = spawnRequestOf(input);
      const types = await agentTypesOf(memory);
      const [agent] = await (await agentsOf(memory)).spawn(types, [request]);
      const { lines, ...more } = linesFor(root, [{ agent, task }]);
      return {
        success: true,
        ...agentAnswer(agent, types),
        isOfCatalog: types.find(agent.type) !== undefined,
        persisted: true,
        line: lines[0],
        ...more,
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
