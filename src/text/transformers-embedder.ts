import { messageOf, StigmergyError } from "../errors.ts";
import { knownOptions, type OptionNames } from "../util/option-names.ts";
import type { Embedder } from "./embedder.ts";
import { embedderId, unitVectors } from "./given-vectors.ts";

/** A model that runs in this process by way of `@huggingface/transformers`. */
export interface TransformersOptions {
  /**
   * A model of the Hugging Face hub or a folder, in ONNX form; or `minilm` (all-MiniLM-L6-v2) or `bge-small`
   * (bge-small-en-v1.5). Default `minilm`.
   */
  readonly model?: string | undefined;
  /** How the vectors of a text's tokens become one; default what the model was trained with, else "mean". */
  readonly pooling?: "mean" | "cls" | undefined;
  /** Precision of weights, such as "fp32", "q8" or "q4"; default "q8". */
  readonly dtype?: string | undefined;
  /** Branch, tag or commit of the model; default "main". */
  readonly revision?: string | undefined;
  /** Loads what is on this machine and downloads nothing; default false. */
  readonly localOnly?: boolean | undefined;
  /** Folder where models are kept; default that of the library. */
  readonly cacheFolder?: string | undefined;
  /** Texts at a time; default 32. */
  readonly batch?: number | undefined;
  /** The library, when it is not to be found by its name from here. */
  readonly library?: TransformersLibrary | undefined;
}

const TRANSFORMERS_NAMES: OptionNames<TransformersOptions> = {
  model: true,
  pooling: true,
  dtype: true,
  revision: true,
  localOnly: true,
  cacheFolder: true,
  batch: true,
  library: true,
};

/** The part of `@huggingface/transformers` that is used. */
export interface TransformersLibrary {
  pipeline(
    task: "feature-extraction",
    model: string,
    options: Record<string, unknown>,
  ): Promise<
    (
      texts: string[],
      options: { pooling: "mean" | "cls"; normalize: boolean },
    ) => Promise<{ readonly data: ArrayLike<number>; readonly dims: readonly number[] }>
  >;
}

const KNOWN: Readonly<
  Record<string, { readonly model: string; readonly pooling: "mean" | "cls" }>
> = {
  minilm: { model: "Xenova/all-MiniLM-L6-v2", pooling: "mean" },
  "bge-small": { model: "Xenova/bge-small-en-v1.5", pooling: "cls" },
};
const BATCH = 32;
const MOST_BATCH = 1024;

/**
 * An embedder of a transformer model, in this process. The package `@huggingface/transformers` is not part of
 * this one; it downloads a model when it is not on this machine.
 * @throws {StigmergyError} DEPENDENCY_MISSING without the package; EMBEDDER_FAILED when the model cannot be
 * loaded; INVALID_INPUT for an option
 */
export async function transformersEmbedder(options: TransformersOptions = {}): Promise<Embedder> {
  knownOptions("transformersEmbedder", options, TRANSFORMERS_NAMES);
  const { batch = BATCH, dtype = "q8", revision = "main" } = options;
  if (!Number.isInteger(batch) || batch < 1 || batch > MOST_BATCH) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `batch: expected 1 to ${MOST_BATCH}, received ${batch}`,
    );
  }
  const named = KNOWN[options.model ?? "minilm"];
  const model = named?.model ?? String(options.model);
  const pooling = options.pooling ?? named?.pooling ?? "mean";
  const library = options.library ?? (await loadLibrary());
  const who = `embedder ${model}`;
  const extract = await load(library, model, { ...options, dtype, revision });
  const vectors = async (texts: readonly string[], dim?: number): Promise<Float32Array> => {
    const { data, dims } = await extract([...texts], { pooling, normalize: true });
    if (dims.length !== 2 || dims[0] !== texts.length) {
      const shape = dims.join(" × ");
      throw new StigmergyError(
        "EMBEDDER_FAILED",
        `${who}: expected ${texts.length} vectors, received ${shape} values; is it a model of embeddings?`,
      );
    }
    return unitVectors(who, Float32Array.from(data), texts.length, dim);
  };
  const dim = (await vectors(["a text"])).length;
  return {
    id: embedderId("transformers", model, revision, dtype, pooling, dim),
    dim,
    kind: "semantic",
    embed: async (texts) => {
      const all = new Float32Array(texts.length * dim);
      for (let from = 0; from < texts.length; from += batch) {
        all.set(await vectors(texts.slice(from, from + batch), dim), from * dim);
      }
      return all;
    },
  };
}

async function load(
  library: TransformersLibrary,
  model: string,
  { dtype, revision, localOnly = false, cacheFolder }: TransformersOptions,
): ReturnType<TransformersLibrary["pipeline"]> {
  try {
    return await library.pipeline("feature-extraction", model, {
      dtype,
      revision,
      local_files_only: localOnly,
      ...(cacheFolder === undefined ? {} : { cache_dir: cacheFolder }),
    });
  } catch (cause) {
    const why = messageOf(cause);
    throw new StigmergyError(
      "EMBEDDER_FAILED",
      `embedder ${model}: the model could not be loaded: ${why.slice(0, 300)}`,
      { cause },
    );
  }
}

async function loadLibrary(): Promise<TransformersLibrary> {
  // Not for the compiler to look up: it need not be there.
  const name: string = "@huggingface/transformers";
  try {
    return (await import(name)) as TransformersLibrary;
  } catch (cause) {
    throw new StigmergyError(
      "DEPENDENCY_MISSING",
      "embedder: @huggingface/transformers is not installed; run npm install @huggingface/transformers",
      { cause },
    );
  }
}
