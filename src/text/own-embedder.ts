import type { Embedder } from "./embedder.ts";

/**
 * Whether an embedder is one that comes with this package, going by its id: its vectors cost nothing and are
 * the same each time, so they can be made again to prove or to replace what is stored.
 */
export function isOwnEmbedder({ id }: Pick<Embedder, "id">): boolean {
  return /^(static|lexical-hash)-/.test(id);
}
