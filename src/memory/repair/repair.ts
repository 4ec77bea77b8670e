import { randomBytes } from "node:crypto";
import { chmod, copyFile, link, mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { messageOf, StigmergyError } from "../../errors.ts";
import { checkPath } from "../../security/limits.ts";
import { embedderFor, embedderSetting } from "../../text/create-embedder.ts";
import { knownOptions } from "../../util/option-names.ts";
import { defaultPath, listBackups, stampOf, syncPath } from "../backup/backup-files.ts";
import { makeSingle } from "../backup/backup.ts";
import { FILE_SEAL, sealFile } from "../backup/file-seal.ts";
import { keepCopy } from "../backup/kept-copy.ts";
import { Database } from "../file/database.ts";
import { fileError } from "../file/database-errors.ts";
import type { SqlRow } from "../file/driver.ts";
import { BACKUP_FOLDER } from "../file/migration-backup.ts";
import { filesOpenHere } from "../file/open-files.ts";
import { closeContext, openContext } from "../opening/open-context.ts";
import { DATABASE_FILE } from "../file/schema.ts";
import { storeUse, USE_NAMES, type MemoryStoreOptions } from "../opening/store-options.ts";
import { PageFile } from "./page-file.ts";
import { type StorePart, type StoreProblem } from "../integrity/problems.ts";
import { rebuildParts, REBUILT } from "./rebuild-parts.ts";
import { fillFromSalvage } from "./rebuilt-store.ts";
import { salvage } from "./salvage.ts";
import { assertUnused, inUse } from "./store-in-use.ts";
import { verifyStore } from "../integrity/verify.ts";

/** How a damaged store is opened: as a sound one. */
export type RepairOptions = Omit<MemoryStoreOptions, "path">;

/** What a repair came to. */
export interface RepairReport {
  /** Whether anything was changed; false for a store that was whole. */
  readonly repaired: boolean;
  /** Entries that the store holds now. */
  readonly entries: number;
  /** What could not be brought back, by its place; never what stood there. */
  readonly lost: readonly StoreProblem[];
  /** Parts that were made anew. */
  readonly rebuilt: readonly StorePart[];
  /** The store as it was: a backup, or the damaged file itself; absent when nothing was changed. */
  readonly originalKept?: string;
}

const SIDE_FILES = ["-wal", "-shm"];

/**
 * Looks through all of a store, and mends what it finds. What can be made again from the entries is,
 * in place; of a file with worse damage all that can be read goes into a new one, which takes its
 * place when it has been verified, and the damaged file is kept beside it, byte for byte.
 * @throws {StigmergyError} DAMAGED when nothing could be read, and everything is left as it is;
 * NOT_FOUND; STORE_BUSY while others have a damaged store open; KEY_REQUIRED, WRONG_KEY, FORMAT
 */
export async function repairStore(
  folder: string,
  options: RepairOptions = {},
): Promise<RepairReport> {
  const home = resolve(checkPath(folder));
  knownOptions("repair", options, USE_NAMES);
  const path = join(home, DATABASE_FILE);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw new StigmergyError(
      "NOT_FOUND",
      `repair: expected ${DATABASE_FILE} in the folder, found none`,
    );
  }
  if ((await filesOpenHere())(found)) throw inUse();
  const scratch = join(home, `.repairing-${randomBytes(6).toString("hex")}`);
  try {
    await mkdir(scratch, { mode: 0o700 });
    const copy = join(scratch, "copy");
    await copyBytes(path, copy);
    const problems = await problemsOf(copy, options);
    if (problems?.length === 0) return await unchanged(copy, options);
    if (problems?.every(({ part }) => REBUILT.has(part) || part === "audit")) {
      return await mendInPlace(home, options, problems);
    }
    return await mendAnew(home, scratch, options);
  } catch (error) {
    throw fileError(error);
  } finally {
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Copies a store's file and log into a folder, without opening them. */
async function copyBytes(path: string, folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  await copyFile(path, join(folder, DATABASE_FILE));
  await copyFile(`${path}-wal`, join(folder, `${DATABASE_FILE}-wal`)).catch(ignoreMissing);
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

/** What is wrong with a copy of a store; undefined when it can't be opened. */
async function problemsOf(
  folder: string,
  options: RepairOptions,
): Promise<readonly StoreProblem[] | undefined> {
  const path = join(folder, DATABASE_FILE);
  const pages = new PageFile(path);
  pages.close();
  if (pages.lostCommits > 0 || (await stat(path)).size === 0) return undefined;
  // The copy that is looked at is opened, and so changed; what is salvaged is read from another.
  const looked = `${folder}-looked-at`;
  await copyBytes(path, looked);
  try {
    const context = await openContext({ ...options, path: looked });
    try {
      return (await verifyStore(context, { full: true })).problems;
    } finally {
      await closeContext(context);
    }
  } catch (error) {
    if (error instanceof StigmergyError && NOT_DAMAGE.has(error.code)) throw error;
    return undefined;
  }
}

/** What is wrong with the request, and not with the file. */
const NOT_DAMAGE = new Set(["KEY_REQUIRED", "WRONG_KEY", "EMBEDDER_MISMATCH", "INVALID_INPUT"]);

async function unchanged(folder: string, options: RepairOptions): Promise<RepairReport> {
  const context = await openContext({ ...options, path: folder });
  try {
    const { database } = context;
    const row = database.read(() => database.sql("SELECT count(*) AS count FROM entries").get());
    return { repaired: false, entries: Number(row?.count), lost: [], rebuilt: [] };
  } finally {
    await closeContext(context);
  }
}

async function mendInPlace(
  folder: string,
  options: RepairOptions,
  problems: readonly StoreProblem[],
): Promise<RepairReport> {
  const derived = problems.filter(({ part }) => part !== "audit");
  const lost = problems.filter(({ part }) => part === "audit");
  const context = await openContext({ ...options, path: folder });
  try {
    const before = defaultPath(folder, "before-repair");
    if (derived.length > 0) {
      await keepCopy(context, before);
      await sealFile(before, FILE_SEAL);
    }
    const rebuilt = derived.length > 0 ? await rebuildParts(context, derived) : [];
    const { database } = context;
    const row = database.read(() => database.sql("SELECT count(*) AS count FROM entries").get());
    const report = { repaired: derived.length > 0, entries: Number(row?.count), lost, rebuilt };
    return derived.length > 0 ? { ...report, originalKept: before } : report;
  } finally {
    await closeContext(context);
  }
}

async function mendAnew(
  folder: string,
  scratch: string,
  options: RepairOptions,
): Promise<RepairReport> {
  const path = join(folder, DATABASE_FILE);
  await assertUnused(path);
  const read = await salvage(join(scratch, "copy", DATABASE_FILE));
  const isNothing = read.entries.length === 0 && !read.isComplete;
  if (isNothing) throw await nothingLeft(folder);
  const { embedder: named = embedderSetting(), reembed = false } = options;
  const known = { names: storedNames(read.tables.facts), isAsked: false };
  const embedder = typeof named === "string" ? await embedderFor(named, known) : named;
  const { master } = await storeUse(options);
  const made = join(scratch, "made");
  const database = await Database.open(made);
  let lost: StoreProblem[];
  try {
    lost = [...read.lost, ...(await fillFromSalvage(database, read, master, embedder, reembed))];
  } finally {
    database.close();
  }
  const { entries, problems } = await verified(made, options, master !== undefined);
  lost.push(...problems);
  const single = join(scratch, "single.db");
  await copySingle(made, single);
  const originalKept = await swap(path, single);
  const rebuilt: StorePart[] = ["words", "vectors", "namespaces"];
  return { repaired: true, entries, lost, rebuilt, originalKept };
}

/** The embedder of a damaged store's vectors, as far as it could be read. */
function storedNames(facts: readonly SqlRow[]): { id: string; dim: number }[] {
  const [id, dim] = ["embedder", "dim"].map((name) => facts.find((fact) => fact.name === name));
  return typeof id?.value === "string" ? [{ id: id.value, dim: Number(dim?.value) }] : [];
}

/** The look at a store that was made anew; one whose key is not at hand is only counted. */
async function verified(
  folder: string,
  options: RepairOptions,
  hasKey: boolean,
): Promise<{ entries: number; problems: readonly StoreProblem[] }> {
  const database = await Database.open(folder);
  try {
    const row = database.read(() => database.sql("SELECT count(*) AS count FROM entries").get());
    const records = database.read(() => database.sql("SELECT 1 FROM key_records").all()).length;
    if (records > 0 && !hasKey) return { entries: Number(row?.count), problems: [] };
  } finally {
    database.close();
  }
  const context = await openContext({ ...options, path: folder });
  try {
    return await verifyStore(context);
  } finally {
    await closeContext(context);
  }
}

/** Copies a store into one file without a log. */
async function copySingle(folder: string, to: string): Promise<void> {
  const database = await Database.open(folder);
  try {
    await database.copyTo(to);
  } finally {
    database.close();
  }
  await makeSingle(to);
  await chmod(to, 0o600);
}

/** Puts a new file in the place of the damaged one, which is kept with all that belongs to it. */
async function swap(path: string, made: string): Promise<string> {
  await assertUnused(path);
  const kept = `${path}.damaged-${stampOf(Date.now())}`;
  // The name stays taken throughout: an empty store must not be made in a moment without one.
  await link(path, kept).catch(() => copyFile(path, kept));
  for (const end of SIDE_FILES) await rename(path + end, kept + end).catch(ignoreMissing);
  await syncPath(made);
  await rename(made, path);
  await syncPath(join(path, ".."));
  return kept;
}

async function nothingLeft(folder: string): Promise<StigmergyError> {
  const [newest] = await listBackups(join(folder, BACKUP_FOLDER)).catch((error: unknown) => {
    throw new StigmergyError("DAMAGED", messageOf(error), { cause: error });
  });
  const wayOut =
    newest === undefined
      ? "there is no backup in its folder"
      : `move it away and restore ${BACKUP_FOLDER}/${basename(newest.path)}`;
  return new StigmergyError(
    "DAMAGED",
    `${DATABASE_FILE}: nothing in it could be read, and it was left as it is; ${wayOut}`,
  );
}
