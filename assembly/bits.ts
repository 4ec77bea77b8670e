// Sets of slots: slot s in bit s & 31 of the u32 at bits + 4 · (s >> 5).

/** Whether a slot is in the set. */
export function hasBit(bits: usize, slot: u32): bool {
  return ((load<u32>(bits + ((<usize>(slot >> 5)) << 2)) >> (slot & 31)) & 1) != 0;
}

/** Puts a slot into the set. */
export function setBit(bits: usize, slot: u32): void {
  const word = bits + ((<usize>(slot >> 5)) << 2);
  store<u32>(word, load<u32>(word) | ((<u32>1) << (slot & 31)));
}
