import { Command, CommanderError } from "commander";
import { VERSION } from "../swarm/version.ts";
import { ExitCode, exitCodeOf, tellError } from "./failure.ts";

const EXAMPLES = `
Examples:
  $ stigmergy memory store api/users '{"get":"/users/:id"}' --namespace shop
  $ stigmergy memory search "where is the user endpoint"
  $ stigmergy memory search 'api/*' --json
  $ stigmergy status
  $ stigmergy agent spawn backend-dev --task 'Implement the user service'
  $ stigmergy wasm optimize
  $ claude mcp add stigmergy -- npx -y stigmergy mcp start

The store is the folder given by --path, else STIGMERGY_PATH, else the nearest .stigmergy in this
folder or one above it, else a new .stigmergy here.

Exit codes: 0 done, 1 failed, unhealthy or not found, 2 wrong use.`;

type AddCommands = (program: Command, finish: (code: ExitCode) => void) => void;

/** Each family of commands, loaded when it is used: hooks run at every prompt of a user's day. */
const FAMILIES: Readonly<Record<string, () => Promise<AddCommands>>> = {
  status: async () => (await import("./commands/status.ts")).addStatusCommand,
  mcp: async () => (await import("./commands/mcp.ts")).addMcpCommands,
  memory: async () => (await import("./commands/memory.ts")).addMemoryCommands,
  neural: async () => (await import("./commands/neural.ts")).addNeuralCommands,
  agent: async () => (await import("./commands/agent.ts")).addAgentCommands,
  benchmark: async () => (await import("./commands/benchmark.ts")).addBenchmarkCommands,
  wasm: async () => (await import("./commands/wasm.ts")).addWasmCommands,
  hooks: async () => (await import("./commands/hooks.ts")).addHooksCommands,
};

/** Runs a command line and returns the code to exit with. Everything said goes to stdout, or, when it is an error, to stderr. */
export async function run(args: readonly string[]): Promise<number> {
  let exitCode: number = ExitCode.done;
  const program = new Command("stigmergy")
    .description("Shared memory, vector search and MCP tools for swarms of agents.")
    .version(VERSION, "--version", "print the version")
    .helpOption("-h, --help", "print help")
    .addHelpText("after", EXAMPLES)
    .showHelpAfterError(
      "(add --help for the ways to use this; what begins with - and is no option stands after --)",
    )
    .exitOverride();
  const finish = (code: ExitCode): void => {
    exitCode = code;
  };
  const named = Object.hasOwn(FAMILIES, args[0] ?? "") ? [args[0]] : Object.keys(FAMILIES);
  for (const family of named) (await FAMILIES[family]())(program, finish);
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    // Commander has already told its own; help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ExitCode.wrongUse;
    tellError(error, args.includes("--json"));
    return exitCodeOf(error);
  }
  return exitCode;
}
