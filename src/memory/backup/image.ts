import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { StigmergyError } from "../../errors.ts";
import { Codec } from "../entries/codec.ts";
import type { StoreContext } from "../entries/context.ts";
import { Database } from "../file/database.ts";
import { fileError, storeError } from "../file/database-errors.ts";
import { loadDriver } from "../file/driver.ts";
import { checkEntries, checkHistory } from "../integrity/row-check.ts";
import { Problems } from "../integrity/problems.ts";
import { SharedState } from "../entries/shared-state.ts";
import type { StoreKeys } from "../file/store-keys.ts";
import { damaged } from "./file-seal.ts";
import { fillFromJson } from "./image-from-json.ts";
import { inspectBackup, isJsonPath, type BackupFacts } from "./inspect.ts";

/** A backup in a store file of its own, of the newest schema: checked, and free to be changed. */
export interface Image {
  /** What was read. */
  readonly facts: BackupFacts;
  readonly path: string;
  readonly database: Database;
  /** The keys that it was sealed with. */
  readonly keys: StoreKeys;
  readonly codec: Codec;
}

const FOLDER = ".restoring-";
const STALE_MS = 86_400_000; // after which an image that was left behind is cleared away

/**
 * Runs `work` with the image of a backup, in a folder that is gone afterwards.
 * @param master the key that the backup is sealed with; undefined for the store's own
 * @throws {StigmergyError} DAMAGED, FORMAT, KEY_REQUIRED, WRONG_KEY, IO_FAILED; and what `work` throws
 */
export async function withImage<Result>(
  { folder, keys: liveKeys }: Pick<StoreContext, "folder" | "keys">,
  backup: string,
  master: Uint8Array | undefined,
  work: (image: Image) => Promise<Result>,
): Promise<Result> {
  await clearStale(folder);
  const scratch = join(folder, `${FOLDER}${randomBytes(6).toString("hex")}`);
  const path = join(scratch, "image.db");
  let database: Database | undefined;
  try {
    await mkdir(scratch, { mode: 0o700 });
    if (!isJsonPath(backup)) await copyFile(backup, path);
    // The copy was made first: what is proven is what was copied.
    const facts = await inspectBackup(backup);
    database = await Database.openFile(path);
    if (facts.format === "json") await fillFromJson(database, backup);
    const keys = keysOf(liveKeys, database, master);
    const codec = new Codec(database, keys, new SharedState(database, keys, undefined));
    await assertReadable(database, codec);
    return await work({ facts, path, database, keys, codec });
  } catch (error) {
    throw fileError(error);
  } finally {
    database?.close();
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

function keysOf(live: StoreKeys, database: Database, master: Uint8Array | undefined): StoreKeys {
  try {
    return live.of(database, master);
  } catch (cause) {
    const code = cause instanceof StigmergyError ? cause.code : undefined;
    if (code !== "WRONG_KEY" && code !== "KEY_REQUIRED") throw cause;
    throw new StigmergyError(
      code,
      "backup: it is sealed with another key than the store's; give the one it was made with (--key-file, or encryptionKey)",
      { cause },
    );
  }
}

async function copyFile(from: string, to: string): Promise<void> {
  const driver = await loadDriver();
  let source;
  try {
    source = new driver.DatabaseSync(from, { readOnly: true });
    await driver.backup(source, to);
  } catch (error) {
    const told = storeError(error, "read the backup");
    throw told instanceof StigmergyError && told.code === "DAMAGED" ? damaged(error) : told;
  } finally {
    source?.close();
  }
}

async function assertReadable(database: Database, codec: Codec): Promise<void> {
  const problems = new Problems();
  await checkEntries(database, codec, problems);
  await checkHistory(database, codec, problems);
  const wrong = problems.list().filter(({ part }) => part !== "namespaces");
  if (wrong.length === 0) return;
  const [first] = wrong;
  const place = first.key === undefined ? "" : ` key ${JSON.stringify(first.key.slice(0, 200))}:`;
  throw new StigmergyError(
    "DAMAGED",
    `backup:${place} ${first.detail} (${wrong.length} in all); choose another backup, the store is unchanged`,
  );
}

/** What a process that was killed left behind. */
async function clearStale(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(FOLDER)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > STALE_MS) {
      await rm(path, { recursive: true, force: true });
    }
  }
}
