/** What a JSON text is made of, found without building it. */
export interface JsonShape {
  /** Lists and objects within one another, 0 for a single value. */
  readonly depth: number;
  /** Whether every number in it would be written the same after it has been an f64. */
  readonly isExact: boolean;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[[{]|[\]}]|-?\d[\d.eE+-]*/g;
const SURE_DIGITS = 15; // that an f64 keeps of any decimal number

/** Whether a number is the same after it has been an f64. */
function isKept(token: string): boolean {
  const number = Number(token);
  if (token.length > SURE_DIGITS) return String(number) === token;
  return Number.isFinite(number) && (number !== 0 || !/^-?[\d.]*[1-9]/.test(token));
}

/** The shape of a text that is JSON. */
export function jsonShape(text: string): JsonShape {
  let depth = 0;
  let open = 0;
  let isExact = true;
  for (const [token] of text.matchAll(TOKEN)) {
    const first = token[0];
    if (first === "[" || first === "{") depth = Math.max(depth, ++open);
    else if (first === "]" || first === "}") open--;
    else if (first !== '"' && !isKept(token)) isExact = false;
  }
  return { depth, isExact };
}
