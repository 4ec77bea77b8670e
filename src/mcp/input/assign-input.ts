import * as z from "zod";
import type { AgentTask, AssignableAgent } from "../../agents/matching/assignment-plan.ts";
import { StigmergyError } from "../../errors.ts";
import { present } from "../answer/entry-answer.ts";
import { textOrObject } from "./text-or-object.ts";

// Tasks and agents as calls and files give them: texts, or objects whose names other systems use, too.

const taskObject = z.looseObject({
  id: z.string().optional().describe("Default task-1, task-2, …"),
  text: z.string().optional().describe("What is to be done, in words; also description or task"),
  needs: z
    .array(z.string())
    .optional()
    .describe("Capabilities, skills or types that whoever does it must have, all of them"),
  size: z.number().optional().describe("How much of a capacity it takes; default 1"),
  deadline: z
    .union([z.string(), z.number()], { error: "expected a date or a number" })
    .optional()
    .describe("When it must be done: a date, or milliseconds since 1970"),
});

/** Tasks of a call. */
export const tasksField = z
  .array(textOrObject(taskObject))
  .max(100_000)
  .describe("Texts, or objects {id, text, needs, size, deadline}");

const agentObject = z.looseObject({
  id: z.string().describe("Id of the agent"),
  type: z.string().describe("Agent type, or any word when skills or a description say more"),
  capacity: z
    .number()
    .optional()
    .describe("Sizes of tasks in sum; default the call's, else no limit"),
  skills: z.array(z.string()).optional().describe("What it can do besides; also capabilities"),
  description: z.string().optional().describe("What it is good at, in words"),
  load: z.number().optional().describe("How busy it is, 0 to 1"),
  price: z.number().optional().describe("What its work costs, in any unit"),
});

/** Agents of a call. */
export const agentsField = z
  .array(textOrObject(agentObject))
  .max(1000)
  .describe("Ids of live agents, names of types, or objects {id, type, capacity, skills}");

/** Tasks as they are assigned. @throws {StigmergyError} INVALID_INPUT */
export function tasksOf(given: z.infer<typeof tasksField>): AgentTask[] {
  return given.map((each, i) => {
    if (typeof each === "string") return { id: `task-${i + 1}`, text: each };
    const { id = `task-${i + 1}`, text, description, task, needs, size, deadline } = each;
    const words = text ?? description ?? task;
    return {
      id,
      text: typeof words === "string" ? words : "",
      ...present({ needs, size, deadline: momentOf(`tasks[${i}].deadline`, deadline) }),
    };
  });
}

/** Agents as tasks are assigned to them. */
export function agentsGiven(
  given: z.infer<typeof agentsField> | undefined,
): (string | AssignableAgent)[] | undefined {
  return given?.map((each) => {
    if (typeof each === "string") return each;
    const { id, type, capacity, skills, capabilities, description, load, price } = each;
    const all = Array.isArray(capabilities)
      ? [...(skills ?? []), ...capabilities.map(String)]
      : skills;
    return { id, type, ...present({ capacity, skills: all, description, load, price }) };
  });
}

function momentOf(what: string, moment: string | number | undefined): number | undefined {
  if (moment === undefined || typeof moment === "number") return moment;
  const time = Date.parse(moment);
  if (!Number.isNaN(time)) return time;
  throw new StigmergyError(
    "INVALID_INPUT",
    `${what}: expected a date, as 2026-01-31T12:00:00Z, received ${JSON.stringify(moment.slice(0, 60))}`,
  );
}
