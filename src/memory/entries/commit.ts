import { StigmergyError } from "../../errors.ts";
import { verifyEntry } from "../../security/signatures.ts";
import { EmbedderError } from "../../text/embedder.ts";
import { noteWrite, type StoreContext } from "./context.ts";
import type { Entry } from "./entry.ts";
import { assertEmbedder, type EmbedderRole } from "./embedder-role.ts";
import { isLive, rowOf } from "./row-before.ts";
import {
  assertVersion,
  deleteEntry,
  embeddedText,
  putEntry,
  type NewEntry,
  type PreparedWrite,
  type Unembedded,
} from "./writes.ts";

/** A change that was asked for. `ifVersion` is the version it must meet; 0 is absence. */
export type Write =
  | { readonly kind: "put"; readonly entry: NewEntry; readonly ifVersion?: number | undefined }
  | {
      readonly kind: "delete" | "check";
      readonly namespace: string;
      readonly key: string;
      readonly ifVersion?: number | undefined;
    };

/** What a change came to: the entry stored, whether one was deleted, nothing for a check. */
export type Written = Entry | boolean | undefined;

/**
 * Makes changes, all of them or none, in the order in which commits were asked for. What can't be
 * embedded, as its embedder does not answer, is written without its vector and embedded later.
 * @throws {StigmergyError} CONFLICT, LIMIT_REACHED, FORBIDDEN, BAD_SIGNATURE, EMBEDDER_MISMATCH,
 * STORE_BUSY; nothing is changed then
 */
export async function commit(context: StoreContext, writes: readonly Write[]): Promise<Written[]> {
  const { database, state, embedder } = context;
  state.refresh();
  for (const write of writes) assertAllowed(context, write);
  const { access } = state;
  const preparing = prepare(context, writes);
  // Its failure is met below, in turn; until then it is nobody's unhandled rejection.
  preparing.catch(() => undefined);
  return context.writes.run(async () => {
    const prepared = await preparing;
    let countsReads = false;
    const written = database.write(() => {
      state.refresh();
      // The policy may have changed since.
      if (state.access !== access) for (const write of writes) assertAllowed(context, write);
      const role = assertEmbedder(database, embedder);
      // The reads of this process count when it is chosen what to evict.
      countsReads = writes.some((write) => write.kind === "put" && evicts(context, write.entry));
      if (countsReads) context.accesses.write();
      const now = Date.now();
      return prepared.map((write) => perform(context, write, role, now));
    });
    if (countsReads) context.accesses.written();
    noteWrite(context);
    if (prepared.some((write) => write.kind === "put" && isLate(write))) {
      context.late.notePostponed();
    }
    if (hasVectors(prepared)) context.late.start();
    try {
      context.words.noteWrites(writes.length);
    } catch {
      // What was written is kept; the next search by words is told what is wrong with their index.
    }
    return written;
  });
}

function perform(
  context: StoreContext,
  write: PreparedWrite,
  role: EmbedderRole,
  now: number,
): Written {
  if (write.kind === "put") return putEntry(context, write.put, role, write.ifVersion, now);
  const { namespace, key, ifVersion } = write;
  if (write.kind === "delete") return deleteEntry(context, namespace, key, ifVersion, now);
  const row = rowOf(context.database, namespace, key);
  assertVersion(namespace, key, ifVersion, isLive(row, now) ? row : undefined);
  return undefined;
}

/** Finds vectors, which takes a while, before the store is locked. */
async function prepare(context: StoreContext, writes: readonly Write[]): Promise<PreparedWrite[]> {
  const { state, embedder } = context;
  // Asked once: settings may change while texts are embedded, and vectors are told apart by order.
  const embedded = new Set(
    writes.filter(
      (write) => write.kind === "put" && state.settingsOf(write.entry.namespace).vectors !== false,
    ),
  );
  const texts = writes.flatMap((write) =>
    write.kind === "put" && embedded.has(write) ? [embeddedText(write.entry)] : [],
  );
  const vectors = texts.length === 0 ? new Float32Array(0) : await vectorsOf(context, texts);
  let next = 0;
  return writes.map((write) => {
    const { ifVersion } = write;
    if (write.kind !== "put") return { ...write, ifVersion };
    const { entry } = write;
    let vector: Float32Array | Unembedded | undefined;
    if (embedded.has(write) && "silentAt" in vectors) vector = vectors;
    else if (embedded.has(write) && !("silentAt" in vectors)) {
      vector = vectors.subarray(next, next + embedder.dim);
      next += embedder.dim;
    }
    return { kind: "put", put: { entry, embedder: embedder.id, vector }, ifVersion };
  });
}

/** Texts that can't be embedded at the moment are kept all the same. */
async function vectorsOf(
  { asked, embedder }: StoreContext,
  texts: readonly string[],
): Promise<Float32Array | Unembedded> {
  try {
    return await asked.embed(embedder, texts);
  } catch (error) {
    if (!(error instanceof EmbedderError)) throw error;
    return { silentAt: error.areTextsRefused ? 0 : asked.failedAt };
  }
}

/** Whether an entry waits for its vector. */
function isLate({ put: { vector } }: PreparedWrite & { kind: "put" }): boolean {
  return vector !== undefined && "silentAt" in vector;
}

/** Whether the embedder has answered. */
function hasVectors(prepared: readonly PreparedWrite[]): boolean {
  return prepared.some((write) => write.kind === "put" && write.put.vector instanceof Float32Array);
}

function evicts({ state }: StoreContext, { namespace }: NewEntry): boolean {
  const { eviction } = state.settingsOf(namespace);
  return eviction === "lru" || eviction === "lfu";
}

function assertAllowed({ state, audit }: StoreContext, write: Write): void {
  const { access } = state;
  if (write.kind === "put") {
    const { namespace, key, agent } = write.entry;
    try {
      access.assert("write", namespace);
      if (access.agent !== undefined && agent !== undefined && agent !== access.agent) {
        // Who may administer a namespace may store there for others, as importers do.
        access.assert("admin", namespace);
      }
      if (access.needsSignature(namespace))
        assertSigned(write.entry, access.publicKeyOf(agent ?? ""));
    } catch (error) {
      audit.note({ action: "store", outcome: "refused", namespace, key });
      throw error;
    }
    return;
  }
  const { namespace, key, kind } = write;
  try {
    access.assert(kind === "delete" ? "delete" : "read", namespace);
  } catch (error) {
    audit.note({ action: kind, outcome: "refused", namespace, key });
    throw error;
  }
}

function assertSigned(entry: NewEntry, publicKey: string | undefined): void {
  const { namespace, key, value, tags, metadata, agent, at, signature } = entry;
  const refuse = (what: string): never => {
    throw new StigmergyError("BAD_SIGNATURE", `namespace "${namespace}": ${what}`);
  };
  if (agent === undefined || signature === undefined) {
    return refuse(
      "expected an entry signed by its agent, received none; give agent, at and signature",
    );
  }
  if (publicKey === undefined) return refuse(`agent "${agent}" has no public key in the policy`);
  const signed = { namespace, key, value, tags, metadata, agent, at };
  if (!verifyEntry(signed, signature, publicKey)) {
    refuse(`the signature is not of this entry by agent "${agent}"`);
  }
}
