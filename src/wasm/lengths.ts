import { DimensionError } from "../errors.ts";

/** @throws {DimensionError} when a length is not the one expected */
export function exactly(what: string, expected: number, received: number): void {
  if (received !== expected) throw new DimensionError(what, expected, received);
}

/** @throws {DimensionError} when a length is less than expected */
export function atLeast(what: string, expected: number, received: number): void {
  if (received < expected) throw new DimensionError(`${what}, at least`, expected, received);
}

/** @throws {DimensionError} when a length is more than expected */
export function atMost(what: string, expected: number, received: number): void {
  if (received > expected) throw new DimensionError(`${what}, at most`, expected, received);
}
