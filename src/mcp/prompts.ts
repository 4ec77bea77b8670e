import { ProtocolError, ProtocolErrorCode, type McpServer } from "@modelcontextprotocol/server";
import { StigmergyError } from "../errors.ts";
import { agentTypesOf } from "./answer/agent-answer.ts";
import type { ServerContext } from "./tools/tool.ts";

const TASK = {
  name: "task",
  description: "What the agent is to do, put after its role",
  required: false,
};

/**
 * The role prompts of all agent types as MCP prompts. Types are read when they are asked for: a server
 * starts without them, and a project's files may change while it runs.
 */
export function registerRolePrompts({ server }: McpServer, { memory }: ServerContext): void {
  server.registerCapabilities({ prompts: {} });
  server.setRequestHandler("prompts/list", async () => {
    const types = (await agentTypesOf(memory)).list();
    return {
      prompts: types.map(({ name, description }) => ({ name, description, arguments: [TASK] })),
    };
  });
  server.setRequestHandler("prompts/get", async ({ params }) => {
    const types = await agentTypesOf(memory);
    try {
      const type = types.get(params.name);
      const task = params.arguments?.task?.trim();
      const asked = task === undefined || task === "" ? "" : `\n## Your task\n\n${task}\n`;
      const text = `${types.rolePrompt(type.name)}${asked}`;
      return {
        description: type.description,
        messages: [{ role: "user" as const, content: { type: "text" as const, text } }],
      };
    } catch (error) {
      if (!(error instanceof StigmergyError)) throw error;
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
    }
  });
}
