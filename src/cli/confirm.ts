import { createInterface } from "node:readline/promises";
import { StigmergyError } from "../errors.ts";

/**
 * Whether the user agrees, asked on the terminal.
 * @throws {StigmergyError} INVALID_INPUT where there is no terminal to ask on
 */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `${question} expected --yes where nobody can be asked`,
    );
  }
  // On stderr: stdout may be read by a program.
  const dialog = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await dialog.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    dialog.close();
  }
}
