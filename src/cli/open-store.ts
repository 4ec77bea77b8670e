import { existsSync, rmSync } from "node:fs";
import { StigmergyError } from "../errors.ts";
import type { MemoryStore } from "../memory/memory-store.ts";
import { checkName } from "../security/limits.ts";
import { scratchFolder } from "../util/folders.ts";
import { namedSetting } from "../util/settings.ts";
import { storePath } from "./store-path.ts";

/** What every command on the store takes. */
export interface StoreChoice {
  readonly path?: string;
  readonly json?: true;
}

/** Whose name and rights count: `STIGMERGY_AGENT`; without it the owner's, who may do everything. */
export function actingAgent(): string | undefined {
  const named = namedSetting(process.env, ["STIGMERGY_AGENT"]);
  return named && checkName(named.name, named.text);
}

/** Opens the store that a command means, made when it is not there, for as long as `work` takes. */
export async function withStore<Result>(
  { path }: StoreChoice,
  work: (store: MemoryStore) => Promise<Result>,
): Promise<Result> {
  return inFolder(storePath(path), work);
}

/**
 * As `withStore`, for commands that only look: where there is no store they make none, which a later
 * command would take for the project's. They look into an empty one that is gone afterwards.
 */
export async function withExistingStore<Result>(
  { path }: StoreChoice,
  work: (store: MemoryStore) => Promise<Result>,
): Promise<Result> {
  const folder = storePath(path);
  if (existsSync(folder)) return inFolder(folder, work);
  const empty = scratchFolder("empty");
  try {
    process.stderr.write("stigmergy: no store here yet; stigmergy memory store makes one\n");
    return await inFolder(empty, work);
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
}

/**
 * As `withStore`, for commands whose result would be of no use without a store.
 * @throws {StigmergyError} NOT_FOUND
 */
export async function withStoreThere<Result>(
  { path }: StoreChoice,
  work: (store: MemoryStore) => Promise<Result>,
): Promise<Result> {
  const folder = storePath(path);
  if (existsSync(folder)) return inFolder(folder, work);
  throw new StigmergyError(
    "NOT_FOUND",
    "memory store: there is no store here yet; stigmergy memory store makes one, --path names another folder",
  );
}

async function inFolder<Result>(
  path: string,
  work: (store: MemoryStore) => Promise<Result>,
): Promise<Result> {
  // Loaded here, so that help and --version do not wait for SQLite and the kernels.
  const { MemoryStore } = await import("../memory/memory-store.ts");
  const agent = actingAgent();
  await using store = await MemoryStore.open({
    path,
    // A command ends too soon to get on with it.
    reembed: false,
    ...(agent === undefined ? {} : { agent }),
  });
  return await work(store);
}
