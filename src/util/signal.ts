import { StigmergyError } from "../errors.ts";

/**
 * Checks a signal before the work begins that it may end: one that is none would be noticed in its midst.
 * @throws {StigmergyError} INVALID_INPUT for what is no signal, such as its controller
 * @throws the reason of the signal, when it has one already
 */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  if (typeof signal?.throwIfAborted === "function") return signal.throwIfAborted();
  throw new StigmergyError("INVALID_INPUT", "signal: expected that of an AbortController");
}
