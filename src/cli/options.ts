import { InvalidArgumentError, type Command } from "commander";
import { StigmergyError } from "../errors.ts";

const MOST_COUNT = 2 ** 31 - 1;

/** A command on the store: with the options that all of them take. */
export function storeCommand(parent: Command, usage: string, description: string): Command {
  return parent
    .command(usage)
    .description(description)
    .option("--path <folder>", "folder of the store")
    .option("--json", "print JSON");
}

/** As `storeCommand`, on one part of the memory. */
export function entryCommand(parent: Command, usage: string, description: string): Command {
  return storeCommand(parent, usage, description).option(
    "--namespace <name>",
    "part of the memory",
  );
}

/** The examples at the end of a command's help. */
export function examples(...lines: string[]): string {
  const title = lines.length === 1 ? "Example" : "Examples";
  return `\n${title}:\n${lines.map((line) => `  $ ${line}`).join("\n")}`;
}

/** An option's number. @throws {InvalidArgumentError} */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) {
    throw new InvalidArgumentError("expected a number");
  }
  return value;
}

/** An option's count, from 1. @throws {InvalidArgumentError} */
export function count(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1 || value > MOST_COUNT) {
    throw new InvalidArgumentError("expected a whole number from 1");
  }
  return value;
}

/** An option's date, in milliseconds since 1970. @throws {InvalidArgumentError} */
export function moment(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError("expected a date, as 2026-01-31");
  return time;
}

/** Words with commas between them. */
export function list(text: string): string[] {
  return text
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
}

/** Reads an option's JSON. @throws {StigmergyError} INVALID_INPUT, which names the option */
export function jsonOption(name: string): (text: string) => unknown {
  return (text) => {
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new StigmergyError("INVALID_INPUT", `${name}: expected JSON`, { cause });
    }
  };
}
