import { Access, parsePolicy, type Policy } from "../../security/policy.ts";
import type { Database } from "../file/database.ts";
import { readSettings, type NamespaceSettings } from "./namespaces.ts";
import { tokenOf } from "../file/settings-token.ts";
import type { StoreKeys } from "../file/store-keys.ts";
import { factOf } from "../file/facts.ts";

/**
 * What the store's file says of the store itself: policy, settings of namespaces, keys. Kept in
 * memory, and read again when another process has written.
 */
export class SharedState {
  readonly #database: Database;
  readonly #keys: StoreKeys;
  #agent: string | undefined;
  readonly #settings = new Map<string, NamespaceSettings>();
  #othersVersion: number | undefined;
  #policyText: unknown;
  #policy: Policy | undefined;
  #access: Access;
  #generation = 0;
  #token: unknown;

  /** @param agent whose rights count; undefined is the owner */
  constructor(database: Database, keys: StoreKeys, agent: string | undefined) {
    this.#database = database;
    this.#keys = keys;
    this.#agent = agent;
    this.#access = new Access(undefined, agent);
    this.reload();
  }

  /** Grows whenever others may have changed anything. */
  get generation(): number {
    return this.#generation;
  }

  /** Equal as long as policy, settings and keys are as they were, and no restore came between. */
  get token(): unknown {
    return this.#token;
  }

  /** Looks whether others have written, and if so reads again what may have changed. */
  refresh(): void {
    const version = this.#database.othersVersion();
    if (version === this.#othersVersion) return;
    this.#generation++;
    this.check(this.#database.read(() => tokenOf(this.#database)));
    // Last: what fails now is tried again at the next call.
    this.#othersVersion = version;
  }

  /** As `refresh`, for who has just read `SETTINGS_TOKEN` with something else. */
  check(token: unknown): void {
    if (token !== this.#token) this.reload();
  }

  /** Reads everything again, after this process has changed it. */
  reload(): void {
    const token = this.#database.read(() => tokenOf(this.#database));
    this.#settings.clear();
    this.#keys.reload();
    const text = this.#database.read(() => factOf(this.#database, "policy"));
    if (text !== this.#policyText) {
      this.#policy = typeof text === "string" ? parsePolicy(JSON.parse(text)) : undefined;
      this.#access = new Access(this.#policy, this.#agent);
      this.#policyText = text;
    }
    this.#token = token;
  }

  /** Goes on with another agent's rights. */
  actFor(agent: string): void {
    this.#agent = agent;
    this.#access = new Access(this.#policy, agent);
  }

  /** What this process's agent may do. */
  get access(): Access {
    return this.#access;
  }

  /** Who may do what; undefined when everybody may do everything. */
  get policy(): Policy | undefined {
    return this.#policy;
  }

  /** How a namespace keeps its entries. */
  settingsOf(namespace: string): NamespaceSettings {
    let settings = this.#settings.get(namespace);
    if (settings === undefined) {
      settings = this.#database.read(() => readSettings(this.#database, namespace));
      if (this.#settings.size >= MOST_SETTINGS) this.#settings.clear();
      this.#settings.set(namespace, settings);
    }
    return settings;
  }

  /** Whether what is written into a namespace is sealed. */
  seals(namespace: string): boolean {
    return this.#keys.ring !== undefined && this.settingsOf(namespace).sealed !== false;
  }
}

const MOST_SETTINGS = 10_000; // namespaces remembered
