import { NgramHasher } from "../../text/ngrams.ts";
import { stemsOf } from "./stems.ts";
import { hashText, MOST_CHARACTERS, surfaceOf } from "./surface.ts";

/** Kinds of features. */
export const KIND = {
  tokens: 0,
  runs: 1,
  cased: 2,
  style: 3,
  facts: 4,
  headline: 5,
  stems: 6,
} as const;
/** First words of a short text, of which each counts for more than those that follow it. */
const FIRST_WORDS = 16;
/** Words that stand for a stem: about every second one is a stop word. */
const WORDS_A_STEM = 2;
const SHORTEST_RUN = 3;
const LONGEST_RUN = 4;
const FACT_SEED = 0x2545f491;
/** One text and facts of a sample: `exact` are hashed whole, as they are. */
export interface FeatureSource {
  readonly text: string;
  readonly exact: readonly string[];
}

/** Which features are looked for beside those that all texts have. */
export interface FeatureChoice {
  /** Whether runs of letters are features. */
  readonly hasRuns: boolean;
  /** Whether stems are. */
  readonly hasStems: boolean;
  /** Whether words and stems weigh more where a text begins. */
  readonly hasPlaces: boolean;
}

let sharedHasher: NgramHasher | undefined;

/** Calls back with every feature of a source, duplicates too, and the factor of its place. */
export function eachFeature(
  { text, exact }: FeatureSource,
  { hasRuns, hasStems, hasPlaces }: FeatureChoice,
  found: (hash: number, kind: number, place: number) => void,
): void {
  const { tokens, count, cased, style, headline } = surfaceOf(text);
  const placeOf = (word: number): number =>
    hasPlaces ? 1 + Math.max(0, 1 - word / FIRST_WORDS) : 1;
  tokens.forEach((hash, i) => found(hash, KIND.tokens, placeOf(i < count ? i : i - count)));
  for (const hash of cased) found(hash, KIND.cased, 1);
  for (const hash of headline) found(hash, KIND.headline, 1);
  if (tokens.length > 0) for (const hash of style) found(hash, KIND.style, 1);
  if (hasStems) {
    const stems = stemsOf(text);
    const alone = (stems.length + 1) >> 1; // pairs follow, each where its second stem is
    stems.forEach((hash, i) => {
      found(hash, KIND.stems, placeOf(WORDS_A_STEM * (i < alone ? i : i - alone + 1)));
    });
  }
  if (hasRuns && text !== "") {
    sharedHasher ??= new NgramHasher({
      words: false,
      bigrams: false,
      shortest: SHORTEST_RUN,
      longest: LONGEST_RUN,
    });
    const { hashes } = sharedHasher.hash(text.slice(0, MOST_CHARACTERS));
    for (const hash of hashes) found(hash, KIND.runs, 1);
  }
  for (const fact of exact) found(hashText(fact, FACT_SEED), KIND.facts, 1);
}
