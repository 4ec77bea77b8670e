import { Option, type Command } from "commander";
import type { LogLevel } from "../../mcp/log.ts";
import { storePath } from "../store-path.ts";

/** `stigmergy mcp …` */
export function addMcpCommands(program: Command): void {
  const mcp = program.command("mcp").description("the MCP server");
  mcp
    .command("start")
    .description("serve MCP on stdin and stdout until stdin closes")
    .option("--path <folder>", "folder of the store")
    .addOption(
      new Option("--log-level <level>", "how much to tell on stderr")
        .choices(["silent", "error", "info", "debug"])
        .env("STIGMERGY_LOG_LEVEL")
        .default("error"),
    )
    .option("--trace-coordination", "tell every tool call on stderr: the same as --log-level debug")
    .addHelpText("after", "\nExample:\n  $ claude mcp add stigmergy -- npx -y stigmergy mcp start")
    .action(async (options: { path?: string; logLevel: LogLevel; traceCoordination?: true }) => {
      const { serveOnStdio } = await import("../../mcp/stdio.ts");
      const logLevel = options.traceCoordination ? "debug" : options.logLevel;
      await serveOnStdio({ path: storePath(options.path), logLevel });
    });
}
