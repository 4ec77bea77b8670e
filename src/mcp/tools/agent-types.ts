import * as z from "zod";
import { agentTypesOf } from "../answer/agent-answer.ts";
import { answerOrError } from "../answer/answer.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "List agent types",
  description:
    "Returns the agent types of this project, those of the catalogue and its own files in .stigmergy/agents: what each is good at, capabilities, tools, cost class. With type only that one and its role prompt, which an agent of the type follows. problems names files that were left out, by line.",
  inputSchema: z.strictObject({
    type: z.string().optional().describe("Only this type, with its prompt"),
    group: z.string().optional().describe("Only those of this group, as specialized or github"),
    capability: z.string().optional().describe("Only those with this capability"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    types: z.array(z.looseObject({ type: z.string(), description: z.string() })),
    count: z.int(),
    timestamp: z.string(),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
};

/** agent_types: what kinds of agents there are. */
export const registerAgentTypes: RegisterTool = (server, { memory, log }) => {
  server.registerTool("agent_types", config, ({ type: name, group, capability }) =>
    answerOrError("agent_types", log, async () => {
      const types = await agentTypesOf(memory);
      const some = name === undefined ? types.list() : [types.get(name)];
      const ofGroup = group === undefined ? some : types.inGroup(group);
      const able = capability === undefined ? some : types.withCapability(capability);
      const told = some
        .filter((type) => ofGroup.includes(type) && able.includes(type))
        .map((type) => ({
          type: type.name,
          group: type.group,
          description: type.description,
          capabilities: type.capabilities,
          costClass: type.costClass,
          isOwn: types.isOwn(type.name),
          ...(name === undefined ? {} : { tools: type.tools, prompt: types.rolePrompt(type.name) }),
        }));
      return {
        success: true,
        types: told,
        count: told.length,
        problems: types.problems,
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
