import { StigmergyError } from "../../errors.ts";
import {
  checkCount,
  checkKey,
  checkMetadata,
  checkMoment,
  checkName,
  checkNamespace,
  checkTags,
  checkTtl,
  checkValue,
} from "../../security/limits.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import type { StoreContext } from "./context.ts";
import { PROVENANCES, type Entry, type Provenance } from "./entry.ts";
import type { NewEntry } from "./writes.ts";

/**
 * An entry to store. One that the store answered is taken, too, as in `{ ...entry, value }`: what only the store can know
 * of it is passed over, its version and times among it; how long it lives is `ttl`'s to say, and begins anew.
 */
export interface StoreRequest {
  /** 1 to 1,024 characters of any Unicode but NUL; an entry of this key is replaced. */
  readonly key: string;
  /** Some text, up to 1 MiB of UTF-8. */
  readonly value: string;
  /** Default `default`. */
  readonly namespace?: string | undefined;
  /** Seconds until it is no longer returned; default the namespace's, else the store's, else never. */
  readonly ttl?: number | undefined;
  /** Words that searches and lists can be narrowed by, at most 64. */
  readonly tags?: readonly string[] | undefined;
  /** Anything that JSON can hold; `title` weighs more than the rest of the text in searches. */
  readonly metadata?: object | undefined;
  /** Who said it; default the agent that the store was opened for. */
  readonly agent?: string | undefined;
  /** The conversation or run that it belongs to. */
  readonly session?: string | undefined;
  /** How it came to be known; default `unknown`. */
  readonly provenance?: Provenance | undefined;
  /** When it was said, in milliseconds since 1970; default now. */
  readonly at?: number | undefined;
  /** Never evict it to make room; default as before, else false. */
  readonly pinned?: boolean | undefined;
  /** Store only if the entry of this key has this version still; 0: only if there is none. */
  readonly ifVersion?: number | undefined;
  /** `signEntry` of the entry by the agent named, base64. */
  readonly signature?: string | undefined;
}

const STORE_NAMES: OptionNames<StoreRequest> = {
  key: true,
  value: true,
  namespace: true,
  ttl: true,
  tags: true,
  metadata: true,
  agent: true,
  session: true,
  provenance: true,
  at: true,
  pinned: true,
  ifVersion: true,
  signature: true,
};

type EntryOwnName = Exclude<keyof Entry, keyof StoreRequest>;

/** What of an entry the store alone says. */
const ENTRY_OWN_NAMES: { readonly [Name in EntryOwnName]: "always" | "some" } = {
  id: "always",
  version: "always",
  createdAt: "always",
  updatedAt: "always",
  accessCount: "always",
  expiresAt: "some",
};
const ALWAYS = Object.entries(ENTRY_OWN_NAMES).flatMap(([name, when]) =>
  when === "always" ? [name] : [],
);
const ENTRY_NAMES: OptionNames<StoreRequest & Entry> = { ...STORE_NAMES, ...ENTRY_OWN_NAMES };

/** The names that a request may have: those of an entry only where it has them all, since one alone means another. */
function namesOf(request: StoreRequest): OptionNames<StoreRequest> {
  if (typeof request !== "object" || request === null || !("id" in request)) return STORE_NAMES;
  return ALWAYS.every((name) => name in request) ? ENTRY_NAMES : STORE_NAMES;
}

/** Which entries to list. */
export interface ListRequest {
  /** Default every namespace that may be read. */
  readonly namespace?: string | undefined;
  /** A key pattern; `*` is any characters and `?` one, from the start of the key or after any "/". */
  readonly pattern?: string | undefined;
  /** Only entries of this conversation or run. */
  readonly session?: string | undefined;
  /** By namespace and key, or by when they were said, the latest last; default `key`. */
  readonly order?: "key" | "time" | undefined;
  /** Most entries, 1 to 10,000; default 100. */
  readonly limit?: number | undefined;
  /** Entries to pass over first; default 0. */
  readonly offset?: number | undefined;
}

/** The names of a `ListRequest`. */
export const LIST_NAMES: OptionNames<ListRequest> = {
  namespace: true,
  pattern: true,
  session: true,
  order: true,
  limit: true,
  offset: true,
};

const DEFAULT_NAMESPACE = "default";

/** Where a key is looked for. */
export interface KeyOptions {
  /** Default `default`. */
  readonly namespace?: string | undefined;
}

/** The names of `KeyOptions`. */
export const KEY_NAMES: OptionNames<KeyOptions> = { namespace: true };

/** Which entry to delete, and how. */
export interface DeleteOptions extends KeyOptions {
  /** Delete only if the entry has this version still. */
  readonly ifVersion?: number | undefined;
  /**
   * Leave nothing of it in the store's files: overwrite what it stood in, its earlier values too.
   * Takes seconds in a large store. Backups are not touched. Default false.
   */
  readonly erase?: boolean | undefined;
}

/** The names of `DeleteOptions`. */
export const DELETE_NAMES: OptionNames<DeleteOptions> = {
  ...KEY_NAMES,
  ifVersion: true,
  erase: true,
};

/** The namespace named, or the default one. @throws {StigmergyError} INVALID_INPUT, TOO_LARGE */
export function namespaceOr(namespace: string | undefined): string {
  return namespace === undefined ? DEFAULT_NAMESPACE : checkNamespace(namespace);
}

/** The version that a change must meet. @throws {StigmergyError} INVALID_INPUT */
export function checkVersion(version: number | undefined): number | undefined {
  if (version === undefined) return undefined;
  return checkCount("ifVersion", version, 0, Number.MAX_SAFE_INTEGER);
}

/** The parts of an entry, checked. @throws {StigmergyError} INVALID_INPUT, TOO_LARGE */
export function checkEntry(
  { state, defaultTtl }: Pick<StoreContext, "state" | "defaultTtl">,
  request: StoreRequest,
): NewEntry {
  const {
    tags = [],
    metadata = {},
    session,
    at,
    signature,
    pinned,
  } = knownOptions("store", request, namesOf(request));
  const namespace = namespaceOr(request.namespace);
  const now = Date.now();
  const ttl = request.ttl === undefined ? undefined : checkTtl(request.ttl);
  const seconds = ttl ?? state.settingsOf(namespace).ttl ?? defaultTtl;
  const agent = request.agent ?? state.access.agent;
  checkVersion(request.ifVersion);
  return {
    key: checkKey(request.key),
    value: checkValue(request.value),
    namespace,
    tags: checkTags(tags),
    metadata: checkMetadata(metadata),
    agent: agent === undefined ? undefined : checkName("agent", agent),
    session: session === undefined ? undefined : checkName("session", session),
    provenance: checkProvenance(request.provenance),
    signature: signature === undefined ? undefined : checkName("signature", signature),
    pinned: pinned === undefined ? undefined : checkPinned(pinned),
    at: at === undefined ? now : checkMoment("at", at),
    expiresAt: seconds === undefined ? undefined : now + Math.ceil(seconds * 1000),
  };
}

/** How something came to be known. @throws {StigmergyError} INVALID_INPUT */
export function checkProvenance(provenance: Provenance = "unknown"): Provenance {
  if (PROVENANCES.includes(provenance)) return provenance;
  throw new StigmergyError(
    "INVALID_INPUT",
    `provenance: expected ${PROVENANCES.join(", ")}, received ${String(provenance).slice(0, 64)}`,
  );
}

function checkPinned(pinned: unknown): boolean {
  if (typeof pinned === "boolean") return pinned;
  throw new StigmergyError(
    "INVALID_INPUT",
    `pinned: expected true or false, received ${String(pinned).slice(0, 64)}`,
  );
}
