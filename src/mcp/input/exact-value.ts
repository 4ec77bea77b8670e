import { StigmergyError } from "../../errors.ts";
import { jsonText } from "../../util/json-text.ts";

const MOST_AS_DIGITS = 1e21; // from here on JSON writes exponents

/** A value as it is stored: texts as they are, all else as JSON. @throws as `assertExact` */
export function exactText(what: string, value: unknown): string {
  if (typeof value === "string") return value;
  const text = assertExact(what, value);
  if (text !== undefined) return text;
  throw new StigmergyError("INVALID_INPUT", `${what}: expected a value, received nothing`);
}

/**
 * The JSON of what a message holds, none of whose numbers has lost digits: they are read as f64, which tells whole numbers apart up to
 * 2^53, and longer ones, as of many an id, have become others.
 * @throws {StigmergyError} INVALID_INPUT for such a number, TOO_LARGE for what is nested too deep
 */
export function assertExact(what: string, value: unknown): string | undefined {
  return jsonText(what, value, (each, place) => {
    if (typeof each !== "number" || Number.isSafeInteger(each) || !Number.isInteger(each)) return;
    if (Math.abs(each) >= MOST_AS_DIGITS) return;
    throw new StigmergyError(
      "INVALID_INPUT",
      `${what}: expected whole numbers up to 2^53, received a longer one${place()}, whose last digits are lost; give it as a text`,
    );
  });
}
