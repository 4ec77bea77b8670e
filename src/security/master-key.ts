import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { StigmergyError } from "../errors.ts";

/** Bytes of a master key. */
export const MASTER_KEY_BYTES = 32;

const MOST_FILE_BYTES = 256; // 64 digits, and more white space around them than anyone leaves
const FOR_OTHERS = 0o077; // the mode's bits for group and others
const WAY_OUT = "make one with: openssl rand -hex 32";

/**
 * The master key that 64 hex digits spell, white space around them aside.
 * @param what the setting's name, for the message; the text is a secret and never in it
 * @throws {StigmergyError} INVALID_SETTING for anything else, and for the key of zeros
 */
export function parseMasterKey(what: string, text: string): Buffer {
  const digits = text.trim();
  if (!/^[0-9a-f]{64}$/i.test(digits)) {
    const received = digits.length === 64 ? "other characters" : `${digits.length} characters`;
    throw refused(what, "64 hex digits", received);
  }
  return checkNotZero(what, Buffer.from(digits, "hex"));
}

/**
 * The master key that a file holds as 64 hex digits, or as 32 random bytes.
 * @throws {StigmergyError} INVALID_SETTING for other content and, on POSIX, when anyone but the
 * owner may use the file; NOT_FOUND; IO_FAILED
 */
export async function readKeyFile(path: string): Promise<Buffer> {
  const what = `key file "${basename(path)}"`;
  const file = await openFile(what, path);
  try {
    // The open file is asked, not its path, so that what is checked is what is read.
    const { mode, isFile } = await statOf(file);
    if (!isFile) throw new StigmergyError("IO_FAILED", `${what}: expected a file`);
    if (process.platform !== "win32" && (mode & FOR_OTHERS) !== 0) {
      const received = `mode ${(mode & 0o777).toString(8)}`;
      throw new StigmergyError(
        "INVALID_SETTING",
        `${what}: expected a file for its owner alone, received ${received}; run chmod 600 on it`,
      );
    }
    const bytes = Buffer.alloc(MOST_FILE_BYTES + 1);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return parseFile(what, bytes.subarray(0, bytesRead));
  } catch (cause) {
    if (cause instanceof StigmergyError) throw cause;
    throw new StigmergyError("IO_FAILED", `${what}: could not be read`, { cause });
  } finally {
    await file.close();
  }
}

async function openFile(what: string, path: string): Promise<FileHandle> {
  try {
    // A pipe by this name must not hold up the process until someone writes to it.
    return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw new StigmergyError("NOT_FOUND", `${what}: not there`, { cause });
    }
    throw new StigmergyError("IO_FAILED", `${what}: could not be opened`, { cause });
  }
}

async function statOf(file: FileHandle): Promise<{ mode: number; isFile: boolean }> {
  const stat = await file.stat();
  return { mode: stat.mode, isFile: stat.isFile() };
}

function parseFile(what: string, bytes: Buffer): Buffer {
  if (bytes.length === MASTER_KEY_BYTES) {
    // Half as many digits as a key has would pass for bytes. Random ones are never all text.
    if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) {
      throw refused(what, "64 hex digits or 32 random bytes", "32 characters");
    }
    return checkNotZero(what, Buffer.from(bytes));
  }
  if (bytes.length > MOST_FILE_BYTES) {
    throw refused(what, "64 hex digits or 32 random bytes", `more than ${MOST_FILE_BYTES} bytes`);
  }
  return parseMasterKey(what, bytes.toString("latin1"));
}

function checkNotZero(what: string, key: Buffer): Buffer {
  if (key.every((byte) => byte === 0)) throw refused(what, "a random key", "zeros");
  return key;
}

function refused(what: string, expected: string, received: string): StigmergyError {
  return new StigmergyError(
    "INVALID_SETTING",
    `${what}: expected ${expected}, received ${received}; ${WAY_OUT}`,
  );
}
