// A checksum of 512 bits in sixteen lanes, for damage that nobody made on purpose.

const PRIME1: u32 = 0x9e3779b1;
const PRIME2: u32 = 0x85ebca77;

/**
 * Adds blocks of 64 bytes to a checksum, word i of a block to lane i:
 *
 *     state[i] = rotl(state[i] + word[i] · PRIME2, 13) · PRIME1      in 32 bits
 *
 * @param state    u32[16]; what it begins with is the checksum's seed
 * @param address  u8[bytes]; must not overlap `state`
 * @param bytes    a multiple of 64; 0 changes nothing
 *
 * Each step can be undone, so one word that differs always shows, and damage that reaches several lanes
 * hides with a chance of 2⁻³² for each of them.
 * Source: the round of XXH32, Yann Collet, 2012.
 */
export function checksum_u32(state: usize, address: usize, bytes: usize): void {
  let state0 = v128.load(state);
  let state1 = v128.load(state, 16);
  let state2 = v128.load(state, 32);
  let state3 = v128.load(state, 48);
  for (const end = address + bytes; address < end; address += 64) {
    state0 = round(state0, v128.load(address));
    state1 = round(state1, v128.load(address, 16));
    state2 = round(state2, v128.load(address, 32));
    state3 = round(state3, v128.load(address, 48));
  }
  v128.store(state, state0);
  v128.store(state, state1, 16);
  v128.store(state, state2, 32);
  v128.store(state, state3, 48);
}

function round(state: v128, words: v128): v128 {
  const sum = i32x4.add(state, i32x4.mul(words, i32x4.splat(PRIME2)));
  const turned = v128.or(i32x4.shl(sum, 13), i32x4.shr_u(sum, 19));
  return i32x4.mul(turned, i32x4.splat(PRIME1));
}
