import type { Ranking } from "./ranking.ts";
import { BACKGROUND, probabilityOf, prominenceOf, type Evidence } from "./relevance.ts";
import type { WordAnswer } from "./words/word-scorer.ts";

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
    if (found === undefined) hits.set(id, (found = { words: 0, characters: 0, closeness: 0 }));
    return found;
  };
  for (const { id, words: lexical, characters } of words?.hits ?? []) {
    Object.assign(of(id), { words: lexical, characters });
  }
  for (const [id, cosine] of cosines ?? []) {
    if (cosine > 0) Object.assign(of(id), { cosine, closeness: cosine + arms.lent(id) });
  }
  const best = { words: 0, characters: 0, closeness: 0, cosine: 0 };
  for (const found of hits.values()) {
    best.words = Math.max(best.words, found.words);
    best.characters = Math.max(best.characters, found.characters);
    best.closeness = Math.max(best.closeness, found.closeness);
    best.cosine = Math.max(best.cosine, found.cosine ?? 0);
  }
  const isAnswer = ({ words: lexical, cosine = 0 }: Found): boolean =>
    lexical > 0 || cosine > floor;
  const fused = Array.from(hits).filter(([, found]) => isAnswer(found));
  const weights = { words: 1, characters: ranking.characters, closeness: ranking.meaning };
  const most = (["words", "characters", "closeness"] as const).reduce(
    (sum, arm) => sum + (best[arm] > 0 ? weights[arm] : 0),
    0,
  );
  const ranked = fused
    .map(([id, found]) => {
      const shareOf = (arm: keyof typeof weights): number =>
        best[arm] > 0 ? found[arm] / best[arm] : 0;
      const sum =
        shareOf("words") +
        weights.characters * shareOf("characters") +
        weights.closeness * shareOf("closeness");
      const inTime = arms.isInTime(id);
      const rank = sum / most + (inTime ? ranking.dates : 0);
      const why: Why = {
        ...(found.words > 0 ? { lexical: shareOf("words") } : {}),
        ...(found.characters > 0 ? { characters: shareOf("characters") } : {}),
        ...(found.cosine === undefined ? {} : { semantic: Math.min(1, found.cosine) }),
        ...(inTime ? { time: 1 } : {}),
      };
      return { id, rank, why };
    })
    .sort((a, b) => b.rank - a.rank || a.id - b.id);
  const [first] = ranked;
  const evidence: Evidence = {
    coverage: words === undefined || first === undefined ? undefined : arms.coverageOf(first.id),
    closeness: cosines === undefined ? undefined : (best.cosine - floor) / (1 - floor),
    prominence: prominenceOf(ranked.slice(0, BACKGROUND).map(({ rank }) => rank)),
  };
  return ranked.map((hit) => {
    return { ...hit, score: probabilityOf(hit.rank / first.rank, evidence) };
  });
}

interface Found {
  readonly words: number;
  readonly characters: number;
  /** The cosine with what neighbors in a session lend it. */
  readonly closeness: number;
  readonly cosine?: number;
}
