import type { OptionNames } from "../util/option-names.ts";

/** A service that embeds, and how it is asked. */
export interface EndpointOptions {
  /** Base address, such as `http://127.0.0.1:11434/v1`; `/embeddings` is added unless it ends so. */
  readonly url: string;
  /** What the service calls its model. */
  readonly model: string;
  /** Default: what the variable `STIGMERGY_EMBEDDER_KEY` holds, else none. */
  readonly key?: string | undefined;
  /** Values of a vector; default: as many as the vector of a first text has, which is asked for. */
  readonly dim?: number | undefined;
  /** Asks the model for vectors of `dim` values, which some can shorten; default false. */
  readonly shorten?: boolean | undefined;
  /** Stands before every text: some models want to be told what a text is for. Default none. */
  readonly prefix?: string | undefined;
  /** Texts of one request; default 64. */
  readonly batch?: number | undefined;
  /** Requests at a time; default 2. */
  readonly concurrency?: number | undefined;
  /** Characters that are sent of a text; default 24,000. */
  readonly mostCharacters?: number | undefined;
  /** Until an answer is there, each time; default 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Tries after the first; default 4. */
  readonly retries?: number | undefined;
  /** Of vectors of texts met lately; default 16 MiB, 0 for none. */
  readonly cacheBytes?: number | undefined;
  /** Cosine that unrelated texts hardly ever reach; default 0. */
  readonly floor?: number | undefined;
  /** Allows the key to be sent in the clear to another machine; default false. */
  readonly insecure?: boolean | undefined;
}

/** The names of `EndpointOptions`. */
export const ENDPOINT_NAMES: OptionNames<EndpointOptions> = {
  url: true,
  model: true,
  key: true,
  dim: true,
  shorten: true,
  prefix: true,
  batch: true,
  concurrency: true,
  mostCharacters: true,
  timeoutMs: true,
  retries: true,
  cacheBytes: true,
  floor: true,
  insecure: true,
};
