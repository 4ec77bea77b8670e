import type { StaticModelParts } from "#dist/text/static-model-file.js";
import { seededRandom } from "./random.ts";

const ALPHABET = [..."abcdefghijklmnopqrstuvwxyz"];

/** The single letters, and some words of which a few share a direction. */
export const VOCABULARY: readonly string[] = [
  ...ALPHABET,
  ...ALPHABET.map((letter) => `#${letter}`),
  ...["the", "of", "cat", "kitten", "user", "name", "auth", "#entic", "#ation", "server", "http"],
];

/** A model of seeded random rows; `kitten` lies beside `cat`. */
export function testModel(dim = 64): StaticModelParts {
  const random = seededRandom(5);
  const pieces = VOCABULARY.length;
  const rows = new Int8Array(pieces * dim).map(() => Math.round(254 * random()) - 127);
  const [cat, kitten] = ["cat", "kitten"].map((word) => VOCABULARY.indexOf(word));
  for (let j = 0; j < dim - 8; j++) rows[kitten * dim + j] = rows[cat * dim + j];
  return {
    vocabulary: VOCABULARY,
    dim,
    documents: 1000,
    floor: 0.25,
    rows,
    frequencies: new Uint32Array(pieces).map((_, i) => (VOCABULARY[i] === "the" ? 900 : 10)),
    scales: new Float32Array(pieces).fill(1 / 127),
  };
}
