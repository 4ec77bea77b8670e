/** What a search as a whole says about its best hit; absent for an arm that was not asked. */
export interface Evidence {
  /** The share of the query that the best hit says, each word by how rare it is. */
  readonly coverage: number | undefined;
  /** The best cosine above the embedder's floor, as a share of the way to 1. */
  readonly closeness: number | undefined;
  /**
   * How far the best stands out: 1 less the mean rank of the 10th to the 30th, as shares of its own;
   * absent when there are fewer.
   */
  readonly prominence: number | undefined;
}

/** Weights of a logistic model; `rank` is of the hit's rank as a share of the best, less 1. */
export interface RelevanceModel {
  bias: number;
  coverage: number;
  closeness: number;
  prominence: number;
  rank: number;
}

/** A model for each choice of arms. */
type RelevanceModels = Readonly<Record<"hybrid" | "lexical" | "semantic", RelevanceModel>>;

/**
 * By which arms were asked. Fitted by logistic regression (ridge .01) on the ten best hits of 400 claims of
 * SciFact's train part and of 600 first lines of docstrings against the rest of their functions (those of
 * CoSQA, none of its questions); for half of them the answers were taken out of the store, so that some
 * searches have none. Held against what was so, hybrid hits said to be relevant with 20 to 40 % were in
 * 30 % (claims) and 35 % (docstrings), with 40 to 60 % in 41 and 53 %, with 60 to 80 % in 100 % (of 3) and
 * 67 % (of 18); of two best hits, one relevant and one not, the relevant one has the greater probability 85
 * and 76 times of a hundred. More than 60 % is rarely said. `npm run bench -- retrieval calibration` makes
 * the fit again.
 */
export const RELEVANCE: RelevanceModels = {
  hybrid: { bias: -6.714, coverage: 1.306, closeness: 0.791, prominence: 7.296, rank: 9.522 },
  lexical: { bias: -6.576, coverage: 1.813, closeness: 0, prominence: 6.511, rank: 8.744 },
  // Few searches by vectors alone have thirty hits: they say nothing of prominence.
  semantic: { bias: -4.459, coverage: 0, closeness: 5.306, prominence: 0, rank: 10.389 },
};

/**
 * As `RELEVANCE`, fitted without prominence: where a search has few hits, none says what is usual. The
 * relevant one of two best hits has the greater probability 82 and 68 times of a hundred.
 */
export const RELEVANCE_OF_FEW: RelevanceModels = {
  hybrid: { bias: -4.225, coverage: 2.353, closeness: 2.378, prominence: 0, rank: 9.821 },
  lexical: { bias: -3.954, coverage: 3.303, closeness: 0, prominence: 0, rank: 9.037 },
  semantic: { bias: -4.459, coverage: 0, closeness: 5.306, prominence: 0, rank: 10.389 },
};

function modelFor({ coverage, closeness, prominence }: Evidence): RelevanceModel {
  const models = prominence === undefined ? RELEVANCE_OF_FEW : RELEVANCE;
  if (coverage === undefined) return models.semantic;
  return closeness === undefined ? models.lexical : models.hybrid;
}

/**
 * The probability that a hit is relevant, of one that has `share` of the best's rank. It grows with the rank,
 * so that a threshold cuts a list and never reorders it.
 */
export function probabilityOf(share: number, evidence: Evidence): number {
  const model = modelFor(evidence);
  const { coverage = 0, closeness = 0, prominence = 0 } = evidence;
  const logit =
    model.bias +
    model.coverage * coverage +
    model.closeness * Math.max(0, closeness) +
    model.prominence * prominence +
    model.rank * (share - 1);
  return 1 / (1 + Math.exp(-logit));
}

const PROMINENT = 9; // hits that may all be answers

/** Ranks that `prominenceOf` looks at. */
export const BACKGROUND = 30;

/** How far the best of some ranks, in descending order, stands out; undefined of too few. */
export function prominenceOf(ranks: readonly number[]): number | undefined {
  if (ranks.length < BACKGROUND) return undefined;
  const behind = ranks.slice(PROMINENT, BACKGROUND);
  const sum = behind.reduce((total, rank) => total + rank, 0);
  return 1 - sum / behind.length / ranks[0];
}
