import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { StigmergyError } from "../errors.ts";
import type { Engine, Metric, SnapshotFile } from "./engine.ts";
import { damaged } from "./segment-file.ts";

// A snapshot is a folder: manifest.json, and the files it names. Files are written under names
// that were never used before, then the manifest replaces the old one in one step, then the files
// that only the old one named are removed. A crash leaves the old snapshot or the new one.

const MANIFEST = "manifest.json";
const FORMAT = "stigmergy-vector-index";
const VERSION = 1;

/** What a manifest says of the index beside its files. */
export interface SnapshotHeader {
  readonly kind: "exact" | "hnswlib";
  readonly metric: Metric;
  readonly dim: number;
  readonly rows: number;
  readonly m: number;
  readonly efConstruction: number;
  readonly seed: number;
}

/** A manifest that has passed its checks. */
export interface Snapshot extends SnapshotHeader {
  readonly files: readonly SnapshotFile[];
}

/** Writes an engine into `folder`, replacing the snapshot that may be there in one step. */
export async function writeSnapshot(
  folder: string,
  header: SnapshotHeader,
  engine: Engine,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const before = await readManifest(folder).catch(() => undefined);
  const files = await engine.save(folder, randomBytes(6).toString("hex"));
  const text = manifestText({ format: FORMAT, version: VERSION, ...header, files });
  const temporary = join(folder, `${MANIFEST}.${randomBytes(6).toString("hex")}`);
  const file = await open(temporary, "wx");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(folder);
  await rename(temporary, join(folder, MANIFEST));
  await syncFolder(folder);
  for (const { name } of before?.files ?? []) await rm(join(folder, name), { force: true });
}

/**
 * The manifest of a snapshot.
 * @throws {StigmergyError} NOT_FOUND, DAMAGED, or FORMAT when a newer version wrote it
 */
export async function readManifest(folder: string): Promise<Snapshot> {
  let text: string;
  try {
    text = await readFile(join(folder, MANIFEST), "utf8");
  } catch (cause) {
    throw new StigmergyError("NOT_FOUND", `no index snapshot here: ${MANIFEST} is missing`, {
      cause,
    });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw damaged(MANIFEST, "it is not JSON");
  }
  // zod takes its time to load, and only whoever opens a snapshot needs it.
  const z = await import("zod");
  const known = z.object({ format: z.literal(FORMAT), version: z.int() }).safeParse(parsed);
  if (!known.success) throw damaged(MANIFEST, "it is not a manifest");
  if (known.data.version !== VERSION) {
    throw new StigmergyError(
      "FORMAT",
      `${MANIFEST}: expected format ${VERSION}, received ${known.data.version}; open it with the version that wrote it`,
    );
  }
  const schema = z.strictObject({
    format: z.literal(FORMAT),
    version: z.literal(VERSION),
    kind: z.enum(["exact", "hnswlib"]),
    metric: z.enum(["cosine", "l2sq", "dot"]),
    dim: z.int().min(1).max(4096),
    rows: z.int().min(0),
    m: z.int().min(2),
    efConstruction: z.int().min(1),
    seed: z.int(),
    files: z.array(
      z.strictObject({
        // A plain name of ours: never a path that leads out of the folder.
        name: z.string().regex(/^[a-z]+-[0-9]+-[0-9a-f]{12}\.bin$/),
        bytes: z.int().min(0),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    ),
    sha256: z.string(),
  });
  const manifest = schema.safeParse(parsed);
  if (!manifest.success) throw damaged(MANIFEST, "its fields are not those of a manifest");
  const { sha256: _, ...body } = manifest.data;
  // Written again it must be the same, to the last byte: its checksum, and white space too.
  if (text !== manifestText(body)) throw damaged(MANIFEST, "its checksum does not match");
  return body;
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
