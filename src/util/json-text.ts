import { StigmergyError } from "../errors.ts";

/**
 * A value as JSON that says all of it, where JSON.stringify would make null of NaN and {} of a Map, and leave
 * out a function. A field that is undefined counts as left out.
 * @param check is given each part of the value, and throws where it refuses one; `place` names the field
 * @throws {StigmergyError} INVALID_INPUT for what JSON has no word for, TOO_LARGE for what is nested too deep
 */
export function jsonText(
  what: string,
  value: unknown,
  check?: (each: unknown, place: () => string) => void,
): string | undefined {
  try {
    return JSON.stringify(value, function (this: unknown, name: string, each: unknown) {
      const place = (): string =>
        name === "" ? "" : ` under ${JSON.stringify(name.slice(0, 40))}`;
      const received = withoutWord(each, Array.isArray(this));
      if (received === undefined) {
        check?.(each, place);
        return each;
      }
      throw new StigmergyError(
        "INVALID_INPUT",
        `${what}: expected what JSON can hold, received ${received}${place()}; give it as a text`,
      );
    });
  } catch (cause) {
    if (cause instanceof StigmergyError) throw cause;
    if (cause instanceof RangeError) {
      throw new StigmergyError(
        "TOO_LARGE",
        `${what}: expected fewer objects and lists within one another; give it as a text`,
        { cause },
      );
    }
    throw new StigmergyError(
      "INVALID_INPUT",
      `${what}: expected what JSON can hold, received an object that holds itself`,
      { cause },
    );
  }
}

/** What a value is that JSON can't tell; undefined for all others. */
function withoutWord(value: unknown, isOfList: boolean): string | undefined {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? undefined : String(value);
    case "bigint":
    case "function":
    case "symbol":
      return `a ${typeof value}`;
    case "undefined":
      return isOfList ? "undefined in a list" : undefined;
    case "object": {
      if (value === null || Array.isArray(value)) return undefined;
      const kind = Object.prototype.toString.call(value).slice(8, -1);
      return kind === "Object" ? undefined : `a ${kind}`;
    }
    default:
      return undefined;
  }
}
