import type { BackupOptions, BackupReport } from "./backup/backup.ts";
import type { DrillReport } from "./backup/drill.ts";
import type { AnewOptions } from "./backup/restore-anew.ts";
import type { RestoreOptions, RestoreReport } from "./backup/restore.ts";
import { startSchedule, type Schedule, type ScheduleOptions } from "./backup/schedule.ts";
import type { RepairOptions, RepairReport } from "./repair/repair.ts";
import type { StoreReport, VerifyOptions } from "./integrity/verify.ts";
import { OpenStore } from "./opening/open-store.ts";

const upkeep = () => import("./upkeep.ts");

/** A store that is kept from loss: copied, brought back, looked through and mended. */
export abstract class KeptStore extends OpenStore {
  /**
   * Looks through the store of a folder, which need not open, and mends what it finds; a damaged
   * file is kept.
   * @throws {StigmergyError} DAMAGED when nothing could be read, and everything is left as it is;
   * NOT_FOUND; STORE_BUSY while others have a damaged store open; KEY_REQUIRED, WRONG_KEY
   */
  static async repair(path = ".stigmergy", options: RepairOptions = {}): Promise<RepairReport> {
    return (await upkeep()).repairStore(path, options);
  }

  /**
   * Restores a backup where a store's file is gone, or moved away since it was damaged; undefined,
   * and nothing done, where there is one, or no folder: then `restore` is what restores.
   * @throws {StigmergyError} as `restore`, and nothing is made then
   */
  static async restoreAnew(
    path: string,
    backup: string,
    restoring: RestoreOptions = {},
    options: AnewOptions = {},
  ): Promise<RestoreReport | undefined> {
    return (await upkeep()).restoreAnew(path, backup, restoring, options);
  }

  /**
   * Copies the store into a file, as of one moment, while any process writes: a readable document
   * when the path ends in .json, else a SQLite file; without one, into its folder `backups`.
   * @throws {StigmergyError} INVALID_INPUT, FORBIDDEN, DAMAGED, IO_FAILED, STORE_FAILED
   *
   * @example
   * const { path, entries } = await store.backup("copies/monday.db");
   * await store.restore(path); // all of it, or nothing
   */
  async backup(path?: string, options: BackupOptions = {}): Promise<BackupReport> {
    return this.during(async (context) => (await upkeep()).backUp(context, path, options));
  }

  /**
   * Restores a backup, or the part of it that the options name: a path, `latest` or `emergency`.
   * @throws {StigmergyError} NOT_FOUND, DAMAGED, FORMAT, KEY_REQUIRED, WRONG_KEY, CONFLICT,
   * FORBIDDEN, STORE_BUSY; nothing is changed then
   */
  async restore(path: string, options: RestoreOptions = {}): Promise<RestoreReport> {
    return this.during(async (context) => (await upkeep()).restore(context, path, options));
  }

  /** Rehearses a restore of the newest backup, or the one at a path; the store is only read. */
  async backupDrill(path?: string): Promise<DrillReport> {
    return this.during(async (context) => (await upkeep()).drill(context, path));
  }

  /** Makes backups by themselves until the schedule is stopped; the store's processes share it. */
  scheduleBackups(options: ScheduleOptions = {}): Schedule {
    return startSchedule(this.context, (work) => this.during(work), options);
  }

  /** Reads all of the store, and tells what is not as it must be. Changes nothing. */
  async verify(options: VerifyOptions = {}): Promise<StoreReport> {
    return this.during(async (context) => (await upkeep()).verifyStore(context, options));
  }
}
