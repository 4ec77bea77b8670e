import { StigmergyError } from "../../errors.ts";
import { checkSignal } from "../../util/signal.ts";

/** @throws {StigmergyError} INVALID_INPUT unless `value` is a whole number in the range */
export function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalidOption(name, `a whole number from ${least} to ${most}`, value);
}

/** @throws {StigmergyError} INVALID_INPUT unless `value` is a number in the range */
export function real(name: string, value: number, least: number, most: number): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw invalidOption(name, `a number from ${least} to ${most}`, value);
}

/** The error for an option that can't be used. */
export function invalidOption(name: string, expected: string, received: unknown): StigmergyError {
  const isNumber = typeof received === "number";
  const told = isNumber ? String(received) : (JSON.stringify(received) ?? String(received));
  return new StigmergyError("INVALID_INPUT", `${name}: expected ${expected}, received ${told}`);
}

/**
 * Checks what no training can go without, before it begins.
 * @param expected what options are to hold
 * @throws {StigmergyError} INVALID_INPUT; the reason of a signal that has one
 */
export function checkCall(
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly onEpoch?: unknown;
    readonly onProgress?: unknown;
  },
  expected: string,
): void {
  if (typeof options !== "object" || options === null) {
    throw new StigmergyError("INVALID_INPUT", `options: expected ${expected}`);
  }
  const { signal, onEpoch, onProgress } = options;
  for (const [name, told] of Object.entries({ onEpoch, onProgress })) {
    if (told !== undefined && typeof told !== "function") {
      throw invalidOption(name, "a function", told);
    }
  }
  checkSignal(signal);
}
