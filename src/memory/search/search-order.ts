import { termOf, foldWord } from "../../text/terms.ts";
import { wordsOf } from "../../text/tokenizer.ts";
import type { Entry } from "../entries/entry.ts";
import type { FusedHit } from "./fusion.ts";

/** A hit with its entry. */
export interface RankedEntry {
  readonly entry: Entry;
  readonly hit: FusedHit;
  /** Entries that say the same and come after it. */
  readonly duplicates?: readonly { readonly namespace: string; readonly key: string }[];
}

/** What an order goes by beside how well an entry answers, each 0 to 1. */
export interface OrderWishes {
  readonly recency: number;
  readonly importance: number;
  readonly diversity: number;
}

const HALF_LIFE_MS = 30 * 86_400_000;
// Shorter texts ("done", "true") are the same without one being a copy of the other.
const LEAST_FOLDED_WORDS = 8;
const SAME = 0.9; // of all the words of two texts that both have

/** The best `most` entries in the order that a request wishes. */
export function inWantedOrder(
  entries: readonly RankedEntry[],
  { recency, importance, diversity }: OrderWishes,
  most: number,
  now: number,
): RankedEntry[] {
  const weighted = entries.map((ranked) => {
    const { at, pinned, metadata } = ranked.entry;
    const freshness = 0.5 ** (Math.max(0, now - at) / HALF_LIFE_MS);
    const weight = importanceOf(metadata.importance, pinned);
    const rank =
      ranked.hit.rank *
      (1 - recency + recency * freshness) *
      (1 - importance + importance * weight);
    return { ranked, rank };
  });
  weighted.sort((a, b) => b.rank - a.rank || a.ranked.entry.id - b.ranked.entry.id);
  return diversity === 0
    ? weighted.map(({ ranked }) => ranked)
    : mostDiverse(weighted, diversity, most);
}

function importanceOf(said: unknown, pinned: boolean): number {
  if (typeof said === "number" && said >= 0 && said <= 1) return said;
  return pinned ? 1 : 0.5;
}

/**
 * Maximal marginal relevance (Carbonell and Goldstein, 1998): next is always the entry whose rank, less
 * its likeness to the most alike before it, is greatest. Texts are alike by the words they share.
 */
function mostDiverse(
  weighted: readonly { readonly ranked: RankedEntry; readonly rank: number }[],
  diversity: number,
  most: number,
): RankedEntry[] {
  const best = Math.max(...weighted.map(({ rank }) => rank), Number.MIN_VALUE);
  const left = weighted.map(({ ranked, rank }) => {
    return { ranked, rank: rank / best, terms: termsOf(ranked.entry.value), likeness: 0 };
  });
  const chosen: RankedEntry[] = [];
  while (left.length > 0 && chosen.length < most) {
    let next = 0;
    const worth = ({ rank, likeness }: (typeof left)[number]): number =>
      (1 - diversity) * rank - diversity * likeness;
    for (let i = 1; i < left.length; i++) if (worth(left[i]) > worth(left[next])) next = i;
    const [taken] = left.splice(next, 1);
    chosen.push(taken.ranked);
    for (const each of left)
      each.likeness = Math.max(each.likeness, alike(each.terms, taken.terms));
  }
  return chosen;
}

/** Entries without those that say the same as one before, which names them. */
export function foldSame(entries: readonly RankedEntry[]): RankedEntry[] {
  const kept: {
    ranked: RankedEntry;
    terms: Set<string>;
    same: { namespace: string; key: string }[];
  }[] = [];
  for (const ranked of entries) {
    const terms = termsOf(ranked.entry.value);
    const { namespace, key } = ranked.entry;
    const copy =
      terms.size < LEAST_FOLDED_WORDS
        ? undefined
        : kept.find((other) => alike(other.terms, terms) >= SAME);
    if (copy === undefined) kept.push({ ranked, terms, same: [] });
    else copy.same.push({ namespace, key });
  }
  return kept.map(({ ranked, same }) =>
    same.length === 0 ? ranked : { ...ranked, duplicates: same },
  );
}

function termsOf(text: string): Set<string> {
  return new Set(wordsOf(text.slice(0, MOST_COMPARED)).map((word) => termOf(foldWord(word))));
}

const MOST_COMPARED = 20_000; // characters of a text

/** Jaccard's measure: what two sets have in common, as a share of all that either has. */
function alike(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const [few, many] = one.size < other.size ? [one, other] : [other, one];
  let common = 0;
  for (const term of few) if (many.has(term)) common++;
  return common === 0 ? 0 : common / (one.size + other.size - common);
}
