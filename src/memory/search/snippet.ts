import { wordsOf } from "../../text/tokenizer.ts";
import { foldWord, termOf } from "../../text/terms.ts";
import type { WordQuery } from "../words/query.ts";

const MOST_CHARACTERS = 240;
const MOST_LOOKED = 100_000; // characters of a text
const WORD = /[\p{L}\p{N}\p{M}]+(?:[_\-.]+[\p{L}\p{N}\p{M}]+)*/gu;
const ELLIPSIS = "…";

/**
 * The part of a text that holds most of a query's words, on one line, of at most 240 characters and the
 * marks that stand for what is left out.
 */
export function snippetOf(text: string, query: WordQuery | undefined): string {
  const looked = text.slice(0, MOST_LOOKED);
  if (text.length <= MOST_CHARACTERS) return oneLine(text);
  const from = query === undefined ? 0 : bestStart(looked, query);
  const start = from === 0 ? 0 : wordStart(looked, from);
  let end = Math.min(text.length, start + MOST_CHARACTERS);
  if (end < text.length) {
    const space = text.lastIndexOf(" ", end);
    if (space > start + MOST_CHARACTERS / 2) end = space;
  }
  const part = oneLine(wholeCharacters(text, start, end));
  return `${start > 0 ? ELLIPSIS : ""}${part}${end < text.length ? ELLIPSIS : ""}`;
}

/** Where the window begins that holds most of the words, each counted once. */
function bestStart(text: string, { words }: WordQuery): number {
  const wanted = new Set(words.map(({ word }) => termOf(foldWord(word))));
  const matches: { readonly at: number; readonly term: string }[] = [];
  for (const { 0: run, index } of text.matchAll(WORD)) {
    const term = wordsOf(run)
      .map((word) => termOf(foldWord(word)))
      .find((each) => wanted.has(each));
    if (term !== undefined) matches.push({ at: index, term });
  }
  let best = 0;
  let most = 0;
  let first = 0;
  const inside = new Map<string, number>();
  for (const { at, term } of matches) {
    inside.set(term, (inside.get(term) ?? 0) + 1);
    while (at - matches[first].at > MOST_CHARACTERS - 40) {
      const { term: gone } = matches[first++];
      const left = (inside.get(gone) ?? 1) - 1;
      if (left === 0) inside.delete(gone);
      else inside.set(gone, left);
    }
    if (inside.size > most) [best, most] = [matches[first].at, inside.size];
  }
  // Some of what stands before makes it readable.
  return Math.max(0, Math.min(best - 30, text.length - MOST_CHARACTERS));
}

function wordStart(text: string, from: number): number {
  const space = text.indexOf(" ", from);
  return space === -1 || space > from + 30 ? from : space + 1;
}

/** A part of a text that begins and ends with whole characters. */
function wholeCharacters(text: string, start: number, end: number): string {
  const isHalf = (at: number): boolean => /[\udc00-\udfff]/.test(text[at] ?? "");
  return text.slice(isHalf(start) ? start + 1 : start, isHalf(end) ? end - 1 : end);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
