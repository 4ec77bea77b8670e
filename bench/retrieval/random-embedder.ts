import { readFileSync } from "node:fs";
import type { Embedder } from "stigmergy";
import { StaticEmbedder } from "#dist/text/static-embedder.js";
import { decodeStaticModel, encodeStaticModel } from "#dist/text/static-model-file.js";
import { seededRandom } from "#dist/util/random.js";

/**
 * The built-in embedder with random rows in the place of those that were learned: the control. Their lengths
 * are those that were learned, or, when nothing of it is to stay, equal.
 */
export function randomEmbedder(lengths: "learned" | "equal" = "learned", seed = 1): Embedder {
  const file = new URL("../../../dist/text/model/builtin.bin", import.meta.url);
  const model = decodeStaticModel(readFileSync(file));
  const random = seededRandom(seed);
  const rows = model.rows.map(() => Math.round(254 * random() - 127));
  const scales = lengths === "learned" ? model.scales : model.scales.fill(1);
  return StaticEmbedder.from(encodeStaticModel({ ...model, rows, scales }));
}
