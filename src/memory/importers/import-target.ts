import { isDeepStrictEqual } from "node:util";
import { StigmergyError } from "../../errors.ts";
import { commit, type Write } from "../entries/commit.ts";
import type { StoreContext } from "../entries/context.ts";
import { ENTRY_COLUMNS, type Entry } from "../entries/entry.ts";
import type { ImportTarget } from "./import-memory.ts";
import type { ImportedEntry } from "./imported-entry.ts";
import { isLive } from "../entries/row-before.ts";

type Outcome = "written" | "unchanged" | "newer-here";

const MOST_ATTEMPTS = 20; // at a batch that others write into meanwhile

/** A store as importers see it: what it holds already, or holds newer, stays as it is. */
export class StoreImport implements ImportTarget {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  async writeImported(entries: readonly ImportedEntry[], dryRun: boolean): Promise<Outcome[]> {
    for (let attempt = 1; ; attempt++) {
      const found = this.#find(entries);
      const outcomes = entries.map((entry, i) => outcomeOf(entry, found[i]));
      const writes = entries.flatMap((entry, i): Write[] =>
        outcomes[i] === "written" ? [writeOf(entry, found[i]?.version ?? 0)] : [],
      );
      if (dryRun || writes.length === 0) return outcomes;
      try {
        await commit(this.#context, writes);
        return outcomes;
      } catch (error) {
        const isConflict = error instanceof StigmergyError && error.code === "CONFLICT";
        if (!isConflict || attempt === MOST_ATTEMPTS) throw error;
      }
    }
  }

  #find(entries: readonly ImportedEntry[]): (Entry | undefined)[] {
    const { database, codec, state } = this.#context;
    state.refresh();
    // A dry run would otherwise tell what stands where the agent may not look.
    for (const { namespace } of entries) state.access.assert("read", namespace);
    const now = Date.now();
    return database.readAtOnce(() =>
      entries.map(({ namespace, key }) => {
        const row = database
          .sql(`SELECT ${ENTRY_COLUMNS} FROM entries WHERE namespace = ? AND key = ?`)
          .get(namespace, key) as
          ({ expires_at: number | null } & Record<string, never>) | undefined;
        return row !== undefined && isLive(row, now) ? codec.entryOf(row) : undefined;
      }),
    );
  }
}

function outcomeOf(entry: ImportedEntry, found: Entry | undefined): Outcome {
  if (found === undefined) return "written";
  const isSame =
    found.value === entry.value &&
    isDeepStrictEqual(found.tags, entry.tags) &&
    isDeepStrictEqual(found.metadata, entry.metadata);
  if (isSame) return "unchanged";
  return found.updatedAt >= entry.updatedAt ? "newer-here" : "written";
}

function writeOf(imported: ImportedEntry, ifVersion: number): Write {
  const { agent, session, expiresAt, createdAt, updatedAt, accessCount, ...rest } = imported;
  const { signature, pinned } = imported;
  const entry = {
    ...rest,
    agent,
    session,
    expiresAt,
    signature,
    pinned,
    origin: { createdAt, updatedAt, accessCount },
  };
  return { kind: "put", entry, ifVersion };
}
