import { booleanSetting, choiceSetting, type Environment } from "../../util/settings.ts";

/** How much is told: each level tells all that the ones before it tell. */
export const LOG_LEVELS = ["silent", "error", "info", "debug"] as const;
/** One of `LOG_LEVELS`. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * The level that the environment asks for: `STIGMERGY_LOG_LEVEL` or `CLAUDE_FLOW_LOG_LEVEL`; all of it
 * where `STIGMERGY_TRACE_ENABLED` or `CLAUDE_FLOW_TRACE_ENABLED` is true.
 * @throws {StigmergyError} INVALID_SETTING, which names the variable
 */
export function logLevelSetting(environment: Environment = process.env): LogLevel | undefined {
  const level =
    choiceSetting(environment, "STIGMERGY_LOG_LEVEL", LOG_LEVELS) ??
    choiceSetting(environment, "CLAUDE_FLOW_LOG_LEVEL", LOG_LEVELS);
  const trace =
    booleanSetting(environment, "STIGMERGY_TRACE_ENABLED") ??
    booleanSetting(environment, "CLAUDE_FLOW_TRACE_ENABLED");
  return trace === true ? "debug" : level;
}

/** Lines for people, on stderr: stdout belongs to the protocol. Never holds stored text. */
export class Log {
  readonly #level: number;
  readonly #write: (line: string) => void;

  constructor(
    level: LogLevel = "error",
    write: (line: string) => void = (line) => process.stderr.write(line),
  ) {
    this.#level = LOG_LEVELS.indexOf(level);
    this.#write = write;
  }

  error(message: string): void {
    this.#tell("error", message);
  }

  info(message: string): void {
    this.#tell("info", message);
  }

  debug(message: string): void {
    this.#tell("debug", message);
  }

  #tell(level: LogLevel, message: string): void {
    if (LOG_LEVELS.indexOf(level) > this.#level) return;
    this.#write(`${new Date().toISOString()} ${level} ${message}\n`);
  }
}
