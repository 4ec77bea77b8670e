import { StigmergyError } from "../errors.ts";
import { nearest } from "./nearest.ts";

/** Every name of some options and no other, which the compiler sees to; of the values none is looked at. */
export type OptionNames<Options> = { readonly [Name in NameOf<Options>]: unknown };

type NameOf<Options> = Options extends unknown ? keyof Options : never;

/**
 * Options, once it is known that they have no name but these: one that is misspelled would be passed over, and a
 * default taken for what was asked. A name that is undefined counts as left out. Costs about 50 ns.
 *
 * @param what what the options are of, as `search`
 * @throws {StigmergyError} INVALID_INPUT for what is no object; for an unknown name, with the nearest that there is
 */
export function knownOptions<Options extends object>(
  what: string,
  options: Options,
  names: OptionNames<Options>,
): Options {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw refused(`${what}: expected an object, received ${typeName(options)}`);
  }
  for (const name in options) {
    if (!Object.hasOwn(names, name)) checkUnknown(what, options, name, Object.keys(names));
  }
  return options;
}

// What people write for a name, mostly as another library has it, where letters do not tell which is meant.
const MEANT: Readonly<Record<string, readonly string[]>> = {
  count: ["k", "limit"],
  directory: ["path"],
  dir: ["path"],
  ef: ["efSearch"],
  expires: ["ttl"],
  expiresAt: ["ttl"],
  expiresIn: ["ttl"],
  folder: ["path"],
  id: ["key"],
  k: ["limit"],
  limit: ["k"],
  minScore: ["threshold"],
  n: ["k", "limit"],
  prefix: ["pattern"],
  size: ["limit", "k"],
  text: ["query", "value"],
  top: ["k", "limit"],
  topK: ["k", "limit"],
  version: ["ifVersion"],
};

const MOST_CHARACTERS = 64; // of a name that are told

function checkUnknown(what: string, options: object, name: string, names: readonly string[]): void {
  // What a library has put into the prototype of all objects was not asked for by anybody.
  if (!Object.hasOwn(options, name) && Object.hasOwn(Object.prototype, name)) return;
  if ((options as Record<string, unknown>)[name] === undefined) return;
  const meant = Object.hasOwn(MEANT, name) ? MEANT[name] : [];
  const near = meant.find((each) => names.includes(each)) ?? nearest(name, names, 1).at(0);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  const shown = JSON.stringify(name.slice(0, MOST_CHARACTERS));
  throw refused(`${what}: expected ${names.join(", ") || "none"}, received ${shown}${hint}`);
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : typeof value;
}

function refused(message: string): StigmergyError {
  return new StigmergyError("INVALID_INPUT", message);
}
