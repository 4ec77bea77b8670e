import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryStore, type MemoryStoreOptions, type SearchMode } from "stigmergy";
import type { RetrievalQuery, RetrievalSet } from "./data/retrieval-set.js";
import { scoresOf, type Scores } from "./metrics.js";

/** What was found for a question, how good it was and how long it took. */
export interface Answered {
  readonly query: RetrievalQuery;
  readonly scores: Scores;
  readonly ms: number;
}

/** A store that holds the documents of a set, each as an agent would store it. */
export class SetStore {
  readonly #set: RetrievalSet;
  readonly #folder: string;
  #store: MemoryStore;

  private constructor(set: RetrievalSet, folder: string, store: MemoryStore) {
    this.#set = set;
    this.#folder = folder;
    this.#store = store;
  }

  /** Stores every document under its id. */
  static async fill(set: RetrievalSet, options: MemoryStoreOptions = {}): Promise<SetStore> {
    const folder = mkdtempSync(join(tmpdir(), "stigmergy-retrieval-"));
    const store = await MemoryStore.open({ path: folder, ...options });
    const { documents } = set;
    const BATCH = 1000;
    for (let from = 0; from < documents.length; from += BATCH) {
      await store.transaction((transaction) => {
        for (const document of documents.slice(from, from + BATCH)) {
          const { id, text, title, session, at } = document;
          transaction.store({
            key: id,
            value: text,
            session,
            at,
            metadata: title === undefined ? {} : { title },
          });
        }
      });
    }
    return new SetStore(set, folder, store);
  }

  /** Opens the same store with other options. */
  async reopen(options: MemoryStoreOptions): Promise<void> {
    await this.#store.close();
    this.#store = await MemoryStore.open({ path: this.#folder, ...options });
  }

  /** Asks every question of the set. */
  async answers(mode: SearchMode, depth = 100): Promise<Answered[]> {
    // The first search reads what the others find in memory.
    await this.#store.search({ query: this.#set.queries[0].text, mode });
    const answered: Answered[] = [];
    for (const query of this.#set.queries) {
      const start = performance.now();
      const { hits } = await this.#store.search({
        query: query.text.slice(0, 4096),
        mode,
        limit: depth,
        detail: "keys" as const,
      });
      const ms = performance.now() - start;
      const relevant = this.#set.relevant.get(query.id) ?? new Map<string, number>();
      answered.push({
        query,
        ms,
        scores: scoresOf(
          hits.map(({ key }) => key),
          relevant,
        ),
      });
    }
    return answered;
  }

  async close(): Promise<void> {
    await this.#store.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
