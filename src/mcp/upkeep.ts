import { messageOf } from "../errors.ts";
import type { MemoryStore } from "../memory/memory-store.ts";
import type { Log } from "./session/log.ts";

/** What a server does for its store beside serving it. */
export interface UpkeepOptions {
  /** Opens the store with the owner's rights: upkeep is no client's doing. */
  readonly open: () => Promise<MemoryStore>;
  /** Make a backup every hour, kept for 30 days; of all servers of the store one makes it. */
  readonly backups: boolean;
  /** A second folder for each backup. */
  readonly copyTo: string | undefined;
  readonly log: Log;
}

/** Upkeep under way. */
export interface Upkeep {
  /** Finishes what is being done, and closes what was opened for it. */
  stop(): Promise<void>;
}

const GC_MS = 3_600_000;

/**
 * Keeps a store while it is served: what has expired is removed every hour, and backups are made if
 * asked for. What fails is logged, and serving goes on.
 */
export function startUpkeep({ open, backups, copyTo, log }: UpkeepOptions): Upkeep {
  let store: Promise<MemoryStore> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const attempt = (what: string, work: (store: MemoryStore) => Promise<unknown>): void => {
    last = last
      .then(async () => work(await (store ??= open())))
      .catch((error: unknown) => {
        const told = messageOf(error);
        log.error(`${what}: ${told}`);
      });
  };
  const timer = setInterval(() => attempt("gc", (each) => each.gc()), GC_MS).unref();
  let stopSchedule: (() => Promise<void>) | undefined;
  if (backups) {
    attempt("backups", async (each) => {
      const onError = (error: unknown): void => log.error(`backup: ${messageOf(error)}`);
      const schedule = each.scheduleBackups({ copyTo, onError });
      stopSchedule = () => schedule.stop();
    });
  }
  return {
    async stop() {
      clearInterval(timer);
      await last;
      await stopSchedule?.();
      await (await store?.catch(() => undefined))?.close();
    },
  };
}
