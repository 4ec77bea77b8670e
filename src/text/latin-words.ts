import { SCRIPT_RUN } from "./foreign-pieces.ts";

const OTHER = 0; // digits too: a number is found by itself, not by its meaning
const UPPER = 1;
const LOWER = 2;

const CLASSES = new Uint8Array(128);
CLASSES.fill(UPPER, 0x41, 0x5b);
CLASSES.fill(LOWER, 0x61, 0x7b);

// oxlint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/;
const LETTERS = /^[A-Za-z]+$/;

/** Latin letters that are no letter of a to z with an accent. */
const LATIN: Readonly<Record<string, string>> = {
  ß: "ss",
  ẞ: "SS",
  æ: "ae",
  Æ: "AE",
  œ: "oe",
  Œ: "OE",
  ø: "o",
  Ø: "O",
  ł: "l",
  Ł: "L",
  đ: "d",
  Đ: "D",
  ð: "d",
  Ð: "D",
  þ: "th",
  Þ: "Th",
  ı: "i",
};

/** Whether a text is ASCII, which most are. */
export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/** Visits the words of an ASCII text, lower case: runs of letters, cut where camelCase has its borders. */
export function eachAsciiWord(text: string, visit: (word: string) => void): void {
  const end = text.length;
  for (let at = 0; at < end;) {
    let previous = CLASSES[text.charCodeAt(at)];
    if (previous === OTHER) {
      at++;
      continue;
    }
    const from = at++;
    let hasUpper = previous === UPPER;
    for (; at < end; at++) {
      const kind = CLASSES[text.charCodeAt(at)];
      if (kind === OTHER) break;
      if (kind === UPPER) {
        // userId, and HTTPServer before the letter that the next word begins with.
        if (previous === LOWER) break;
        if (at + 1 < end && CLASSES[text.charCodeAt(at + 1)] === LOWER) break;
        hasUpper = true;
      }
      previous = kind;
    }
    const word = text.slice(from, at);
    visit(hasUpper ? word.toLowerCase() : word);
  }
}

/** Visits the words of Latin letters of any text, as `eachAsciiWord`, without their accents. */
export function eachLatinWord(text: string, visit: (word: string) => void): void {
  if (isAscii(text)) {
    eachAsciiWord(text, visit);
    return;
  }
  for (const [run, latin] of text.normalize("NFKC").matchAll(SCRIPT_RUN)) {
    const plain = latin === undefined ? undefined : foldLatin(run);
    if (plain !== undefined) eachAsciiWord(plain, visit);
  }
}

/** A run of Latin letters as letters a to z and A to Z; undefined when it has others. */
export function foldLatin(run: string): string | undefined {
  if (LETTERS.test(run)) return run;
  const bare = run.normalize("NFKD").replaceAll(/\p{M}+/gu, "");
  const plain = bare.replaceAll(/[^A-Za-z]/gu, (letter) => LATIN[letter] ?? letter);
  return LETTERS.test(plain) ? plain : undefined;
}
