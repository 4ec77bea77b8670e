import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { StigmergyError } from "../../errors.ts";

// A named snapshot is a backup in a folder of its own. Its name is its id, so that it is found also
// after an older state, which knows nothing of it, has been restored.

const FOLDER = ["backups", "snapshots"];
const ENDING = ".db";
const ID = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const MOST_NAME = 60; // characters of a name that go into an id
const MOST_TOLD = 5; // ids in an error

/** The id of a new snapshot: what of its name a file can bear, and the moment. */
export function snapshotId(name: string | undefined, now = Date.now()): string {
  const words = (name ?? "").toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const stamp = new Date(now).toISOString().replaceAll(/[:.]/g, "-").toLowerCase();
  const readable = words.join("-").slice(0, MOST_NAME).replace(/-$/, "");
  return `${readable === "" ? "snapshot" : readable}-${stamp}`;
}

/** The file of a snapshot. @throws {StigmergyError} INVALID_INPUT for what can't be an id */
export function snapshotPath(storeFolder: string, id: string): string {
  if (ID.test(id)) return join(storeFolder, ...FOLDER, `${id}${ENDING}`);
  throw new StigmergyError(
    "INVALID_INPUT",
    `snapshotId: expected one that state_snapshot told, received "${id.slice(0, 100)}"`,
  );
}

/** The file of a snapshot that is there. @throws {StigmergyError} INVALID_INPUT, NOT_FOUND */
export async function existingSnapshot(storeFolder: string, id: string): Promise<string> {
  const path = snapshotPath(storeFolder, id);
  try {
    await access(path);
    return path;
  } catch (cause) {
    const names = await readdir(join(storeFolder, ...FOLDER)).catch(() => []);
    const ids = names
      .filter((name) => name.endsWith(ENDING))
      .map((name) => name.slice(0, -ENDING.length));
    const told = ids.slice(-MOST_TOLD).join(", ");
    throw new StigmergyError(
      "NOT_FOUND",
      `snapshot "${id.slice(0, 100)}": not there; ${ids.length === 0 ? "state_snapshot makes one" : `there are ${ids.length}, as ${told}`}`,
      { cause },
    );
  }
}
