/** In characters; a longer run is data (a hash, base64), not a word. */
export const LONGEST_WORD = 64;

/** That digits may split a part into: names of proteins, but no checksums. */
export const MOST_PIECES = 8;

const OTHER = 0;
const MARK = 1; // _ - . which hold an identifier together
const DIGIT = 2;
const UPPER = 3;
const LOWER = 4;

const CLASSES = new Uint8Array(128);
for (const mark of "_-.") CLASSES[mark.charCodeAt(0)] = MARK;
CLASSES.fill(DIGIT, 0x30, 0x3a);
CLASSES.fill(UPPER, 0x41, 0x5b);
CLASSES.fill(LOWER, 0x61, 0x7b);

/** As `wordsOf`, for a text of ASCII alone: most of what agents store, at a fifth of the time. */
export function asciiWordsOf(text: string): string[] {
  const words: string[] = [];
  const end = text.length;
  for (let at = 0; at < end;) {
    if (CLASSES[text.charCodeAt(at)] <= MARK) {
      at++;
      continue;
    }
    const from = at;
    let isPlain = true;
    let last = at; // the end of the last letters or digits: marks count only between them
    for (; at < end; at++) {
      const kind = CLASSES[text.charCodeAt(at)];
      if (kind === OTHER) break;
      if (kind !== LOWER && at > from) isPlain = false;
      if (kind !== MARK) last = at + 1;
    }
    if (isPlain && CLASSES[text.charCodeAt(from)] !== DIGIT)
      pushWord(words, text.slice(from, last));
    else pushIdentifier(words, text, from, last);
  }
  return words;
}

/** The parts of text[from, to), each perhaps split at its digits, then all of them together. */
function pushIdentifier(words: string[], text: string, from: number, to: number): void {
  let joined = "";
  let parts = 0;
  for (let at = from; at < to;) {
    if (CLASSES[text.charCodeAt(at)] === MARK) {
      at++;
      continue;
    }
    const end = endOfPart(text, at, to);
    parts += pushPart(words, text, at, end);
    joined += text.slice(at, end);
    at = end;
  }
  if (parts > 1) pushWord(words, joined);
}

/** Where the part that begins at `from` ends: at a mark, userId, HTTPServer, step2Done. */
function endOfPart(text: string, from: number, to: number): number {
  let previous = CLASSES[text.charCodeAt(from)];
  for (let at = from + 1; at < to; at++) {
    const kind = CLASSES[text.charCodeAt(at)];
    if (kind === MARK) return at;
    if (kind === UPPER) {
      if (previous === LOWER) return at;
      const next = at + 1 < to ? CLASSES[text.charCodeAt(at + 1)] : OTHER;
      if (next === LOWER) return at;
    }
    previous = kind;
  }
  return to;
}

/** A part's pieces of letters and of digits, or the whole of one that has too many; how many. */
function pushPart(words: string[], text: string, from: number, to: number): number {
  let pieces = 1;
  for (let at = from + 1; at < to; at++) if (isDigitBorder(text, at)) pieces++;
  if (pieces === 1 || pieces > MOST_PIECES) {
    pushWord(words, text.slice(from, to));
    return 1;
  }
  for (let at = from; at < to;) {
    let end = at + 1;
    while (end < to && !isDigitBorder(text, end)) end++;
    pushWord(words, text.slice(at, end));
    at = end;
  }
  return pieces;
}

function isDigitBorder(text: string, at: number): boolean {
  const isDigit = CLASSES[text.charCodeAt(at)] === DIGIT;
  return (CLASSES[text.charCodeAt(at - 1)] === DIGIT) !== isDigit;
}

function pushWord(words: string[], word: string): void {
  if (word.length <= LONGEST_WORD) words.push(word.toLowerCase());
}
