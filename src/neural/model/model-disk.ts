import process from "node:process";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { StigmergyError } from "../../errors.ts";
import { makeFolder } from "../../util/folders.ts";

const MOST_BYTES = 2 ** 30;

/** The bytes of a model's file. @throws {StigmergyError} NOT_FOUND, IO_FAILED, TOO_LARGE */
export async function readModelBytes(path: string): Promise<Uint8Array> {
  try {
    // Looked at before it is opened: a pipe that nobody writes into would be waited for.
    const found = await stat(path);
    const { size } = found;
    if (!found.isFile()) {
      throw new StigmergyError(
        "IO_FAILED",
        "model file: expected a file, received a folder or a device",
      );
    }
    if (size > MOST_BYTES) {
      throw new StigmergyError(
        "TOO_LARGE",
        `model file: expected at most ${MOST_BYTES} bytes, received ${size}`,
      );
    }
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof StigmergyError) throw cause;
    const isAbsent = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new StigmergyError(
      isAbsent ? "NOT_FOUND" : "IO_FAILED",
      isAbsent
        ? "model file: nothing is there; save a model to it first"
        : `model file: could not be read${reasonOf(cause)}`,
      { cause },
    );
  }
}

/**
 * Writes the bytes of a model's file: under another name, to the disk, and then in place of what stood
 * there.
 * @throws {StigmergyError} IO_FAILED; what stood there is untouched
 */
export async function writeModelBytes(path: string, bytes: Uint8Array): Promise<void> {
  const fresh = `${path}.${process.pid}.new`;
  try {
    await makeFolder(dirname(path));
    const file = await open(fresh, "w", 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
    // Windows has no handles of folders, and keeps their entries by itself.
    if (process.platform === "win32") return;
    const folder = await open(dirname(path), "r");
    await folder.sync().finally(() => folder.close());
  } catch (cause) {
    // Where nothing could be made there is nothing to remove.
    await rm(fresh, { force: true }).catch(() => undefined);
    throw new StigmergyError("IO_FAILED", `model file: could not be written${reasonOf(cause)}`, {
      cause,
    });
  }
}

/** What the file system answered, for a message; paths stay in `cause`. */
function reasonOf(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  return code === undefined ? "" : `: the file system answered ${code}`;
}
