/** What a search as a whole says about its best hit; absent for an arm that was not asked. */
export interface Evidence {
  /** The best score by words, as a share of what a text would have that says nothing else. */
  readonly coverage: number | undefined;
  /** The best cosine above the embedder's floor, as a share of the way to 1. */
  readonly closeness: number | undefined;
}

/** A logistic model: probability = 1 / (1 + e^−(bias + coverage · c + closeness · s)). */
export interface RelevanceModel {
  readonly bias: number;
  readonly coverage: number;
  readonly closeness: number;
}

/** By which arms were asked. */
export const RELEVANCE: Readonly<Record<"hybrid" | "lexical" | "semantic", RelevanceModel>> = {
  hybrid: { bias: -3, coverage: 8, closeness: 2 },
  lexical: { bias: -3, coverage: 9, closeness: 0 },
  semantic: { bias: -3, coverage: 0, closeness: 8 },
};

/**
 * The probability that a hit is relevant, of one that has `rank` of what the best of its search has. It
 * grows with the rank, so that a threshold cuts a list and never reorders it.
 */
export function probabilityOf(rank: number, { coverage, closeness }: Evidence): number {
  const model =
    coverage === undefined
      ? RELEVANCE.semantic
      : closeness === undefined
        ? RELEVANCE.lexical
        : RELEVANCE.hybrid;
  const evidence = model.coverage * (coverage ?? 0) + model.closeness * Math.max(0, closeness ?? 0);
  return 1 / (1 + Math.exp(-(model.bias + rank * evidence)));
}
