import { StigmergyError } from "../errors.ts";
import { knownOptions } from "../util/option-names.ts";
import { namedSetting, type Environment } from "../util/settings.ts";
import { EmbedderError, type EmbedOptions, type Embedder } from "./embedder.ts";
import { ENDPOINT_NAMES, type EndpointOptions } from "./endpoint-options.ts";
import { askEndpoint, vectorsOf } from "./endpoint-request.ts";
import { embedderId, unitVectors } from "./given-vectors.ts";
import { VectorCache } from "./vector-cache.ts";

/**
 * Embedders that a store's vectors are of, and whether a service is asked all the same. For a store that
 * has none yet a service may be out of reach: it tells how long its vectors are when it first answers.
 */
export interface KnownEmbedders {
  readonly names: readonly Pick<Embedder, "id" | "dim">[];
  readonly isAsked: boolean;
}

const FIRST_MS = 5000; // for a service whose answer is known already
const KEY_NAME = "STIGMERGY_EMBEDDER_KEY";
const COUNTS = {
  batch: [64, 2048],
  concurrency: [2, 64],
  mostCharacters: [24_000, 10_000_000],
  timeoutMs: [30_000, 3_600_000],
  retries: [4, 20],
  cacheBytes: [16 * 2 ** 20, 2 ** 40],
} as const;
const MAY_BE_NONE = new Set(["retries", "cacheBytes"]);

/**
 * An embedder that asks a service: any that has OpenAI's `POST /embeddings`, as Ollama, LM Studio, vLLM,
 * llama.cpp and most hosted ones have. What it is asked for is sent to that service and nowhere else.
 * @throws {StigmergyError} INVALID_INPUT for an option; EMBEDDER_FAILED when the service does not answer
 *
 * @example
 * const ollama = { url: "http://127.0.0.1:11434/v1", model: "nomic-embed-text" };
 * const embedder = await endpointEmbedder(ollama);
 */
export async function endpointEmbedder(options: EndpointOptions): Promise<Embedder> {
  knownOptions("endpointEmbedder", options, ENDPOINT_NAMES);
  return openEndpoint(options, process.env, undefined);
}

/** As `endpointEmbedder`, for a store when its vectors are `known`. @throws as `endpointEmbedder` */
export async function openEndpoint(
  options: EndpointOptions,
  environment: Environment,
  known: KnownEmbedders | undefined,
): Promise<Embedder> {
  const endpoint = new Endpoint(options, environment);
  const dim = options.dim ?? (await dimOf(endpoint, options, known));
  return new EndpointEmbedder(endpoint, options, dim);
}

/**
 * How many values the service's vectors have: as the store knows it already, or by asking; 0 while that
 * is not known. A store is then opened, and read, without the service.
 */
async function dimOf(
  endpoint: Endpoint,
  options: EndpointOptions,
  store: KnownEmbedders | undefined,
): Promise<number> {
  const { names, isAsked } = store ?? { names: [], isAsked: true };
  const known = names.find(({ id, dim }) => id === idOf(options, dim))?.dim;
  const mayWait = known !== undefined || (store !== undefined && names.length === 0);
  if (mayWait && !isAsked) return known ?? 0;
  try {
    return await endpoint.dim({
      retries: 1,
      ...(mayWait ? { signal: AbortSignal.timeout(FIRST_MS) } : {}),
    });
  } catch (error) {
    // What it answered, as that there is no such model, is for whoever named it.
    if (!mayWait || (known === undefined && isRefusal(error))) throw error;
    return known ?? 0;
  }
}

/** Whether a service has answered, and will not answer otherwise. */
function isRefusal(error: unknown): boolean {
  if (error instanceof EmbedderError) return !error.mayPass;
  return !(error instanceof Error && error.name === "TimeoutError");
}

function idOf({ model, prefix = "" }: EndpointOptions, dim: number): string {
  return embedderId("endpoint", model, dim, ...(prefix === "" ? [] : [prefix]));
}

class EndpointEmbedder implements Embedder {
  readonly kind = "semantic";
  readonly floor: number;
  readonly #endpoint: Endpoint;
  readonly #options: EndpointOptions;
  readonly #cache: VectorCache;
  #dim: number;

  /** @param dim 0 while it is not known */
  constructor(endpoint: Endpoint, options: EndpointOptions, dim: number) {
    this.#options = options;
    this.#dim = dim;
    this.floor = options.floor ?? 0;
    this.#endpoint = endpoint;
    this.#cache = new VectorCache(endpoint.count("cacheBytes"));
  }

