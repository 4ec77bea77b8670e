// Words of ASCII text, as src/text/ascii-words.ts gives them, and where they stand.
//
// A text is looked at 16 characters at a time: three sets of bits, a bit for each character, say
// where runs begin and end, and a copy of the text in lower case, with a border in the place of
// whatever is no letter or digit, is where most words are hashed. Parts of identifiers have no
// borders there and are written behind it.
//
//     masks    u8[3][pitch]  letters and digits; those and marks; upper case, digits and marks
//     units    u16[8]        borders
//              u16[…]        the copy, filled up with borders to whole blocks of 16, and 8 more
//              u16[…]        words of identifiers, a border before and after each
//     spans    u32[…][2]     addresses of a word's first unit, and of that after its last

/** What stands before and after a word, and in no word. */
const BORDER: u16 = 0x20;

const LONGEST_WORD: usize = 64; // as in src/text/ascii-words.ts, which says why
const MOST_PIECES: u32 = 8;

const MARK: u32 = 1; // or anything else: where it matters a run holds nothing else
const DIGIT: u32 = 2;
const UPPER: u32 = 3;
const LOWER: u32 = 4;

/** Finds the words of an ASCII text and returns where their spans end. The text is drawn in hash.ts. */
export function splitAscii(
  text: usize,
  bytes: u32,
  masks: usize,
  units: usize,
  spans: usize,
): usize {
  const blocks = (<usize>bytes + 15) >> 4;
  const pitch = (blocks << 1) + 16;
  const copy = units + 16;
  let free = copy + (blocks << 5) + 16;
  classify(text, bytes, masks, pitch, units);
  for (let at: usize = 0; at < bytes;) {
    const found = bitsAt(masks, at);
    if (found == 0) {
      at += 64 - (at & 7);
      continue;
    }
    at += <usize>ctz(found);
    let length = <usize>ctz(~bitsAt(masks + pitch, at));
    if (length >= 64 - (at & 7)) {
      length = longRun(masks + pitch, at, length);
      const end = writeWords(text, copy, at, lettersEnd(text, at + length), free, spans);
      if (end != spans) free = load<u32>(end - 4);
      spans = end;
    } else {
      // Marks count only between letters or digits.
      const letters = bitsAt(masks, at) & (((<u64>1) << (<u64>length)) - 1);
      const last = <usize>(64 - clz(letters));
      const special = bitsAt(masks + 2 * pitch, at) & (((<u64>1) << (<u64>last)) - 2);
      const from = copy + (at << 1);
      if (special == 0 && load<u16>(from) > 0x60) {
        store<u32>(spans, <u32>from);
        store<u32>(spans, <u32>(from + (last << 1)), 4);
        spans += 8;
      } else {
        const end = writeWords(text, copy, at, at + last, free, spans);
        if (end != spans) free = load<u32>(end - 4);
        spans = end;
      }
    }
    at += length;
  }
  return spans;
}

/** Writes the three sets and the copy. */
function classify(text: usize, bytes: u32, masks: usize, pitch: usize, units: usize): void {
  const borders = i16x8.splat(BORDER);
  store<u64>(text + bytes, 0);
  store<u64>(text + bytes, 0, 8);
  v128.store(units, borders);
  units += 16;
  for (const end = text + bytes; text < end; text += 16, units += 32, masks += 2) {
    const characters = v128.load(text);
    const lower = v128.or(characters, i8x16.splat(0x20));
    const isLetter = i8x16.lt_u(i8x16.sub(lower, i8x16.splat(0x61)), i8x16.splat(26));
    const isUpper = i8x16.lt_u(i8x16.sub(characters, i8x16.splat(0x41)), i8x16.splat(26));
    const isDigit = i8x16.lt_u(i8x16.sub(characters, i8x16.splat(0x30)), i8x16.splat(10));
    const isWord = v128.or(isLetter, isDigit);
    const isMark = v128.or(
      i8x16.eq(characters, i8x16.splat(0x5f)),
      i8x16.lt_u(i8x16.sub(characters, i8x16.splat(0x2d)), i8x16.splat(2)), // - and .
    );
    store<u16>(masks, <u16>i8x16.bitmask(isWord));
    store<u16>(masks + pitch, <u16>i8x16.bitmask(v128.or(isWord, isMark)));
    store<u16>(masks + 2 * pitch, <u16>i8x16.bitmask(v128.or(isUpper, v128.or(isDigit, isMark))));
    const lowered = v128.bitselect(lower, i8x16.splat(<i8>BORDER), isWord); // digits have the bit
    v128.store(units, i16x8.extend_low_i8x16_u(lowered));
    v128.store(units, i16x8.extend_high_i8x16_u(lowered), 16);
  }
  v128.store(units, borders);
  for (let set = 0; set < 3; set++, masks += pitch) v128.store(masks, i8x16.splat(0));
}

