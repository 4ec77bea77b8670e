import { Option, type Command } from "commander";
import { LOG_LEVELS, logLevelSetting, type LogLevel } from "../../mcp/session/log.ts";
import { booleanSetting } from "../../util/settings.ts";
import { actingAgent } from "../open-store.ts";
import { storePath } from "../store-path.ts";

const UNREAD_MS = 1000; // that a client has for reading its last answers

interface StartOptions {
  readonly path?: string;
  readonly agent?: string;
  readonly logLevel?: LogLevel;
  readonly traceCoordination?: true;
  readonly backups?: boolean;
  readonly backupsCopyTo?: string;
}

/** `stigmergy mcp …` */
export function addMcpCommands(program: Command): void {
  const mcp = program.command("mcp").description("the MCP server");
  mcp
    .command("start")
    .description("serve MCP on stdin and stdout until stdin closes")
    .option("--path <folder>", "folder of the store")
    .option(
      "--agent <name>",
      "whose name and rights count; default STIGMERGY_AGENT, else mcp:<name of the client>",
    )
    .addOption(
      new Option(
        "--log-level <level>",
        "how much to tell on stderr; default STIGMERGY_LOG_LEVEL, else error",
      ).choices(LOG_LEVELS),
    )
    .option(
      "--backups",
      "make a backup every hour, kept for 30 days; default STIGMERGY_BACKUPS, else not",
    )
    .option(
      "--backups-copy-to <folder>",
      "a second folder for each backup; default STIGMERGY_BACKUPS_COPY_TO",
    )
    .option("--trace-coordination", "tell every tool call on stderr: the same as --log-level debug")
    .addHelpText("after", "\nExample:\n  $ claude mcp add stigmergy -- npx -y stigmergy mcp start")
    .action(async (options: StartOptions) => {
      const { serveOnStdio } = await import("../../mcp/stdio.ts");
      const asked = options.traceCoordination ? "debug" : options.logLevel;
      const logLevel = asked ?? logLevelSetting() ?? "error";
      const agent = options.agent ?? actingAgent();
      const copyTo = options.backupsCopyTo ?? process.env.STIGMERGY_BACKUPS_COPY_TO;
      const isAsked = options.backups ?? booleanSetting(process.env, "STIGMERGY_BACKUPS");
      const backups = isAsked === true || copyTo ? { copyTo: copyTo || undefined } : undefined;
      try {
        await serveOnStdio({ path: storePath(options.path), agent, logLevel, backups });
      } finally {
        // Answers that nobody reads do not keep the process.
        setTimeout(() => process.exit(), UNREAD_MS).unref();
      }
    });
}
