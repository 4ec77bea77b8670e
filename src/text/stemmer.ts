// Word endings taken off, so that "retries" finds "retry".

const VOWEL = /[aeiou]/;
const ENGLISH = /^[a-z]{3,}$/;

/** A step's ending, and what takes its place. */
type Rule = readonly [ending: string, replacement: string];

const STEP_2: readonly Rule[] = [
  ...([
    ["ational", "ate"],
    ["tional", "tion"],
    ["enci", "ence"],
    ["anci", "ance"],
  ] as const),
  ...([
    ["izer", "ize"],
    ["bli", "ble"],
    ["alli", "al"],
    ["entli", "ent"],
    ["eli", "e"],
  ] as const),
  ...([
    ["ousli", "ous"],
    ["ization", "ize"],
    ["ation", "ate"],
    ["ator", "ate"],
  ] as const),
  ...([
    ["alism", "al"],
    ["iveness", "ive"],
    ["fulness", "ful"],
    ["ousness", "ous"],
  ] as const),
  ...([
    ["aliti", "al"],
    ["iviti", "ive"],
    ["biliti", "ble"],
    ["logi", "log"],
  ] as const),
];
const STEP_3: readonly Rule[] = [
  ...([
    ["icate", "ic"],
    ["ative", ""],
    ["alize", "al"],
    ["iciti", "ic"],
  ] as const),
  ...([
    ["ical", "ic"],
    ["ful", ""],
    ["ness", ""],
  ] as const),
];
const STEP_4: readonly Rule[] =
  "ement al ance ence er ic able ible ant ment ent ion ou ism ate iti ous ive ize"
    .split(" ")
    .map((ending) => [ending, ""] as const);

/**
 * The stem of a lower-case English word: the word itself when it has fewer than three letters, or any
 * character but a to z. Source: Porter, An algorithm for suffix stripping, 1980, with the changes of
 * his own later implementation (`bli`, `logi`).
 */
export function stemOf(word: string): string {
  if (!ENGLISH.test(word)) return word;
  let stem = stepOne(word);
  stem = replaceEnding(stem, STEP_2, 0);
  stem = replaceEnding(stem, STEP_3, 0);
  stem = replaceEnding(stem, STEP_4, 1);
  if (stem.endsWith("e")) {
    const rest = stem.slice(0, -1);
    const m = measure(rest);
    if (m > 1 || (m === 1 && !endsInShortSyllable(rest))) stem = rest;
  }
  return stem.endsWith("ll") && measure(stem) > 1 ? stem.slice(0, -1) : stem;
}

function stepOne(word: string): string {
  let stem = word;
  if (stem.endsWith("sses") || stem.endsWith("ies")) stem = stem.slice(0, -2);
  else if (stem.endsWith("s") && !stem.endsWith("ss")) stem = stem.slice(0, -1);
  if (stem.endsWith("eed")) {
    if (measure(stem.slice(0, -3)) > 0) stem = stem.slice(0, -1);
  } else {
    const ending = stem.endsWith("ed") ? 2 : stem.endsWith("ing") ? 3 : 0;
    const rest = stem.slice(0, stem.length - ending);
    if (ending > 0 && hasVowel(rest)) stem = mended(rest);
  }
  return stem.endsWith("y") && hasVowel(stem.slice(0, -1)) ? `${stem.slice(0, -1)}i` : stem;
}

/** What is left after -ed or -ing, as a word: hop(p)ing, fil(e)ing, conflat(e)ed. */
function mended(stem: string): string {
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (/([^aeiouylsz])\1$/.test(stem)) return stem.slice(0, -1);
  return measure(stem) === 1 && endsInShortSyllable(stem) ? `${stem}e` : stem;
}

/** The stem with the first ending that fits replaced, where what stands before it is long enough. */
function replaceEnding(stem: string, rules: readonly Rule[], least: number): string {
  for (const [ending, replacement] of rules) {
    if (!stem.endsWith(ending)) continue;
    const rest = stem.slice(0, stem.length - ending.length);
    const isAllowed = ending !== "ion" || /[st]$/.test(rest);
    return isAllowed && measure(rest) > least ? rest + replacement : stem;
  }
  return stem;
}

function isConsonant(word: string, i: number): boolean {
  const letter = word[i];
  if (VOWEL.test(letter)) return false;
  return letter !== "y" || i === 0 || !isConsonant(word, i - 1);
}

function hasVowel(word: string): boolean {
  for (let i = 0; i < word.length; i++) if (!isConsonant(word, i)) return true;
  return false;
}

/** How often a vowel is followed by a consonant: 0 for "tree", 1 for "trouble", 2 for "private". */
function measure(word: string): number {
  let count = 0;
  let afterVowel = false;
  for (let i = 0; i < word.length; i++) {
    const consonant = isConsonant(word, i);
    if (consonant && afterVowel) count++;
    afterVowel = !consonant;
  }
  return count;
}

/** Whether a word ends with consonant, vowel, consonant, the last not w, x or y: -wil, -hop. */
function endsInShortSyllable(word: string): boolean {
  const last = word.length - 1;
  if (last < 2 || /[wxy]$/.test(word)) return false;
  return isConsonant(word, last) && !isConsonant(word, last - 1) && isConsonant(word, last - 2);
}
