import { messageOf, StigmergyError } from "../../errors.ts";
import { redact } from "../../security/redact.ts";
import { EmbedderError, embedTexts, type Embedder } from "../../text/embedder.ts";
import type { Database } from "../file/database.ts";
import { rememberEmbedder } from "../entries/embedder-role.ts";

/** What has failed is not asked again before: searches would all wait for it. */
const SILENCE_MS = 30_000;
/** Who asks about a few texts waits no longer. What comes later is of use to the next. */
const PATIENCE_MS = 10_000;
/** So many texts are a few. */
export const FEW = 16;

/**
 * Asks a store's embedder, which may be a service that is out of reach: a search or a write waits for
 * it a while, and after a failure the next ones do not, in this process and, for writes, in others.
 */
export class AskedEmbedder {
  readonly #database: Database;
  readonly #patienceMs: number;
  readonly #closing = new AbortController();
  #failed: { readonly at: number; readonly message: string } | undefined;
  #answeredAt = 0;
  /** Whether the store does not know yet how long the embedder's vectors are. */
  #isUnknown = false;

  constructor(database: Database, patienceMs = PATIENCE_MS) {
    this.#database = database;
    this.#patienceMs = patienceMs;
  }

  /** Why texts can't be embedded at the moment; undefined while they can, for all that is known. */
  get failure(): string | undefined {
    return this.#failed?.message;
  }

  /** When it was asked in vain the last time, in ms since 1970; 0 while texts can be embedded. */
  get failedAt(): number {
    return this.#failed?.at ?? 0;
  }

  /**
   * Vectors of texts, as `embedTexts`.
   * @throws {EmbedderError} when they can't be had; CLOSED; DIMENSION or INVALID_INPUT when an
   * embedder of the caller's own answers what are no vectors; EMBEDDER_MISMATCH when the first answer
   * shows that it is another than the store's
   */
  async embed(embedder: Embedder, texts: readonly string[]): Promise<Float32Array> {
    if (embedder.isLocal === true) return embedTexts(embedder, texts);
    this.#assertNotSilent(embedder);
    const isShort = texts.length <= FEW;
    this.#isUnknown ||= embedder.dim === 0;
    const answer = this.#ask(embedder, texts, isShort);
    return isShort ? this.#inTime(embedder, answer) : answer;
  }

  /** Has the next text be asked about, whatever failed before. */
  forgive(): void {
    this.#failed = undefined;
    this.#answeredAt = Date.now();
  }

  /** Ends what is still being asked. */
  stop(): void {
    this.#closing.abort(new StigmergyError("CLOSED", "memory store: closed"));
  }

  async #ask(
    embedder: Embedder,
    texts: readonly string[],
    isShort: boolean,
  ): Promise<Float32Array> {
    const { signal } = this.#closing;
    try {
      const vectors = await embedTexts(embedder, texts, {
        signal,
        ...(isShort ? { retries: 1 } : {}),
      });
      // Its first answer tells what the store's vectors are of from now on.
      if (this.#isUnknown && embedder.dim > 0) {
        rememberEmbedder(this.#database, embedder, false);
        this.#isUnknown = false;
      }
      this.forgive();
      return vectors;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof StigmergyError && error.code !== "EMBEDDER_FAILED") throw error;
      throw this.#noted(embedder, error);
    }
  }

  async #inTime(embedder: Embedder, answer: Promise<Float32Array>): Promise<Float32Array> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const error = new EmbedderError(`no answer within ${this.#patienceMs} ms`);
        reject(this.#noted(embedder, error));
      }, this.#patienceMs);
    });
    // After the other one it is nobody's.
    answer.catch(() => undefined);
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #noted({ id }: Embedder, cause: unknown): EmbedderError {
    const said = redact(messageOf(cause));
    const message = said.startsWith("embedder ") ? said : `embedder ${id}: ${said}`;
    const areTextsRefused = cause instanceof EmbedderError && cause.areTextsRefused;
    if (!areTextsRefused) this.#failed = { at: Date.now(), message };
    return new EmbedderError(message, areTextsRefused, { cause });
  }

  #assertNotSilent(embedder: Embedder): void {
    const { id } = embedder;
    const now = Date.now();
    const own = this.#failed;
    const left = (at: number): number => (at > now ? 0 : at + SILENCE_MS - now);
    if (own !== undefined && left(own.at) > 0) {
      throw new EmbedderError(`${own.message}; it is asked again in ${seconds(left(own.at))} s`);
    }
    // What another process could not have embedded was written a moment ago.
    const row = this.#database.read(() =>
      this.#database.sql("SELECT at FROM unembedded ORDER BY entry DESC LIMIT 1").get(),
    );
    const at = Number(row?.at ?? 0);
    if (at <= this.#answeredAt || left(at) <= 0) return;
    this.#failed = { at, message: `embedder ${id}: it did not answer another process` };
    this.#assertNotSilent(embedder);
  }
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
