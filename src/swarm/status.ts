import { lstatSync } from "node:fs";
import { lstat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StigmergyError } from "../errors.ts";
import { DATABASE_FILE } from "../memory/file/schema.ts";
import { MemoryStore } from "../memory/memory-store.ts";
import type { StoreStats } from "../memory/upkeep/stats.ts";
import type { KernelBuild } from "../wasm/build.ts";
import { processKernels } from "../wasm/compile.ts";
import { agentsOf } from "./agents.ts";
import { VERSION } from "./version.ts";

/** The state of what this package runs on, each part found by using it. */
export interface Status {
  readonly version: string;
  readonly healthy: boolean;
  readonly kernels: Probe<{ readonly build: KernelBuild }>;
  /** Live agents, and how many of them are stale; none where there is no store. */
  readonly agents: Probe<{ readonly live: number; readonly stale: number }>;
  /** `empty` when no store has been made here yet. */
  readonly store: Probe<StoreStats | { readonly path: string; readonly empty: true }>;
}

/** What a part said, or why it could not. */
export type Probe<Found> =
  | ({ readonly ok: true } & Found)
  | { readonly ok: false; readonly code: string; readonly error: string };

/**
 * Looks at the kernels and at the store of a folder, as far as `agent` may read it, without making one.
 * @param folder tells which; what it throws is told of the store
 */
export async function readStatus(folder: () => string, agent?: string): Promise<Status> {
  const kernels = await probe(async () => ({ build: processKernels().build }));
  const place = await probe(async () => ({ path: folder() }));
  const store = place.ok ? await probe(() => readStore(place.path, agent)) : place;
  const agents = place.ok ? await probe(() => readAgents(place.path)) : place;
  const healthy = kernels.ok && store.ok && agents.ok;
  return { version: VERSION, healthy, kernels, agents, store };
}

async function readAgents(path: string): Promise<{ live: number; stale: number }> {
  if (await isAbsent(join(path, DATABASE_FILE))) return { live: 0, stale: 0 };
  await using store = await MemoryStore.open({ path, reembed: false });
  const agents = await agentsOf(store).list();
  const stale = agents.filter(({ status }) => status === "stale").length;
  return { live: agents.length, stale };
}

async function readStore(
  path: string,
  agent: string | undefined,
): Promise<StoreStats | { path: string; empty: true }> {
  const file = join(path, DATABASE_FILE);
  if (await isAbsent(file)) return { path: file, empty: true };
  await using store = await MemoryStore.open({ path, agent, reembed: false });
  return await store.stats();
}

/** Whether nothing is there; what can't be reached is there for all that is known. */
async function isAbsent(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === "ENOENT" && !isLink(dirname(path)),
  );
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

async function probe<Found extends object>(look: () => Promise<Found>): Promise<Probe<Found>> {
  try {
    return { ok: true, ...(await look()) };
  } catch (error) {
    if (!(error instanceof StigmergyError)) throw error;
    return { ok: false, code: error.code, error: error.message };
  }
}
