import { seededRandom } from "../util/random.ts";

/** What texts are made of: sentences, or names in code. */
export type TextKind = "prose" | "code";

const WORDS = 4096;
const LETTERS = "etaoinshrdlcumwfgypbvkjxqz";

/**
 * Seeded ASCII texts of about `length` characters, from a vocabulary of 4,096 made-up words of which few are
 * used often and most seldom.
 */
export function makeTexts(kind: TextKind, count: number, length: number): string[] {
  const random = seededRandom(42);
  const vocabulary = Array.from({ length: WORDS }, () => makeWord(random));
  const pick = () => vocabulary[Math.floor(WORDS * random() ** 3)];
  return Array.from({ length: count }, () => {
    let text = "";
    while (text.length < length) text += `${PIECES[kind](pick, random)} `;
    // A string in one piece, as one that was read has.
    return Buffer.from(text).toString();
  });
}

const PIECES: Record<TextKind, (pick: () => string, random: () => number) => string> = {
  prose: (pick, random) => `${pick()}${random() < 0.12 ? "." : ""}`,
  code: (pick, random) => {
    const style = random();
    if (style < 0.3) return `${pick()}${capitalized(pick())}(${pick()});`;
    if (style < 0.45) return `${pick()}_${pick()} = ${Math.floor(random() * 100)};`;
    return pick();
  },
};

function makeWord(random: () => number): string {
  const length = 2 + Math.floor(random() ** 1.5 * 10);
  return Array.from({ length }, () => LETTERS[Math.floor(26 * random() ** 2)]).join("");
}

function capitalized(word: string): string {
  return word[0].toUpperCase() + word.slice(1);
}
