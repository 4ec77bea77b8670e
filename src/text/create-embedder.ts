import { StigmergyError } from "../errors.ts";
import { namedSetting, type Environment } from "../util/settings.ts";
import type { Embedder } from "./embedder.ts";
import { openEndpoint, type KnownEmbedders } from "./endpoint-embedder.ts";
import type { EndpointOptions } from "./endpoint-options.ts";
import { LexicalHashEmbedder } from "./lexical-hash.ts";
import { StaticEmbedder } from "./static-embedder.ts";
import { transformersEmbedder } from "./transformers-embedder.ts";

const MODEL = new URL("../text/model/builtin.bin", import.meta.url);

/** Services by the first part of a name, where their address is, and what holds their key. */
const SERVICES: Readonly<Record<string, { readonly url: string; readonly key?: string }>> = {
  ollama: { url: "http://127.0.0.1:11434/v1" },
  lmstudio: { url: "http://127.0.0.1:1234/v1" },
  openai: { url: "https://api.openai.com/v1", key: "OPENAI_API_KEY" },
};

/**
 * An embedder by name. What can be named:
 *
 * - `builtin`: the model that comes with the package, at once and without a download
 * - `lexical-hash`: a sketch of words and letters, which knows nothing of meaning
 * - `ollama:MODEL`, `lmstudio:MODEL`: a service on this machine, at its usual address
 * - `openai:MODEL`: with the key that `OPENAI_API_KEY` or `STIGMERGY_EMBEDDER_KEY` holds
 * - `http://HOST/v1#MODEL`, `https://…`: any service with OpenAI's `POST /embeddings`, with the key that
 *   `STIGMERGY_EMBEDDER_KEY` holds, if there is one
 * - `minilm`, `bge-small`, `transformers:MODEL`: by way of `@huggingface/transformers`, to be installed apart
 *
 * @throws {StigmergyError} NOT_SUPPORTED for another name; NOT_FOUND, FORMAT or DAMAGED when the model of the
 * package is not as it should be; whatever `endpointEmbedder` and `transformersEmbedder` throw
 *
 * @example
 * const embedder = await createEmbedder();
 * const vectors = await embedder.embed(["undo a deployment", "roll back a release"]);
 * vectors.length; // → 2 * embedder.dim
 */
export async function createEmbedder(name = "builtin"): Promise<Embedder> {
  return embedderFor(name, undefined);
}

/**
 * As `createEmbedder`, for a store.
 * @param known what its vectors are of: a service that made them need not be asked how long they are,
 * and that of a store without any may be out of reach
 * @throws as `createEmbedder`
 */
export async function embedderFor(
  name: string,
  known: KnownEmbedders | undefined,
): Promise<Embedder> {
  if (name === "builtin") return StaticEmbedder.open(MODEL);
  if (name === "lexical-hash" || name === LexicalHashEmbedder.ID) return new LexicalHashEmbedder();
  if (name === "minilm" || name === "bge-small") return transformersEmbedder({ model: name });
  const [, kind, model] = /^([a-z]+):(.+)$/s.exec(name) ?? [];
  if (kind === "transformers") return transformersEmbedder({ model });
  if (kind === "http" || kind === "https") {
    return openEndpoint(addressedModel(name), process.env, known);
  }
  const service = kind !== undefined && Object.hasOwn(SERVICES, kind) ? SERVICES[kind] : undefined;
  if (service !== undefined) {
    const key = service.key === undefined ? undefined : process.env[service.key]?.trim();
    const options = { url: service.url, model, ...(key ? { key } : {}) };
    return openEndpoint(options, process.env, known);
  }
  throw new StigmergyError(
    "NOT_SUPPORTED",
    `embedder: expected builtin, lexical-hash, minilm, bge-small, or ollama, lmstudio, openai, transformers or an address with a model (ollama:nomic-embed-text, https://host/v1#model), received "${name.slice(0, 100)}"`,
  );
}

/** The name of the embedder to use when none is given: what `STIGMERGY_EMBEDDER` holds, else `builtin`. */
export function embedderSetting(environment: Environment = process.env): string {
  return namedSetting(environment, ["STIGMERGY_EMBEDDER"])?.text ?? "builtin";
}

/** An address whose fragment names a model. @throws {StigmergyError} INVALID_INPUT without one */
function addressedModel(name: string): EndpointOptions {
  const at = name.indexOf("#");
  if (at === -1 || at === name.length - 1) {
    throw new StigmergyError(
      "INVALID_INPUT",
      "embedder: expected the model after the address, as in http://127.0.0.1:8000/v1#model",
    );
  }
  return { url: name.slice(0, at), model: decodeURIComponent(name.slice(at + 1)) };
}
