import { messageOf, StigmergyError } from "../../errors.ts";
import { DATABASE_FILE } from "./schema.ts";

/** How long a call waits for a lock that another process holds. */
export const BUSY_TIMEOUT_MS = 5000;

// SQLite's result codes (https://www.sqlite.org/rescode.html); the low byte is the main one.
const BUSY = 5;
const LOCKED = 6;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;
const GENERIC = 1;
const CODES_BY_WORDS: readonly (readonly [words: RegExp, code: number])[] = [
  [/locked|busy/, BUSY],
  [/malformed|corrupt/, CORRUPT],
  [/not a database/, NOT_A_DATABASE],
  [/disk is full/, 13],
  [/readonly/, 8],
];
const WAYS_OUT: Readonly<Record<number, string>> = {
  8: "the file is read-only, choose another folder or change its permissions",
  10: "the disk failed to read or write, check it",
  13: "the disk is full, make room and try again",
  14: "the file can't be opened, choose a folder that you may write",
};

/** The main result code of an error of SQLite's, or undefined for any other error. */
function mainCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("errcode" in error) return Number(error.errcode) & 0xff;
  if (!("code" in error) || error.code !== "ERR_SQLITE_ERROR") return undefined;
  // Some calls of @photostructure/sqlite give SQLite's words without its number.
  const known = CODES_BY_WORDS.find(([words]) => words.test(error.message));
  return known === undefined ? GENERIC : known[1];
}

/** Whether SQLite refused because another holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = mainCode(error);
  return code === BUSY || code === LOCKED;
}

/** SQLite's errors as ours; others as they are. */
export function storeError(error: unknown, action: string): unknown {
  const code = mainCode(error);
  if (code === undefined) return error;
  const cause = { cause: error };
  if (code === BUSY || code === LOCKED) {
    return new StigmergyError(
      "STORE_BUSY",
      `memory store: another process held its lock for ${BUSY_TIMEOUT_MS} ms; try again`,
      cause,
    );
  }
  if (code === NOT_A_DATABASE || code === CORRUPT) {
    return new StigmergyError(
      "DAMAGED",
      `${DATABASE_FILE}: not a sound SQLite file; it was left as it is, run stigmergy memory repair, or move it away and restore a backup`,
      cause,
    );
  }
  const text = messageOf(error);
  const wayOut = WAYS_OUT[code] ?? "see the cause";
  return new StigmergyError(
    "STORE_FAILED",
    `memory store: could not ${action}: ${text}; ${wayOut}`,
    cause,
  );
}

/** A file system's error as ours; the path stays in its cause. */
export function fileError(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || error instanceof StigmergyError) {
    return error;
  }
  return new StigmergyError(
    "IO_FAILED",
    `store path: the file system answered ${String(error.code)}; choose a folder that you may write`,
    { cause: error },
  );
}
