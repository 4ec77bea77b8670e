/**
 * A 32-bit hash of the UTF-16 units [from, to) of a text, the same on every machine: FNV-1a (Fowler, Noll
 * and Vo, 1991), finished by murmur3's mixer (Appleby, 2011).
 */
export function hashText(text: string, from: number, to: number, seed = 0): number {
  let state = 0x811c9dc5 ^ seed;
  for (let i = from; i < to; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return mix(state);
}

/** The finisher of murmur3: every bit of the result depends on every bit of `state`. */
export function mix(state: number): number {
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
