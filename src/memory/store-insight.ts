import type { AuditLine, ChainReport } from "../security/audit-chain.ts";
import { checkCount, checkKey, checkName } from "../security/limits.ts";
import { knownOptions, type OptionNames } from "../util/option-names.ts";
import { unlessAborted } from "../util/turns.ts";
import { AgentShelf } from "./shelves/agent-shelf.ts";
import type { AnalyticsRequest, StoreAnalytics } from "./upkeep/analytics.ts";
import { KeptStore } from "./kept-store.ts";
import { countUnembedded } from "./vectors/late-vectors.ts";
import { ModelShelf } from "./shelves/model-shelf.ts";
import type { PersistReport, PersistRequest } from "./upkeep/persist.ts";
import type { CacheStats } from "./entries/read-cache.ts";
import type { ReembedOptions } from "./vectors/reembedding.ts";
import { KEY_NAMES, namespaceOr, type KeyOptions } from "./entries/requests.ts";
import type { ScanReport } from "./upkeep/scan.ts";

const REEMBED_NAMES: OptionNames<ReembedOptions> = { signal: true, onProgress: true };
const MOST_LINES = 100_000; // of the audit log

/** What an open store tells of itself, and what its owner does with it as a whole. */
export abstract class StoreInsight extends KeptStore {
  #models: ModelShelf | undefined;

  /** The store's folder, absolute. */
  get folder(): string {
    return this.context.folder;
  }

  /** The trained models and the outcomes that the store keeps. */
  get models(): ModelShelf {
    return (this.#models ??= new ModelShelf((work) => this.during(work)));
  }

  /** Where `agentsOf`, which is to be asked, keeps the live agents of every process. */
  agents<Facts extends object>(): AgentShelf<Facts> {
    return new AgentShelf<Facts>((work) => this.during(work));
  }

  /**
   * Goes on for another agent: with its rights where there is a policy, and its name on what is
   * stored. For servers that learn who calls after they have opened the store.
   * @throws {StigmergyError} INVALID_INPUT, TOO_LARGE
   */
  actFor(agent: string): void {
    this.context.state.actFor(checkName("agent", agent));
  }

  /**
   * Waits until every entry has its vector of the store's embedder, where those of another are being
   * renewed in the background, or were to be made while it did not answer; begins again after a
   * failure. Searches and writes go on meanwhile.
   * @throws {StigmergyError} what the embedder fails with; EMBEDDER_MISMATCH when another process
   * has begun with another embedder; CLOSED; STORE_BUSY. What was done is kept for the next time.
   */
  async reembed(options: ReembedOptions = {}): Promise<void> {
    const { reembedding, asked, late, database } = this.context;
    const { signal } = knownOptions("reembed", options, REEMBED_NAMES);
    await reembedding.wait(options);
    if (database.read(() => countUnembedded(database)) === 0) return;
    asked.forgive();
    await unlessAborted(signal, late.all());
  }

  /**
   * Why texts can't be embedded at the moment: what is stored now is embedded later, and searches go by
   * words alone. undefined while they can be, or have not been tried.
   */
  get embedderFailure(): string | undefined {
    return this.context.asked.failure;
  }

  /** What was written and read in some time until now, as far as the store's rows tell it. */
  async analytics(request: AnalyticsRequest = {}): Promise<StoreAnalytics> {
    return this.during(async (context) => {
      const { readAnalytics } = await import("./upkeep.ts");
      return readAnalytics(context, request);
    });
  }

  /**
   * Moves all that was written into the store's file and waits until the disk has it: what was
   * acknowledged before survives the loss of power, too.
   */
  async persist(request: PersistRequest = {}): Promise<PersistReport> {
    return this.during(async (context) => {
      const { persistStore } = await import("./upkeep.ts");
      return persistStore(context, request);
    });
  }

  /** The newest lines of the audit log, oldest first. */
  async auditLines(limit = 100): Promise<AuditLine[]> {
    const { audit, state } = this.context;
    state.refresh();
    state.access.assert("admin", "*");
    audit.flush(true);
    return audit.lines(checkCount("limit", limit, 1, MOST_LINES));
  }

  /** Looks for lines of the audit log that were edited or are missing. */
  async verifyAudit(): Promise<ChainReport> {
    return this.during(async ({ audit, state }) => {
      state.refresh();
      state.access.assert("admin", "*");
      return audit.verify();
    });
  }

  /** Looks for keys, tokens and passwords in what is stored; reports where, never what. */
  async scan(options: KeyOptions = {}): Promise<ScanReport> {
    const { namespace } = knownOptions("scan", options, KEY_NAMES);
    return this.during(async (context) =>
      (await import("./upkeep.ts")).scanEntries(context, namespace),
    );
  }

  /** How this process's read cache does. */
  cacheStats(): CacheStats {
    return this.context.cache.stats();
  }

  /** Empties this process's read cache, or takes one key out; returns how many entries that were. */
  dropCached(which?: { readonly key: string; readonly namespace?: string | undefined }): number {
    const { cache } = this.context;
    if (which === undefined) return cache.clear();
    const { key, namespace } = knownOptions("dropCached", which, { ...KEY_NAMES, key: true });
    const before = cache.stats().entries;
    cache.drop(namespaceOr(namespace), checkKey(key));
    return before - cache.stats().entries;
  }
}
