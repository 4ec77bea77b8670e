import { resolve } from "node:path";
import { checkKey, checkNamespace, checkPath } from "../../security/limits.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import { noteWrite, type StoreContext } from "../entries/context.ts";
import { checkMasterKey } from "../opening/store-options.ts";
import { defaultPath, findBackup } from "./backup-files.ts";
import { FILE_SEAL, sealFile } from "./file-seal.ts";
import { withImage, type Image } from "./image.ts";
import { keepCopy } from "./kept-copy.ts";
import { restorePart } from "./partial-restore.ts";
import { recordsText, renumber, replaceContent } from "./replace-content.ts";
import { adopt } from "./reseal.ts";

/** What is restored of a backup, and how it is opened. */
export interface RestoreOptions {
  /** This key alone, as a new version of it; `namespace` says where, default `default`. */
  readonly key?: string | undefined;
  /** The entries of this namespace alone; those that are not in the backup stay. */
  readonly namespace?: string | undefined;
  /** The key that the backup is sealed with: 64 hex digits or 32 bytes; default the store's. */
  readonly encryptionKey?: string | Uint8Array | undefined;
}

/** The names of `RestoreOptions`. */
export const RESTORE_NAMES: OptionNames<RestoreOptions> = {
  key: true,
  namespace: true,
  encryptionKey: true,
};

/** What was restored. */
export interface RestoreReport {
  /** The backup that was read. */
  readonly path: string;
  /** Entries that were restored. */
  readonly entries: number;
  /** SHA-256 of the backup, in hex. */
  readonly sha256: string;
  /** Whether the backup's own seal proved every byte; copies made by other means have none. */
  readonly isProven: boolean;
  /** A backup of the store as it was before; absent when only a part was restored. */
  readonly before?: string;
}

/**
 * Restores a backup: all of the store's entries, history and settings of namespaces, or a part. Keys,
 * policy and audit log stay those of the store. All of the backup is checked before anything is
 * touched; what the store held is kept as a backup; and every process sees either the old store or
 * the new one, whenever this one should end.
 * @param path a file, or `latest` or `emergency` for the newest in the store's folder `backups`
 * @throws {StigmergyError} NOT_FOUND, DAMAGED, FORMAT; KEY_REQUIRED or WRONG_KEY for a sealed backup;
 * CONFLICT, FORBIDDEN, STORE_BUSY; nothing is changed then
 */
export async function restore(
  context: StoreContext,
  path: string,
  options: RestoreOptions = {},
): Promise<RestoreReport> {
  const { key, namespace, encryptionKey } = knownOptions("restore", options, RESTORE_NAMES);
  const { state } = context;
  const isPart = key !== undefined || namespace !== undefined;
  const where = isPart ? checkNamespace(namespace ?? "default") : undefined;
  const which = key === undefined ? undefined : checkKey(key);
  state.refresh();
  state.access.assert("admin", where ?? "*");
  const isNamed = path === "latest" || path === "emergency";
  const found = await findBackup(context.folder, isNamed ? path : resolve(checkPath(path)));
  const master =
    encryptionKey === undefined ? undefined : checkMasterKey("encryptionKey", encryptionKey);
  if (where !== undefined) {
    return withImage(context, found, master, async (image) => ({
      ...told(found, image),
      entries: await restorePart(context, image, where, which),
    }));
  }
  return context.writes.run(() =>
    withImage(context, found, master, (image) => restoreAll(context, found, image)),
  );
}

async function restoreAll(
  context: StoreContext,
  path: string,
  image: Image,
): Promise<RestoreReport> {
  const { database, folder, state, cache, accesses, audit } = context;
  const records = recordsText(database);
  await adopt(context, image);
  const { from } = renumber(database, image.database);
  image.database.checkpoint();
  audit.flush(true);
  accesses.flush();
  const detail = `${image.facts.entries} entries, sha256 ${image.facts.sha256}`;
  const replacement = { path: image.path, from, detail };
  const before = defaultPath(folder, "before-restore");
  const copy = await keepCopy(context, before);
  try {
    await replaceContent(context, replacement, records, copy);
  } finally {
    await sealFile(before, FILE_SEAL);
  }
  // Reads that were counted are of entries that are gone.
  accesses.written();
  cache.clear();
  state.reload();
  noteWrite(context);
  return { ...told(path, image), entries: image.facts.entries, before };
}

function told(path: string, { facts }: Image): Omit<RestoreReport, "entries"> {
  return { path, sha256: facts.sha256, isProven: facts.isProven };
}
