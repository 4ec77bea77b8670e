/** A typed array that grows: what is behind `length` means nothing. */
export type Numbers = Uint8Array | Uint32Array | Float32Array | Float64Array;

/** The array, or one twice as long with the same values when it is too short for `length`. */
export function grown<Kind extends Numbers>(array: Kind, length: number): Kind {
  if (length <= array.length) return array;
  const Constructor = array.constructor as new (length: number) => Kind;
  const larger = new Constructor(Math.max(length, 2 * array.length, 64));
  larger.set(array);
  return larger;
}
