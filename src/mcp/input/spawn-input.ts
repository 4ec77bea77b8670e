import * as z from "zod";
import type { SpawnRequest } from "../../agents/registry/spawn-request.ts";
import { StigmergyError } from "../../errors.ts";

/** What every call takes that starts an agent. */
export const spawnFields = {
  type: z
    .string()
    .optional()
    .describe(
      "Agent type: of agent_types, or any other name when description or capabilities say what it means",
    ),
  agentType: z.string().optional().describe("The same as type"),
  name: z.string().optional().describe("What people see; default the id"),
  agentId: z
    .string()
    .optional()
    .describe("Its own id: letters, digits and _ . : @ -; default of its type and chance"),
  capabilities: z
    .array(z.string())
    .optional()
    .describe("What it can do beside what its type can, in any words"),
  description: z.string().optional().describe("What an agent of a type of its own is good at"),
  capacity: z.number().optional().describe("Tasks that it can have in hand at once; default 1"),
  restart: z
    .strictObject({
      when: z.enum(["always", "on-failure", "never"]).optional(),
      most: z.number().optional(),
      withinSeconds: z.number().optional(),
    })
    .optional()
    .describe("When it is restarted by itself; default on-failure, at most 5 times in 300 s"),
  task: z.string().optional().describe("Its first task, which the line to issue carries"),
  swarmId: z.string().optional().describe("A label, by which agents are listed together"),
  domain: z.string().optional().describe("A label that is kept with it"),
  model: z
    .string()
    .optional()
    .describe("The model that its client is to run it with; kept with it"),
  config: z.record(z.string(), z.unknown()).optional().describe("Anything else to keep with it"),
  memoryBase: z.string().optional().describe("Not supported: agents share the project's memory"),
  memoryDimension: z.number().optional().describe("Not supported, as memoryBase"),
};

const spawnObject = z.strictObject(spawnFields);

/** A call's fields as a request. @throws {StigmergyError} INVALID_INPUT, NOT_SUPPORTED */
export function spawnRequestOf(input: z.infer<typeof spawnObject>): SpawnRequest {
  const { type, agentType = type, agentId, name, capabilities, description, capacity } = input;
  const { restart, swarmId, domain, model, config, memoryBase, memoryDimension } = input;
  if (agentType === undefined || (type !== undefined && type !== agentType)) {
    const received = type === undefined ? "neither" : "two that differ";
    throw new StigmergyError(
      "INVALID_INPUT",
      `agent: expected type or agentType, received ${received}`,
    );
  }
  if (memoryBase !== undefined || memoryDimension !== undefined) {
    throw new StigmergyError(
      "NOT_SUPPORTED",
      "agent: memoryBase and memoryDimension are not supported; agents share the memory of their project",
    );
  }
  const labels = Object.entries({ domain, model, config }).filter(([, each]) => each !== undefined);
  return {
    type: agentType,
    id: agentId,
    name,
    capabilities,
    description,
    capacity,
    restart,
    swarm: swarmId,
    metadata: labels.length === 0 ? undefined : Object.fromEntries(labels),
  };
}
