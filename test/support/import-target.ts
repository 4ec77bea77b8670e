import type { ImportTarget } from "#dist/memory/importers/import-memory.js";
import type { ImportedEntry } from "#dist/memory/importers/imported-entry.js";

/** A store that keeps what is imported in a map, by namespace and key with a space between. */
export class MapTarget implements ImportTarget {
  readonly entries = new Map<string, ImportedEntry>();

  async writeImported(
    entries: readonly ImportedEntry[],
    dryRun: boolean,
  ): Promise<("written" | "unchanged" | "newer-here")[]> {
    return entries.map((entry) => {
      const name = `${entry.namespace} ${entry.key}`;
      const there = this.entries.get(name);
      if (there !== undefined && contentOf(there) === contentOf(entry)) return "unchanged";
      if (there !== undefined && there.updatedAt > entry.updatedAt) return "newer-here";
      if (!dryRun) this.entries.set(name, entry);
      return "written";
    });
  }

  /** The entry of a namespace and key. @throws when there is none */
  of(name: string): ImportedEntry {
    const entry = this.entries.get(name);
    if (entry === undefined) throw new Error(`no ${name} in ${[...this.entries.keys()].join()}`);
    return entry;
  }
}

function contentOf({ value, tags, metadata }: ImportedEntry): string {
  return JSON.stringify([value, tags, metadata]);
}
