import { rm } from "node:fs/promises";
import { checkPath } from "../../security/limits.ts";
import { scratchFolder } from "../../util/folders.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import type {
  ForeignRecord,
  ImportedEntry,
  SkipReason,
  Source,
  SourceReport,
} from "./imported-entry.ts";
import { damage, findSources } from "./recognize.ts";
import { entryOfRecord, type RecordRules } from "./record.ts";

/** The store that is imported into. */
export interface ImportTarget {
  /**
   * Stores what is not there already with the same content or a newer one, and tells for each
   * entry, in their order, what became of it; of a dry run, what would.
   */
  writeImported(
    entries: readonly ImportedEntry[],
    dryRun: boolean,
  ): Promise<readonly ("written" | "unchanged" | "newer-here")[]>;
}

/** What to take, and whether to store it. */
export interface ImportOptions {
  /** Tell what would be stored, and store nothing; default false. */
  readonly dryRun?: boolean | undefined;
  /** Take the namespaces that only log what was run; default false. */
  readonly includeNoise?: boolean | undefined;
  /** Take this namespace only; default all. */
  readonly namespace?: string | undefined;
}

const IMPORT_NAMES: OptionNames<ImportOptions> = {
  dryRun: true,
  includeNoise: true,
  namespace: true,
};

/** What was found, and what became of it. */
export interface MigrationReport {
  readonly dryRun: boolean;
  readonly read: number;
  readonly imported: number;
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** One for each store, in the order of their paths. */
  readonly sources: readonly SourceReport[];
}

// Few enough to keep the store free for others in between, and memory small.
const BATCH_ENTRIES = 256;
const BATCH_CHARACTERS = 2 ** 22;

/**
 * Stores what other systems remember, from a file or from all stores of a folder. Of entries of one
 * namespace and key the last written is taken. The originals are neither changed nor locked, and
 * what was imported once is left as it is the next time.
 * A store that can't be read is no error: its report says why.
 * @param except the file of the store that is imported into, when it may lie in the folder: it is left alone
 * @throws {StigmergyError} NOT_FOUND, IO_FAILED, INVALID_INPUT or TOO_LARGE for the path, and what
 * `target` throws
 */
export async function importMemory(
  target: ImportTarget,
  from: string,
  options: ImportOptions = {},
  except?: string,
): Promise<MigrationReport> {
  knownOptions("import", options, IMPORT_NAMES);
  const { dryRun = false, includeNoise = false, namespace } = options;
  const rules = { now: Date.now(), includeNoise, namespace };
  const scratch = scratchFolder("import");
  try {
    const found = await findSources(checkPath(from), scratch, except);
    try {
      return await importSources(found.sources, target, dryRun, rules);
    } finally {
      found.close();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function importSources(
  sources: readonly Source[],
  target: ImportTarget,
  dryRun: boolean,
  rules: RecordRules,
): Promise<MigrationReport> {
  const tallies = sources.map((source) => new Tally(source));
  // Read twice, so that all that is held meanwhile is which row of each key is the newest.
  const newest = newestRows(tallies, rules);
  const batch = new Batch(target, dryRun);
  for (const tally of tallies) {
    for (const { row, entry } of tally.rows(rules)) {
      tally.read++;
      if (typeof entry === "string") tally.skip(entry);
      else if (!isRow(newest.get(nameOf(entry)), tally, row)) tally.skip("duplicate");
      else await batch.add(entry, tally);
    }
  }
  await batch.flush();
  const reports = tallies.map((tally) => tally.report());
  return { dryRun, ...sumOf(reports), sources: reports };
}

interface RowPlace {
  readonly tally: Tally;
  readonly row: number;
  readonly updatedAt: number;
}

/** Where the last written entry of each namespace and key stands; of equals the first. */
function newestRows(tallies: readonly Tally[], rules: RecordRules): Map<string, RowPlace> {
  const newest = new Map<string, RowPlace>();
  for (const tally of tallies) {
    for (const { row, entry } of tally.rows(rules)) {
      if (typeof entry === "string") continue;
      const { updatedAt } = entry;
      const best = newest.get(nameOf(entry));
      if (best === undefined || updatedAt > best.updatedAt) {
        newest.set(nameOf(entry), { tally, row, updatedAt });
      }
    }
  }
  return newest;
}

function isRow(place: RowPlace | undefined, tally: Tally, row: number): boolean {
  return place?.tally === tally && place.row === row;
}

function nameOf({ namespace, key }: ImportedEntry): string {
  return `${namespace}\0${key}`;
}

/** Counts what becomes of a source's rows. */
class Tally {
  read = 0;
  imported = 0;
  readonly #source: Source;
  readonly #skipped = new Map<SkipReason, number>();
  #problem: string | undefined;

  constructor(source: Source) {
    this.#source = source;
    this.#problem = source.problem;
  }

  /** Each row's number and entry, or why there is none; ends where the source is damaged. */
  *rows(rules: RecordRules): Generator<{ row: number; entry: ImportedEntry | SkipReason }> {
    let row = 0;
    const records = this.#source.records()[Symbol.iterator]();
    for (;;) {
      let next: IteratorResult<ForeignRecord>;
      try {
        next = records.next();
      } catch (error) {
        this.#problem = `${damage(error)} after ${row} rows`;
        return;
      }
      if (next.done === true) return;
      yield { row: row++, entry: entryOfRecord(next.value, this.#source, rules) };
    }
  }

  skip(reason: SkipReason): void {
    this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + 1);
  }

  report(): SourceReport {
    const { path, format } = this.#source;
    return {
      path,
      format,
      read: this.read,
      imported: this.imported,
      skipped: Object.fromEntries(this.#skipped),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }
}

/** Entries on their way to the store, some at a time. */
class Batch {
  readonly #target: ImportTarget;
  readonly #dryRun: boolean;
  #entries: { readonly entry: ImportedEntry; readonly tally: Tally }[] = [];
  #characters = 0;

  constructor(target: ImportTarget, dryRun: boolean) {
    this.#target = target;
    this.#dryRun = dryRun;
  }

  async add(entry: ImportedEntry, tally: Tally): Promise<void> {
    this.#entries.push({ entry, tally });
    this.#characters += entry.value.length;
    if (this.#entries.length === BATCH_ENTRIES || this.#characters >= BATCH_CHARACTERS) {
      await this.flush();
    }
  }

  async flush(): Promise<void> {
    const entries = this.#entries;
    if (entries.length === 0) return;
    this.#entries = [];
    this.#characters = 0;
    const outcomes = await this.#target.writeImported(
      entries.map(({ entry }) => entry),
      this.#dryRun,
    );
    for (const [i, { tally }] of entries.entries()) {
      if (outcomes[i] === "written") tally.imported++;
      else tally.skip(outcomes[i] === "unchanged" ? "unchanged" : "newer here");
    }
  }
}

function sumOf(
  reports: readonly SourceReport[],
): Pick<MigrationReport, "read" | "imported" | "skipped"> {
  const skipped = new Map<string, number>();
  for (const report of reports) {
    for (const [reason, count] of Object.entries(report.skipped)) {
      skipped.set(reason, (skipped.get(reason) ?? 0) + count);
    }
  }
  return {
    read: reports.reduce((sum, { read }) => sum + read, 0),
    imported: reports.reduce((sum, { imported }) => sum + imported, 0),
    skipped: Object.fromEntries(skipped),
  };
}
