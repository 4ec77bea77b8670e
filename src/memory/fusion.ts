import type { LexicalHit } from "./lexical.ts";
import type { VectorHit } from "./vector-mirror.ts";

/** An entry with the scores that found it. */
export interface FusedHit {
  readonly id: number;
  /** 0 to 1; higher is better. */
  readonly score: number;
  readonly why: Why;
}

/** What an entry was found by, each 0 to 1: absent when it was not. */
export interface Why {
  /** Its words: BM25 as a share of the best of this search. */
  readonly lexical?: number;
  /** Its vector: the cosine with the query's. What that means is the embedder's `kind`. */
  readonly semantic?: number;
  /** Its key: 1, the pattern matches. */
  readonly key?: number;
}

// Scores are fused, not ranks: with one weak arm, ranks cost a quarter of what is found. Cosines
// are divided by the best of the search, as BM25 is, so that both spread over the same range; the
// weight is flat from .3 to .5 on five collections.
const WEIGHTS = { lexical: 1, semantic: 0.4 } as const;

/**
 * Entries by both arms, best first; equal scores by id. One that shares no word with the query is
 * an answer only from `floor`, the cosine that unrelated texts hardly ever reach.
 */
export function fuse(
  lexical: readonly LexicalHit[],
  semantic: readonly VectorHit[],
  floor: number,
): FusedHit[] {
  const bestWords = Math.max(0, ...lexical.map(({ score }) => score));
  const bestCosine = Math.max(0, ...semantic.map(({ cosine }) => cosine));
  const found = new Map<number, { lexical?: number; semantic?: number }>();
  for (const { id, score } of lexical) found.set(id, { lexical: score / bestWords });
  for (const { id, cosine } of semantic) {
    const words = found.get(id);
    const least = words === undefined ? floor : 0;
    if (cosine > least) found.set(id, { ...words, semantic: Math.min(1, cosine) });
  }
  const total = WEIGHTS.lexical + WEIGHTS.semantic;
  const hits = Array.from(found, ([id, why]) => {
    const closeness = why.semantic === undefined ? 0 : why.semantic / Math.min(1, bestCosine);
    const sum = WEIGHTS.lexical * (why.lexical ?? 0) + WEIGHTS.semantic * closeness;
    return { id, why, score: sum / total };
  });
  return hits.sort((a, b) => b.score - a.score || a.id - b.id);
}

/** Entries by their words alone. */
export function byWords(lexical: readonly LexicalHit[]): FusedHit[] {
  const best = Math.max(0, ...lexical.map(({ score }) => score));
  return lexical.map(({ id, score }) => ({
    id,
    score: score / best,
    why: { lexical: score / best },
  }));
}

/** Entries by their vectors alone; those below `floor` are no answer. */
export function byVector(semantic: readonly VectorHit[], floor: number): FusedHit[] {
  return semantic
    .filter(({ cosine }) => cosine > floor)
    .map(({ id, cosine }) => {
      const score = Math.min(1, cosine);
      return { id, score, why: { semantic: score } };
    });
}
