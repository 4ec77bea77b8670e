import { StigmergyError } from "../errors.ts";
import type { Embedder } from "./embedder.ts";
import { LexicalHashEmbedder } from "./lexical-hash.ts";
import { StaticEmbedder } from "./static-embedder.ts";

const MODEL = new URL("./model/builtin.bin", import.meta.url);

/**
 * An embedder by name: `builtin`, which works at once, without a download; `static` and `lexical-hash`, the
 * two kinds that come with the package.
 * @throws {StigmergyError} NOT_SUPPORTED for a name that this version does not have; NOT_FOUND, FORMAT or
 * DAMAGED when the model that comes with the package is not as it should be
 */
export async function createEmbedder(name = "builtin"): Promise<Embedder> {
  if (name === "builtin" || name === "lexical-hash" || name === LexicalHashEmbedder.ID) {
    return new LexicalHashEmbedder();
  }
  if (name === "static") return StaticEmbedder.open(MODEL);
  throw new StigmergyError(
    "NOT_SUPPORTED",
    `embedder: expected "builtin", received "${name}"; pass an Embedder of your own instead of a name`,
  );
}
