import { messageOf, StigmergyError } from "../errors.ts";

/** What the process exits with. */
export const ExitCode = { done: 0, failed: 1, wrongUse: 2 } as const;
/** One of the values of `ExitCode`. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

const WRONG_USE = new Set(["INVALID_INPUT", "INVALID_SETTING", "TOO_LARGE", "NOT_SUPPORTED"]);

/** Tells an error in one line, with its code and its way out; under --json also as an object. */
export function tellError(error: unknown, json: boolean): void {
  const code = error instanceof StigmergyError ? error.code : "INTERNAL";
  const message = messageOf(error);
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  process.stderr.write(`stigmergy: ${code}: ${message.replaceAll(/\s*\n\s*/g, " ")}\n`);
  if (code === "INTERNAL" && process.env.STIGMERGY_DEBUG !== undefined && error instanceof Error) {
    process.stderr.write(`${error.stack}\n`);
  }
}

/** The code to exit with after an error. */
export function exitCodeOf(error: unknown): ExitCode {
  const isWrongUse = error instanceof StigmergyError && WRONG_USE.has(error.code);
  return isWrongUse ? ExitCode.wrongUse : ExitCode.failed;
}