  get id(): string {
    return idOf(this.#options, this.#dim);
  }

  get dim(): number {
    return this.#dim;
  }

  mayBe({ id, dim }: Pick<Embedder, "id" | "dim">): boolean {
    return id === idOf(this.#options, dim);
  }

  async embed(texts: readonly string[], options: EmbedOptions = {}): Promise<Float32Array> {
    if (this.#dim === 0) this.#dim = await this.#endpoint.dim(options);
    const found = new Map<string, Float32Array>();
    const missing = new Set<string>();
    // A text of white space has no meaning, and some services refuse it.
    for (const text of texts) {
      if (text.trim() === "") continue;
      const known = this.#cache.get(text);
      if (known === undefined) missing.add(text);
      else found.set(text, known);
    }
    const asked = [...missing];
    const vectors = await this.#endpoint.all(asked, this.dim, options);
    asked.forEach((text, i) => {
      const vector = vectors.slice(i * this.dim, (i + 1) * this.dim);
      found.set(text, vector);
      this.#cache.set(text, vector);
    });
    const all = new Float32Array(texts.length * this.dim);
    texts.forEach((text, i) => {
      const vector = found.get(text);
      if (vector !== undefined) all.set(vector, i * this.dim);
    });
    return all;
  }
}

/** Where a service is and how it is asked, once options have been understood. */
class Endpoint {
  readonly #options: EndpointOptions;
  readonly #url: URL;
  readonly #key: string | undefined;
  readonly #who: string;

  constructor(options: EndpointOptions, environment: Environment) {
    const { model, dim, shorten = false, floor = 0 } = options;
    if (typeof model !== "string" || model.trim() === "") {
      throw invalid("model: expected the name of a model");
    }
    if (shorten && dim === undefined) throw invalid("shorten: expected dim beside it");
    if (!(floor >= 0 && floor < 1)) throw invalid(`floor: expected 0 to 1, received ${floor}`);
    this.#options = options;
    for (const name of Object.keys(COUNTS)) this.count(name as keyof typeof COUNTS);
    this.#who = `embedder ${model}`;
    this.#url = addressOf(options.url);
    this.#key = options.key ?? namedSetting(environment, [KEY_NAME])?.text;
    const isClear = this.#url.protocol === "http:" && !isThisMachine(this.#url.hostname);
    if (this.#key !== undefined && isClear && options.insecure !== true) {
      throw invalid(
        `url: the key would travel to ${this.#url.host} in the clear; use https, or insecure: true`,
      );
    }
  }

  /** An option that is a count. @throws {StigmergyError} INVALID_INPUT when it is none */
  count(name: keyof typeof COUNTS): number {
    const [fallback, most] = COUNTS[name];
    const value = this.#options[name] ?? fallback;
    const least = MAY_BE_NONE.has(name) ? 0 : 1;
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw invalid(`${name}: expected a whole number from ${least} to ${most}, received ${value}`);
  }

  /** Unit vectors of any number of texts, some requests at a time. */
  async all(texts: readonly string[], dim: number, options: EmbedOptions): Promise<Float32Array> {
    const batch = this.count("batch");
    const vectors = new Float32Array(texts.length * dim);
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < texts.length) {
        const from = next;
        next += batch;
        const some = texts.slice(from, from + batch);
        vectors.set(await this.vectors(some, dim, options), from * dim);
      }
    };
    const lanes = Math.min(this.count("concurrency"), Math.ceil(texts.length / batch));
    const failed = (
      await Promise.allSettled(
        Array.from({ length: lanes }, () =>
          lane().catch((error: unknown) => {
            next = texts.length;
            throw error;
          }),
        ),
      )
    ).find((each) => each.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    return vectors;
  }

  /** How many values its vectors have, by asking for one. */
  async dim(options: EmbedOptions): Promise<number> {
    return (await this.vectors(["a text"], undefined, options)).length;
  }

  /** Unit vectors of the texts of one request. */
  async vectors(
    texts: readonly string[],
    dim: number | undefined,
    { signal, retries = Infinity }: EmbedOptions,
  ): Promise<Float32Array> {
    const { model, prefix = "", shorten = false } = this.#options;
    const most = this.count("mostCharacters");
    const answer = await askEndpoint({
      who: this.#who,
      url: this.#url,
      key: this.#key,
      timeoutMs: this.count("timeoutMs"),
      signal,
      retries: Math.min(retries, this.count("retries")),
      body: {
        model,
        input: texts.map((text) => prefix + text.slice(0, most)),
        encoding_format: "float",
        ...(shorten ? { dimensions: this.#options.dim } : {}),
      },
    });
    try {
      return unitVectors(this.#who, vectorsOf(answer, this.#who), texts.length, dim);
    } catch (cause) {
      // What a service answers wrongly is no mistake of whoever asks it.
      if (!(cause instanceof StigmergyError) || cause instanceof EmbedderError) throw cause;
      const isOther = cause.code === "DIMENSION" && dim !== undefined;
      const wayOut = isOther ? "; is another model served by this name?" : "";
      throw new EmbedderError(`${cause.message}${wayOut}`, false, { cause });
    }
  }
}

function addressOf(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "") {
    throw invalid("url: expected an address that begins with http:// or https://, without a user");
  }
  url.hash = "";
  if (!/\/embeddings\/?$/.test(url.pathname)) {
    url.pathname = `${url.pathname.replace(/\/+$/, "")}/embeddings`;
  }
  return url;
}

function isThisMachine(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function invalid(message: string): StigmergyError {
  return new StigmergyError("INVALID_INPUT", message);
}
