import { copyFile, readdir, rm, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { checkPath } from "../../security/limits.ts";
import { StigmergyError } from "../../errors.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import type { StoreContext } from "../entries/context.ts";
import { BACKUP_FOLDER } from "../file/migration-backup.ts";
import { listBackups, putFile, stampOf, type BackupFile } from "./backup-files.ts";

// What reads and writes backups is loaded when one is due: every process has this room's door.
const inspect = async (path: string) => (await import("./inspect.ts")).inspectBackup(path);

/** When backups are made by themselves, and how long they are kept. */
export interface ScheduleOptions {
  /** Milliseconds from one to the next, of all processes together; default an hour. */
  readonly everyMs?: number | undefined;
  /** Milliseconds that each is kept; default 30 days. The newest sound one is always kept. */
  readonly keepMs?: number | undefined;
  /** Where they are; default the folder `backups` of the store. */
  readonly folder?: string | undefined;
  /** A second folder that each is copied to. */
  readonly copyTo?: string | undefined;
  /** Milliseconds from one look at all of the newest to the next; default a day. */
  readonly verifyEveryMs?: number | undefined;
  /** Told what failed; the next is made in time all the same. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Milliseconds since 1970; default the machine's clock. */
  readonly clock?: (() => number) | undefined;
}

const SCHEDULE_NAMES: OptionNames<ScheduleOptions> = {
  everyMs: true,
  keepMs: true,
  folder: true,
  copyTo: true,
  verifyEveryMs: true,
  onError: true,
  clock: true,
};

/** Backups that are made by themselves. */
export interface Schedule {
  /** Does now what is due by now, if no other process has: what the timer does. */
  tick(): Promise<void>;
  /** Finishes the one under way; none is made after. */
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LONGEST_WAIT_MS = 60_000; // so that a clock set forward, or a machine that slept, is noticed

/** Runs work on a store that stays open for as long. @throws {StigmergyError} CLOSED */
export type Runner = (work: (context: StoreContext) => Promise<void>) => Promise<void>;

/**
 * Makes backups by themselves, for as long as this process keeps the store open. Processes share one
 * schedule: whichever comes first makes the one that is due.
 * @throws {StigmergyError} INVALID_INPUT; FORBIDDEN
 */
export function startSchedule(
  context: StoreContext,
  run: Runner,
  options: ScheduleOptions = {},
): Schedule {
  const settings = settingsOf(context, knownOptions("scheduleBackups", options, SCHEDULE_NAMES));
  context.state.refresh();
  context.state.access.assert("admin", "*");
  const { everyMs, onError, clock } = settings;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let last: Promise<void> = Promise.resolve();
  const tick = (): Promise<void> => {
    last = last
      .then(() => (isStopped ? undefined : run((open) => runDue(open, settings, clock()))))
      .catch((error: unknown) => {
        if (error instanceof StigmergyError && error.code === "CLOSED") isStopped = true;
        else onError(error);
      });
    return last;
  };
  const wait = (): void => {
    if (isStopped) return;
    timer = setTimeout(() => void tick().then(wait), Math.min(everyMs, LONGEST_WAIT_MS)).unref();
  };
  void tick().then(wait);
  return {
    tick,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await last;
    },
  };
}

type Settings = ReturnType<typeof settingsOf>;

function settingsOf({ folder }: StoreContext, options: ScheduleOptions) {
  const { everyMs = HOUR_MS, keepMs = 30 * DAY_MS, verifyEveryMs = DAY_MS, copyTo } = options;
  for (const [name, value] of Object.entries({ everyMs, keepMs, verifyEveryMs })) {
    if (typeof value === "number" && value > 0) continue;
    throw new StigmergyError(
      "INVALID_INPUT",
      `${name}: expected milliseconds, more than 0, received ${String(value)}`,
    );
  }
  return {
    everyMs,
    keepMs,
    verifyEveryMs,
    folder:
      options.folder === undefined
        ? join(folder, BACKUP_FOLDER)
        : resolve(checkPath(options.folder)),
    copyTo: copyTo === undefined ? undefined : resolve(checkPath(copyTo)),
    onError: options.onError ?? (() => undefined),
    clock: options.clock ?? Date.now,
  };
}

async function runDue(context: StoreContext, settings: Settings, now: number): Promise<void> {
  const { everyMs, verifyEveryMs, folder, copyTo, keepMs } = settings;
  const before = claim(context, "last_backup", everyMs, now);
  if (before !== undefined) {
    const path = join(folder, `scheduled-${stampOf(now)}.db`);
    try {
      const { writeBackup } = await import("./backup.ts");
      await writeBackup(context, path);
    } catch (error) {
      giveBack(context, "last_backup", now, before);
      throw error;
    }
    if (copyTo !== undefined) await copyOver(path, join(copyTo, basename(path)));
    for (const each of [folder, ...(copyTo === undefined ? [] : [copyTo])]) {
      await prune(each, now, keepMs);
    }
  }
  if (claim(context, "last_backup_verified", verifyEveryMs, now) === undefined) return;
  const newest = (await listBackups(folder)).find(({ at }) => at <= now);
  if (newest !== undefined) await inspect(newest.path);
}

/**
 * Takes on what is due, for all processes: the moment of the last time, 0 for never; undefined when
 * it is not due. A moment in the future is of a clock that was set back since, and does not count.
 */
function claim(
  { database }: StoreContext,
  name: string,
  everyMs: number,
  now: number,
): number | undefined {
  const isDue = (): { last: number } | undefined => {
    const row = database.sql("SELECT value FROM facts WHERE name = ?").get(name);
    const last = Number(row?.value ?? 0);
    return now - last >= everyMs || last > now ? { last } : undefined;
  };
  if (database.read(isDue) === undefined) return undefined;
  return database.write(() => {
    const due = isDue();
    if (due === undefined) return undefined;
    // Whole steps from the time before, so that a late one does not make all that follow later.
    const steps = Math.floor((now - due.last) / everyMs);
    const next = due.last === 0 || due.last > now ? now : due.last + steps * everyMs;
    database.sql("INSERT OR REPLACE INTO facts VALUES (?, ?)").get(name, next);
    return due.last;
  });
}

/** A backup that failed is still due, for whoever comes next. */
function giveBack({ database }: StoreContext, name: string, now: number, before: number): void {
  database.write(() => {
    const row = database.sql("SELECT value FROM facts WHERE name = ?").get(name);
    if (Number(row?.value) > now) return;
    database.sql("INSERT OR REPLACE INTO facts VALUES (?, ?)").get(name, before);
  });
}

async function copyOver(from: string, to: string): Promise<void> {
  await putFile(to, async (temporary) => {
    await copyFile(from, temporary);
    await inspect(temporary);
  });
}

/** Clears away scheduled backups from before a moment, except the newest that is sound. */
async function prune(folder: string, now: number, keepMs: number): Promise<void> {
  const named = (await listBackups(folder)).filter(({ kind }) => kind === "scheduled");
  // Those that a clock which was ahead has named stay, but are not taken for the newest.
  const scheduled = named.toSorted((a, b) => Number(a.at > now) - Number(b.at > now));
  const old = scheduled.filter(({ at }) => at < now - keepMs);
  if (old.length > 0) {
    const kept = await newestSound(scheduled);
    for (const each of old) if (each !== kept) await rm(each.path, { force: true });
  }
  for (const name of await readdir(folder)) {
    // Of a process that was killed while it wrote.
    if (!/^\..*\.db\.[0-9a-f]{12}\.tmp$/.test(name)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < Date.now() - DAY_MS) await rm(path, { force: true });
  }
}

async function newestSound(files: readonly BackupFile[]): Promise<BackupFile | undefined> {
  for (const each of files) {
    const isSound = await inspect(each.path).then(
      () => true,
      () => false,
    );
    if (isSound) return each;
  }
  return undefined;
}
