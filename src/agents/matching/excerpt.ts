/** In characters, about 2,500 words: of a longer text as much is read. */
const MOST_READ = 16_384;
/** Of them at its end: what is wanted stands first or last, what it is wanted of between. */
const READ_AT_END = 4096;
const LONGEST_PART = 64; // of a word that is cut: longer runs are none

/**
 * What is read of a text: all of it up to 16,384 characters; of a longer one the first 12,288 and the last
 * 4,096. So no text holds a thread up, and a pasted log does not outweigh what is asked about it.
 */
export function excerptOf(text: string): string {
  if (text.length <= MOST_READ) return text;
  // A part of a word, or of a character, is none.
  const edge = MOST_READ - READ_AT_END - LONGEST_PART;
  const start = text.slice(0, edge) + text.slice(edge, edge + LONGEST_PART).replace(/\S+$/, "");
  const end = text.slice(-READ_AT_END);
  return `${start}\n${end.slice(0, LONGEST_PART).replace(/^\S+/, "")}${end.slice(LONGEST_PART)}`;
}
