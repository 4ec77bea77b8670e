import type { Entry } from "#dist/index.js";

/** All that an entry says, without its number and version, which are new after a restore. */
export function saidOf(entry: Entry): Partial<Entry> {
  const fields = Object.entries(entry).filter(([name]) => name !== "id" && name !== "version");
  return Object.fromEntries(fields);
}
