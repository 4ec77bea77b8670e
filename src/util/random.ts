/** Seeded uniform numbers in [0, 1), the same on every machine. (mulberry32) */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Overwrites `array` with seeded values in [-1, 1). */
export function fillRandom(array: Float32Array, random: () => number): Float32Array {
  for (let i = 0; i < array.length; i++) array[i] = 2 * random() - 1;
  return array;
}
