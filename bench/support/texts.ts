import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { createEmbedder } from "#dist/index.js";
import { seededRandom } from "#dist/util/random.js";
import type { Dataset } from "./datasets.js";

const PARAGRAPHS = new URL("../../../../shared/data/se-corpus/permissive.txt.br", import.meta.url);
const SHORTEST = 80; // characters: what is shorter is mostly a heading
const SPARE = 1.1; // times as many paragraphs as are wanted: some have no words, or the same ones

/**
 * Embeddings of paragraphs of software documentation by the built-in embedder, as searches of memory look through: a
 * seeded choice, no two alike. The last of them are queries, so none of these is a row.
 */
export async function textVectors(
  name: string,
  count: number,
  queryCount: number,
): Promise<Dataset | undefined> {
  if (!existsSync(PARAGRAPHS)) return undefined;
  const lines = brotliDecompressSync(readFileSync(PARAGRAPHS)).toString("utf8").split("\n");
  const long = [...new Set(lines.filter(({ length }) => length >= SHORTEST))];
  const random = seededRandom(5);
  for (let i = long.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [long[i], long[j]] = [long[j], long[i]];
  }
  const embedder = await createEmbedder();
  const { dim } = embedder;
  const wanted = (count + queryCount) * dim;
  const given = await embedder.embed(long.slice(0, Math.ceil(SPARE * (count + queryCount))));
  const vectors = new Float32Array(wanted);
  const seen = new Set<string>();
  let to = 0;
  for (let from = 0; to < wanted && from < given.length; from += dim) {
    const vector = given.subarray(from, from + dim);
    // A line without a word has no direction, and of two with the same words either may be found.
    const print = createHash("sha1").update(vector).digest("base64");
    if (vector.every((value) => value === 0) || seen.has(print)) continue;
    seen.add(print);
    vectors.set(vector, to);
    to += dim;
  }
  if (to < wanted) throw new Error(`${name}: ${to / dim} paragraphs are not enough`);
  const rows = vectors.subarray(0, count * dim);
  const queries = vectors.subarray(count * dim);
  return { name, dim, metric: "cosine", rows, queries };
}
