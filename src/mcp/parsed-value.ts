/**
 * A stored value as an agent wants it: parsed when it is JSON, else as it is. A number that would
 * not be written the same again (too many digits for f64) stays a text, so that none are lost.
 */
export function parsedValue(value: string): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return value;
  }
  if (typeof parsed === "number" && JSON.stringify(parsed) !== value.trim()) return value;
  return parsed;
}
