/**
 * How much each part of a search counts. One setting for all: it was chosen on claims about abstracts
 * and on questions about code, and holds for libraries' catalogs and conversations.
 */
export interface Ranking {
  /** How fast another occurrence of a word stops to count (BM25's k1). */
  readonly saturation: number;
  /** How much longer texts are held back, 0 to 1 (BM25's b). */
  readonly lengthNorm: number;
  /** Of two words of the query that stand side by side, beside 1 for each of the two. */
  readonly pairs: number;
  /** Of words spelled like those of the query, as a share of the best of the search. */
  readonly characters: number;
  /** Of the vector, as a share of the best of the search. */
  readonly meaning: number;
  /** What the entry before and after in a session lends, and the ones beyond those. */
  readonly neighbors: number;
  /** What the entries beyond those lend. */
  readonly nextNeighbors: number;
  /** What the best entry of a session lends the others. */
  readonly session: number;
  /** Of being said when the query says, as a share of the best. */
  readonly dates: number;
}

/** What every store ranks with, unless it is opened with others. */
export const DEFAULT_RANKING: Ranking = {
  saturation: 1.2,
  lengthNorm: 0.75,
  pairs: 0.2,
  characters: 0.3,
  meaning: 0.4,
  neighbors: 0.3,
  nextNeighbors: 0.15,
  session: 0,
  dates: 0.1,
};
