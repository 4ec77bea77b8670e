import type { Ranking } from "./ranking.ts";
import { BACKGROUND, probabilityOf, prominenceOf, type Evidence } from "./relevance.ts";
import type { WordAnswer } from "../words/word-scorer.ts";

/** An entry with the scores that found it. */
export interface FusedHit {
  readonly id: number;
  /** What hits are ordered by: 1 is the best that a search without wishes of its own can give. */
  readonly rank: number;
  /** Probability of being relevant, 0 to 1. */
  readonly score: number;
  readonly why: Why;
}

/** What an entry was found by, each 0 to 1: absent when it was not. */
export interface Why {
  /** Its words, and those beside it in its session: BM25 as a share of the best of this search. */
  readonly lexical?: number;
  /** Words spelled like those of the query: the same. */
  readonly characters?: number;
  /** Its vector: the cosine with the query's. What that means is the embedder's `kind`. */
  readonly semantic?: number;
  /** Its key: 1, the pattern matches. */
  readonly key?: number;
  /** It was said when the query says: 1. */
  readonly time?: number;
}

/** What the arms of a search found. */
export interface Arms {
  /** Absent where words were not asked. */
  readonly words: WordAnswer | undefined;
  /** Cosine of each entry whose vector was looked at; absent where vectors were not asked. */
  readonly cosines: ReadonlyMap<number, number> | undefined;
  /** Cosine that unrelated texts hardly ever reach. */
  readonly floor: number;
  /** The share of the query that an entry says. */
  readonly coverageOf: (id: number) => number;
  /** What neighbors in a session lend an entry's cosine. */
  readonly lent: (id: number) => number;
  /** Whether an entry was said when the query says. */
  readonly isInTime: (id: number) => boolean;
}

/**
 * Entries by both arms, best first; equal ones by id. Scores are fused, not ranks: with one weak arm,
 * ranks cost a seventh of what is found. Each arm is divided by its best, so that all spread over the
 * same range. An entry without a word of the query is an answer only from `floor`.
 */
export function fuse(arms: Arms, ranking: Ranking): FusedHit[] {
  const { words, cosines, floor } = arms;
  const hits = new Map<number, Found>();
  const of = (id: number): Found => {
    let found = hits.get(id);
    if (found === undefined) {
      found = { id, words: 0, characters: 0, cosine: undefined, closeness: 0, rank: 0 };
      hits.set(id, found);
    }
    return found;
  };
  for (const { id, words: lexical, characters } of words?.hits ?? []) {
    const found = of(id);
    found.words = lexical;
    found.characters = characters;
  }
  for (const [id, cosine] of cosines ?? []) {
    if (cosine <= 0) continue;
    const found = of(id);
    found.cosine = cosine;
    found.closeness = cosine + arms.lent(id);
  }
  const best = { words: 0, characters: 0, closeness: 0, cosine: 0 };
  const ranked: Found[] = [];
  for (const found of hits.values()) {
    const { cosine = 0 } = found;
    best.words = Math.max(best.words, found.words);
    best.characters = Math.max(best.characters, found.characters);
    best.closeness = Math.max(best.closeness, found.closeness);
    best.cosine = Math.max(best.cosine, cosine);
    if (found.words > 0 || cosine > floor) ranked.push(found);
  }
  const { characters, meaning } = ranking;
  const most =
    (best.words > 0 ? 1 : 0) +
    (best.characters > 0 ? characters : 0) +
    (best.closeness > 0 ? meaning : 0);
  for (const found of ranked) {
    const sum =
      share(found.words, best.words) +
      characters * share(found.characters, best.characters) +
      meaning * share(found.closeness, best.closeness);
    found.rank = sum / most + (arms.isInTime(found.id) ? ranking.dates : 0);
  }
  ranked.sort((a, b) => b.rank - a.rank || a.id - b.id);
  const [first] = ranked;
  const evidence: Evidence = {
    coverage: words === undefined || first === undefined ? undefined : arms.coverageOf(first.id),
    closeness: cosines === undefined ? undefined : (best.cosine - floor) / (1 - floor),
    prominence: prominenceOf(ranked.slice(0, BACKGROUND).map(({ rank }) => rank)),
  };
  return ranked.map(({ id, rank, words: lexical, characters: letters, cosine }) => {
    const why: { -readonly [Arm in keyof Why]: Why[Arm] } = {};
    if (lexical > 0) why.lexical = share(lexical, best.words);
    if (letters > 0) why.characters = share(letters, best.characters);
    if (cosine !== undefined) why.semantic = Math.min(1, cosine);
    if (arms.isInTime(id)) why.time = 1;
    return { id, rank, score: probabilityOf(rank / first.rank, evidence), why };
  });
}

function share(score: number, best: number): number {
  return best > 0 ? score / best : 0;
}

interface Found {
  readonly id: number;
  words: number;
  characters: number;
  cosine: number | undefined;
  /** The cosine with what neighbors in a session lend it. */
  closeness: number;
  rank: number;
}
