import { StigmergyError } from "../errors.ts";
import { knownOptions, type OptionNames } from "../util/option-names.ts";
import type { Embedder } from "./embedder.ts";
import { embedderId, unitVectors, type GivenVectors } from "./given-vectors.ts";

/** A function that embeds, and what is to be known of it. */
export interface FunctionEmbedderOptions {
  /** Names the function and its model: another name for whatever gives other vectors. */
  readonly name: string;
  /** One vector for each text, of any length above 0. */
  readonly embed: (texts: readonly string[]) => GivenVectors | Promise<GivenVectors>;
  /** Values of a vector; default: as many as the vector of a first text has. */
  readonly dim?: number | undefined;
  /** Default "semantic". */
  readonly kind?: Embedder["kind"] | undefined;
  /** Cosine that unrelated texts hardly ever reach; default 0. */
  readonly floor?: number | undefined;
  /** Whether it answers in this process within microseconds a text, as `Embedder` says; default false. */
  readonly isLocal?: boolean | undefined;
}

const FUNCTION_NAMES: OptionNames<FunctionEmbedderOptions> = {
  name: true,
  embed: true,
  dim: true,
  kind: true,
  floor: true,
  isLocal: true,
};

/**
 * An embedder that a function of yours makes: its vectors are checked and brought to unit length.
 * @throws {StigmergyError} INVALID_INPUT, DIMENSION when options or vectors are not as they should be
 *
 * @example
 * const embed = (texts: readonly string[]) => texts.map((text) => [text.length, 1]); // your model
 * const embedder = await functionEmbedder({ name: "lengths-1", embed });
 * const store = await MemoryStore.open({ path: "memory", embedder });
 */
export async function functionEmbedder(options: FunctionEmbedderOptions): Promise<Embedder> {
  knownOptions("functionEmbedder", options, FUNCTION_NAMES);
  const { name, embed, kind = "semantic", floor = 0, isLocal = false } = options;
  if (typeof name !== "string" || name.trim() === "" || typeof embed !== "function") {
    throw new StigmergyError("INVALID_INPUT", "embedder: expected a name and a function embed");
  }
  if (!(floor >= 0 && floor < 1)) {
    throw new StigmergyError("INVALID_INPUT", `floor: expected 0 to 1, received ${floor}`);
  }
  const who = `embedder ${name}`;
  const dim = options.dim ?? unitVectors(who, await embed(["a text"]), 1).length;
  return {
    id: embedderId(name, dim),
    dim,
    kind,
    floor,
    isLocal,
    embed: async (texts) => {
      if (texts.length === 0) return new Float32Array(0);
      return unitVectors(who, await embed(texts), texts.length, dim);
    },
  };
}