/** At least 57 bits of a set from a character on; zeros behind them. */
function bitsAt(set: usize, at: usize): u64 {
  return load<u64>(set + (at >> 3)) >> (<u64>(at & 7));
}

/** Characters of a run that goes on where 64 bits end. */
function longRun(runs: usize, from: usize, length: usize): usize {
  let at = from + length;
  let more = <usize>ctz(~bitsAt(runs, at));
  for (; more >= 64 - (at & 7); more = <usize>ctz(~bitsAt(runs, at))) at += more;
  return at + more - from;
}

/** Where the letters and digits of a run end that ends at `to`. */
function lettersEnd(text: usize, to: usize): usize {
  while (kindOf(text + to - 1) == MARK) to--;
  return to;
}

function kindOf(character: usize): u32 {
  const code = <u32>load<u8>(character);
  if ((code | 0x20) - 0x61 < 26) return code & 0x20 ? LOWER : UPPER;
  return code - 0x30 < 10 ? DIGIT : MARK;
}

/**
 * The words of the identifier text[from, to): its parts, each perhaps split at its digits, then all of
 * them together. Returns where the spans end.
 */
function writeWords(
  text: usize,
  copy: usize,
  from: usize,
  to: usize,
  free: usize,
  spans: usize,
): usize {
  let parts: u32 = 0;
  for (let at = from; at < to;) {
    if (kindOf(text + at) == MARK) {
      at++;
      continue;
    }
    const end = endOfPart(text, at, to);
    const borders = digitBorders(text, at, end);
    if (borders == 0 || borders >= MOST_PIECES) {
      spans = writeWord(copy, at, end, free, spans);
      free += (end - at + 1) << 1;
      parts++;
      at = end;
    }
    while (at < end) {
      const border = endOfPiece(text, at, end);
      spans = writeWord(copy, at, border, free, spans);
      free += (border - at + 1) << 1;
      parts++;
      at = border;
    }
  }
  return parts > 1 ? writeWord(copy, from, to, free, spans) : spans;
}

/** Where the part that begins at `from` ends: at a mark, userId, HTTPServer, step2Done. */
function endOfPart(text: usize, from: usize, to: usize): usize {
  let previous = kindOf(text + from);
  for (let at = from + 1; at < to; at++) {
    const kind = kindOf(text + at);
    if (kind == MARK) return at;
    if (kind == UPPER) {
      if (previous == LOWER) return at;
      if (at + 1 < to && kindOf(text + at + 1) == LOWER) return at;
    }
    previous = kind;
  }
  return to;
}

function digitBorders(text: usize, from: usize, to: usize): u32 {
  let borders: u32 = 0;
  for (let at = from + 1; at < to; at++) borders += <u32>isDigitBorder(text + at);
  return borders;
}

function endOfPiece(text: usize, from: usize, to: usize): usize {
  let at = from + 1;
  while (at < to && !isDigitBorder(text + at)) at++;
  return at;
}

function isDigitBorder(character: usize): bool {
  return (kindOf(character - 1) == DIGIT) != (kindOf(character) == DIGIT);
}

/** Writes the letters and digits of [from, to) behind a border, one after them, and their span. */
function writeWord(copy: usize, from: usize, to: usize, free: usize, spans: usize): usize {
  const start = free + 2;
  let end = start;
  store<u16>(free, BORDER);
  for (let at = copy + (from << 1); at < copy + (to << 1); at += 2) {
    const unit = load<u16>(at);
    if (unit == BORDER) continue;
    store<u16>(end, unit);
    end += 2;
  }
  store<u16>(end, BORDER);
  if (end - start > LONGEST_WORD << 1) return spans;
  store<u32>(spans, <u32>start);
  store<u32>(spans, <u32>end, 4);
  return spans + 8;
}
