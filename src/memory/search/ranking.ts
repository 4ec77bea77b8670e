import { StigmergyError } from "../../errors.ts";
import { knownOptions } from "../../util/option-names.ts";

/**
 * How much each part of a search counts. One setting for all: it was chosen on claims about abstracts
 * and on questions about code, and holds for libraries' catalogs and conversations.
 */
export interface Ranking {
  /** How fast another occurrence of a word stops to count (BM25's k1); default 1.2. */
  readonly saturation: number;
  /** How much longer texts are held back, 0 to 1 (BM25's b); default 0.75. */
  readonly lengthNorm: number;
  /** Of two words of the query that stand side by side, beside 1 for each of the two; default 0.2. */
  readonly pairs: number;
  /** Of words spelled like those of the query, as a share of the best of the search; default 0.3. */
  readonly characters: number;
  /** Of the vector, as a share of the best of the search; default 0.4. */
  readonly meaning: number;
  /** What the entries right before and after in a session lend; default 0.3. */
  readonly neighbors: number;
  /** What the entries beyond those lend; default 0.15. */
  readonly nextNeighbors: number;
  /** What the best entry of a session lends the others; default 0. */
  readonly session: number;
  /** Of being said when the query says, as a share of the best; default 0.1. */
  readonly dates: number;
}

/** Those parts of a ranking that are asked for. */
export type AskedRanking = { readonly [Part in keyof Ranking]?: Ranking[Part] | undefined };

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

/**
 * The weights given, and the default of those that are not.
 * @throws {StigmergyError} INVALID_INPUT for a name that is none, or what is no finite number from 0 (`lengthNorm` to 1)
 */
export function checkRanking(given: AskedRanking = {}): Ranking {
  const ranking = { ...DEFAULT_RANKING };
  knownOptions("ranking", given, DEFAULT_RANKING);
  for (const [name, weight] of Object.entries(given)) {
    if (weight === undefined) continue;
    const most = name === "lengthNorm" ? 1 : Number.MAX_VALUE;
    if (!(typeof weight === "number" && weight >= 0 && weight <= most)) {
      const expected = name === "lengthNorm" ? "a number from 0 to 1" : "a finite number from 0";
      throw new StigmergyError(
        "INVALID_INPUT",
        `ranking.${name}: expected ${expected}, received ${String(weight)}`,
      );
    }
    ranking[name as keyof Ranking] = weight;
  }
  return ranking;
}
