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

/** @throws {StigmergyError} INVALID_INPUT unless `value` is a boolean, or left out */
export function flag(name: string, value: boolean | undefined): void {
  if (value === undefined || typeof value === "boolean") return;
  throw invalidOption(name, "true or false", value);
}

/** The error for an option that can't be used. */
export function invalidOption(name: string, expected: string, received: unknown): StigmergyError {
  const message = `${name}: expected ${expected}, received ${told(received)}`;
  return new StigmergyError("INVALID_INPUT", message);
}

/** A value in a message, whatever it is. */
export function told(value: unknown): string {
  if (typeof value === "number") return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // A bigint, or an object within itself.
    return String(value);
  }
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
    readonly onHeldOut?: unknown;
  },
  expected: string,
): void {
  if (typeof options !== "object" || options === null) {
    throw new StigmergyError("INVALID_INPUT", `options: expected ${expected}`);
  }
  const { signal, onEpoch, onProgress, onHeldOut } = options;
  for (const [name, listener] of Object.entries({ onEpoch, onProgress, onHeldOut })) {
    if (listener !== undefined && typeof listener !== "function") {
      throw invalidOption(name, "a function", listener);
    }
  }
  checkSignal(signal);
}
