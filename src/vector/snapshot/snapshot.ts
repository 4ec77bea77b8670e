import { createHash, randomBytes } from "node:crypto";
import { open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StigmergyError } from "../../errors.ts";
import { makeFolder } from "../../util/folders.ts";
import type { Capture, SnapshotFile } from "../engine/engine.ts";
import {
  FILE_NAME,
  FORMAT,
  isManifest,
  versionOf,
  type Snapshot,
  type SnapshotHeader,
} from "./manifest.ts";
import { damaged, failed, isAbsent } from "./snapshot-errors.ts";

// A snapshot is a folder: manifest.json, and the files it names. Files are written under names
// that were never used before, then the manifest replaces the old one in one step, then files of
// ours that no manifest names are removed. A crash leaves the old snapshot or the new one, and
// files that the next save removes.

const MANIFEST = "manifest.json";
const VERSION = 8;
const READABLE = [2, 3, 4, 5, 6, 7, 8]; // 2 proves files by their SHA-256 alone; up to 3 all rows are of f32
const WITH_PRECISION = 4;
const TEMPORARY_NAME = /^manifest\.json\.[0-9a-f]{12}$/;
const STALE_MS = 3_600_000;

/**
 * Writes rows into `folder`, replacing the snapshot that may be there in one step.
 * @throws {StigmergyError} IO_FAILED; FORMAT or DAMAGED when what stands there is not a snapshot that
 * this version can read, and so perhaps not ours to replace
 */
export async function writeSnapshot(
  folder: string,
  header: SnapshotHeader,
  capture: Capture,
): Promise<void> {
  const tag = randomBytes(6).toString("hex");
  try {
    await makeFolder(folder);
    const before = await readManifest(folder).catch(unlessNotFound);
    const files = await capture.write(folder, tag);
    const text = manifestText({ format: FORMAT, version: VERSION, ...header, files });
    const temporary = join(folder, `${MANIFEST}.${tag}`);
    await writeFile(temporary, text, { flag: "wx", flush: true });
    await syncFolder(folder);
    await rename(temporary, join(folder, MANIFEST));
    await syncFolder(folder);
    await removeUnnamed(folder, files, before?.files ?? []);
  } catch (error) {
    await removeTagged(folder, tag);
    throw failed(error);
  }
}

function unlessNotFound(error: unknown): undefined {
  if (error instanceof StigmergyError && error.code === "NOT_FOUND") return undefined;
  throw error;
}

/** Removes the old snapshot's files, and what saves that were cut off have left an hour ago. */
async function removeUnnamed(
  folder: string,
  named: readonly SnapshotFile[],
  before: readonly SnapshotFile[],
): Promise<void> {
  const keep = new Set(named.map(({ name }) => name));
  const old = new Set(before.map(({ name }) => name));
  for (const name of await readdir(folder)) {
    if (keep.has(name) || !(FILE_NAME.test(name) || TEMPORARY_NAME.test(name))) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    // A younger one may belong to a save that another process has under way.
    if (old.has(name) || Date.now() - mtimeMs > STALE_MS) await rm(path, { force: true });
  }
}

async function removeTagged(folder: string, tag: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (name.includes(tag)) await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}

/**
 * The manifest of a snapshot.
 * @throws {StigmergyError} NOT_FOUND, DAMAGED, or FORMAT when a newer version wrote it
 */
export async function readManifest(folder: string): Promise<Snapshot> {
  const text = await readFile(join(folder, MANIFEST), "utf8").catch((error: unknown) => {
    if (!isAbsent(error)) throw failed(error);
    throw new StigmergyError(
      "NOT_FOUND",
      `index snapshot: expected a folder that save wrote, found no ${MANIFEST} in it`,
    );
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw damaged(MANIFEST, "it is not JSON");
  }
  const version = versionOf(parsed);
  if (version === undefined) throw damaged(MANIFEST, "it is not a manifest");
  if (!READABLE.includes(version)) {
    throw new StigmergyError(
      "FORMAT",
      `${MANIFEST}: expected format ${VERSION}, received ${version}; open it with the version that wrote it`,
    );
  }
  if (!isManifest(parsed, version >= WITH_PRECISION))
    throw damaged(MANIFEST, "its fields are not those of a manifest");
  const { sha256: _, ...body } = parsed;
  // Written again it must be the same, to the last byte: its checksum, and white space too.
  if (text !== manifestText(body)) throw damaged(MANIFEST, "its checksum does not match");
  return { precision: "f32", ...body };
}

function manifestText(body: object): string {
  const sha256 = createHash("sha256").update(JSON.stringify(body)).digest("hex");
  return `${JSON.stringify({ ...body, sha256 }, undefined, 2)}\n`;
}

/** Makes renames and new names in a folder last; Windows does that by itself and refuses. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
