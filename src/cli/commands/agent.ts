import type { Command } from "commander";
import type { ExitCode } from "../failure.ts";
import { addAgentAssign } from "./agent-assign.ts";
import { addAgentLife } from "./agent-life.ts";
import { addAgentTypes } from "./agent-types.ts";

/** `stigmergy agent …`, who can do what, and who is doing it. */
export function addAgentCommands(program: Command, finish: (code: ExitCode) => void): void {
  const agent = program
    .command("agent")
    .description("agent types, and the live agents of a project");
  addAgentTypes(agent, finish);
  addAgentLife(agent, finish);
  addAgentAssign(agent, finish);
}
