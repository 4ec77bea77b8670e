import { StigmergyError } from "../errors.ts";
import { LexicalHashEmbedder } from "./lexical-hash.ts";

/**
 * What turns texts into vectors. Vectors of two embedders are never compared: `id` names everything
 * that a vector depends on, and changes when any of it does.
 */
export interface Embedder {
  /** Letters, digits and `-_.:/`, at most 128 characters. */
  readonly id: string;
  /** Values per vector. */
  readonly dim: number;
  /** Whether closeness comes from shared words and letters, or from meaning. */
  readonly kind: "lexical" | "semantic";
  /**
   * One unit vector for each text, in order: f32[texts.length × dim], row-major. A text without
   * anything to embed gives a zero vector, which is close to nothing.
   */
  embed(texts: readonly string[]): Promise<Float32Array>;
}

/**
 * An embedder by name. `builtin` works at once, without a download.
 * @throws {StigmergyError} NOT_SUPPORTED for a name that this version does not have
 */
export async function createEmbedder(name = "builtin"): Promise<Embedder> {
  if (name === "builtin" || name === LexicalHashEmbedder.ID) return new LexicalHashEmbedder();
  throw new StigmergyError(
    "NOT_SUPPORTED",
    `embedder: expected "builtin", received "${name}"; pass an Embedder of your own instead of a name`,
  );
}
