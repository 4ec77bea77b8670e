import { StigmergyError } from "../errors.ts";
import type { Embedder } from "./embedder.ts";
import { LexicalHashEmbedder } from "./lexical-hash.ts";

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
