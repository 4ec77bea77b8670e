import type { Pool } from "../../pool/pool.ts";
import { LANES_PER_THREAD } from "../segment/layout.ts";

/** The threads of an index: started when they are first needed, and again after they have ended. */
export class Threads {
  readonly #count: number;
  #pool: Promise<Pool> | undefined;
  #started: Pool | undefined;

  constructor(count: number) {
    this.#count = count;
  }

  /** The threads, when `start` need not be waited for. */
  get started(): Pool | undefined {
    return this.#started?.isDead === true ? undefined : this.#started;
  }

  /** @throws {StigmergyError} WORKER_DIED when the system gives no thread; ask again */
  async start(): Promise<Pool> {
    if (this.#pool !== undefined && (await this.#pool).isDead) await this.close();
    this.#pool ??= this.#makePool();
    return this.#pool;
  }

  /** Lets jobs already given finish, and ends the threads. */
  async close(): Promise<void> {
    const pool = await this.#pool;
    this.#pool = undefined;
    this.#started = undefined;
    await pool?.close();
  }

  async #makePool(): Promise<Pool> {
    // Loaded here: whoever asks one query at a time never needs threads.
    const { Pool } = await import("../../pool/pool.ts");
    try {
      // Jobs of an index never wait for each other.
      this.#started = new Pool(this.#count, LANES_PER_THREAD - 1);
      return this.#started;
    } catch (error) {
      this.#pool = undefined;
      throw error;
    }
  }
}
