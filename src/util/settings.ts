import { StigmergyError } from "../errors.ts";

/** Where settings come from; `process.env` unless a caller passes its own. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The first of several variables that is set, our own name before those of others. */
export function namedSetting(
  environment: Environment,
  names: readonly string[],
): { readonly name: string; readonly text: string } | undefined {
  for (const name of names) {
    const text = environment[name]?.trim();
    if (text !== undefined && text !== "") return { name, text };
  }
  return undefined;
}

/**
 * A yes-or-no setting, or undefined when it is unset or empty.
 * @throws {StigmergyError} INVALID_SETTING for anything but true, false, 1, 0, yes, no, on, off
 */
export function booleanSetting(environment: Environment, name: string): boolean | undefined {
  const text = environment[name]?.trim().toLowerCase();
  if (text === undefined || text === "") return undefined;
  if (["true", "1", "yes", "on"].includes(text)) return true;
  if (["false", "0", "no", "off"].includes(text)) return false;
  throw new StigmergyError(
    "INVALID_SETTING",
    `${name}: expected true or false, received "${text}"`,
  );
}

/**
 * A setting that is one of a few words, or undefined when it is unset or empty.
 * @throws {StigmergyError} INVALID_SETTING for any other word
 */
export function choiceSetting<Choice extends string>(
  environment: Environment,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = environment[name]?.trim().toLowerCase();
  if (text === undefined || text === "") return undefined;
  const choice = choices.find((each) => each === text);
  if (choice !== undefined) return choice;
  throw new StigmergyError(
    "INVALID_SETTING",
    `${name}: expected ${choices.join(", ")}, received "${text}"`,
  );
}

/**
 * A setting that is a whole number from 1 to `most`, by the first of some names that is set.
 * @throws {StigmergyError} INVALID_SETTING for anything else
 */
export function countSetting(
  environment: Environment,
  names: readonly string[],
  fallback: number,
  most: number,
): number {
  const found = namedSetting(environment, names);
  if (found === undefined) return fallback;
  const count = Number(found.text);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new StigmergyError(
    "INVALID_SETTING",
    `${found.name}: expected a whole number from 1 to ${most}, received "${found.text}"`,
  );
}
