import { jsonShape } from "../../util/json.ts";

const MOST_DEPTH = 64; // deeper, an answer's text would grow with the square of it

/**
 * A stored value as an agent wants it: parsed when it is JSON, else as it is. JSON with numbers of
 * more digits than f64 keeps stays a text, so that none are lost, and so does what is nested deeper
 * than any data is.
 */
export function parsedValue(value: string): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return value;
  }
  const { depth, isExact } = jsonShape(value);
  return isExact && depth <= MOST_DEPTH ? parsed : value;
}
