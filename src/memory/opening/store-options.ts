import { StigmergyError } from "../../errors.ts";
import { checkCount, checkName, checkTtl } from "../../security/limits.ts";
import { parseMasterKey, readKeyFile } from "../../security/master-key.ts";
import type { Embedder } from "../../text/embedder.ts";
import { booleanSetting, namedSetting, type Environment } from "../../util/settings.ts";
import type { OptionNames } from "../../util/option-names.ts";
import type { Durability } from "../file/prepare-file.ts";
import { checkRanking, type AskedRanking, type Ranking } from "../search/ranking.ts";

/** Where a store is, what it embeds with, and how it is used. */
export interface MemoryStoreOptions {
  /** Folder of the store, made when it is not there; default `.stigmergy` in the working folder. */
  readonly path?: string | undefined;
  /**
   * A name for `createEmbedder`, or an embedder of your own; default what `STIGMERGY_EMBEDDER` names, else
   * `builtin`.
   */
  readonly embedder?: string | Embedder | undefined;
  /**
   * What to do when the store's vectors are of another embedder. true: embed every entry again in
   * the background, while the store is used; `reembed()` waits for it. false: neither that, nor go on
   * with what was begun. Default: go on with what was begun, renew them where both embedders come with this package,
   * else fail with EMBEDDER_MISMATCH.
   */
  readonly reembed?: boolean | undefined;
  /**
   * Seals what is written (AES-256-GCM): 64 hex digits or 32 bytes. Default: what
   * `STIGMERGY_ENCRYPTION_KEY` or `CLAUDE_FLOW_ENCRYPTION_KEY` holds, or the file that
   * `STIGMERGY_KEY_FILE` names, else none. Where there are a variable and a file, they must hold the same key.
   */
  readonly encryptionKey?: string | Uint8Array | undefined;
  /** Whose rights count, where the store has a policy; default the owner, who may do everything. */
  readonly agent?: string | undefined;
  /**
   * Seconds that an entry lives when neither its request nor its namespace says; default
   * `STIGMERGY_MEMORY_TTL` or `CLAUDE_FLOW_MEMORY_TTL`, else for good.
   */
  readonly ttl?: number | undefined;
  /** Log every operation, not only those on sealed namespaces; default `STIGMERGY_AUDIT`, else false. */
  readonly audit?: boolean | undefined;
  /** How much each part of a search counts, where other than by default. */
  readonly ranking?: AskedRanking | undefined;
  /** What an acknowledged write survives; default `process`: the end of the process in any way. */
  readonly durability?: Durability | undefined;
  /** Characters of values and metadata that the read cache holds; default 4 Mi, 0 for none. */
  readonly cacheCharacters?: number | undefined;
}

/** The names of options for a store whose place is known. */
export const USE_NAMES: OptionNames<Omit<MemoryStoreOptions, "path">> = {
  embedder: true,
  reembed: true,
  encryptionKey: true,
  agent: true,
  ttl: true,
  audit: true,
  ranking: true,
  durability: true,
  cacheCharacters: true,
};

/** The names of `MemoryStoreOptions`. */
export const OPEN_NAMES: OptionNames<MemoryStoreOptions> = { path: true, ...USE_NAMES };

/** How a store is used, once options and environment have been understood. */
export interface StoreUse {
  readonly master: Uint8Array | undefined;
  readonly agent: string | undefined;
  readonly ttl: number | undefined;
  readonly audit: boolean;
  readonly durability: Durability;
  readonly cacheCharacters: number;
  readonly ranking: Ranking;
}

const CACHE_CHARACTERS = 4 * 2 ** 20;

/** @throws {StigmergyError} INVALID_INPUT for an option, INVALID_SETTING for a variable */
export async function storeUse(
  options: MemoryStoreOptions,
  environment: Environment = process.env,
): Promise<StoreUse> {
  const { agent, durability = "process", cacheCharacters = CACHE_CHARACTERS, audit } = options;
  if (durability !== "process" && durability !== "power") {
    throw new StigmergyError("INVALID_INPUT", "durability: expected process or power");
  }
  return {
    master: await masterKey(options.encryptionKey, environment),
    agent: agent === undefined ? undefined : checkName("agent", agent),
    ttl: options.ttl === undefined ? ttlSetting(environment) : checkTtl(options.ttl),
    audit: audit ?? booleanSetting(environment, "STIGMERGY_AUDIT") ?? false,
    durability,
    cacheCharacters: checkCount("cacheCharacters", cacheCharacters, 0, Number.MAX_SAFE_INTEGER),
    ranking: checkRanking(options.ranking),
  };
}

/** A key given by a caller: 64 hex digits, or 32 bytes. @throws {StigmergyError} INVALID_INPUT */
export function checkMasterKey(what: string, given: string | Uint8Array): Uint8Array {
  if (typeof given === "string") return parseMasterKey(what, given);
  if (given instanceof Uint8Array && given.byteLength === 32) return Uint8Array.from(given);
  throw new StigmergyError("INVALID_INPUT", `${what}: expected 64 hex digits or 32 bytes`);
}

async function masterKey(
  given: string | Uint8Array | undefined,
  environment: Environment,
): Promise<Uint8Array | undefined> {
  if (given !== undefined) return checkMasterKey("encryptionKey", given);
  const named = namedSetting(environment, KEY_NAMES);
  const key = named === undefined ? undefined : parseMasterKey(named.name, named.text);
  const file = namedSetting(environment, [FILE_NAME]);
  if (file === undefined) return key;
  const kept = await readKeyFile(file.text);
  if (named === undefined || key?.equals(kept) === true) return kept;
  // Whichever counted would seal what the owner of the other can't open.
  throw new StigmergyError(
    "INVALID_SETTING",
    `${named.name} and the file of ${FILE_NAME}: expected the same key, received two; unset one of them`,
  );
}

const KEY_NAMES = ["STIGMERGY_ENCRYPTION_KEY", "CLAUDE_FLOW_ENCRYPTION_KEY"] as const;
const FILE_NAME = "STIGMERGY_KEY_FILE";

function ttlSetting(environment: Environment): number | undefined {
  const named = namedSetting(environment, ["STIGMERGY_MEMORY_TTL", "CLAUDE_FLOW_MEMORY_TTL"]);
  if (named === undefined) return undefined;
  try {
    return checkTtl(Number(named.text));
  } catch (cause) {
    throw new StigmergyError(
      "INVALID_SETTING",
      `${named.name}: expected seconds, more than 0, received "${named.text.slice(0, 64)}"`,
      { cause },
    );
  }
}
