import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import type { SnapshotFile } from "../engine/engine.ts";
import { damaged } from "../snapshot/snapshot-errors.ts";

/** Waits until what was written to a file is on the disk. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What a manifest says of a file whose inside is hnswlib's own: its size and a checksum of the whole. */
export async function describeFile(folder: string, name: string): Promise<SnapshotFile> {
  const path = join(folder, name);
  const { size } = await stat(path);
  return { name, bytes: size, sha256: await sha256Of(path) };
}

/** @throws {StigmergyError} DAMAGED when a file is missing, or is not the one that the manifest describes */
export async function checkFile(folder: string, expected: SnapshotFile): Promise<void> {
  const found = await sha256Of(join(folder, expected.name)).catch(() => undefined);
  if (found === undefined) throw damaged(expected.name, "named by the manifest, but not there");
  if (!("sha256" in expected) || found !== expected.sha256)
    throw damaged(expected.name, "its checksum does not match");
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}
