// What the machine can do, asked in the same engine that the other kernels run in.

/**
 * Reads `bytes` bytes once, in order, and returns the exclusive or of all their 32-bit words. Its
 * time is that of reading: the share of the memory bandwidth that another kernel reaches is measured
 * against it.
 *
 * @param address  first byte
 * @param bytes    how many; a multiple of 64
 */
export function read_bytes(address: usize, bytes: usize): i32 {
  let words0 = i32x4.splat(0);
  let words1 = words0;
  let words2 = words0;
  let words3 = words0;
  for (const end = address + bytes; address < end; address += 64) {
    words0 = v128.xor(words0, v128.load(address));
    words1 = v128.xor(words1, v128.load(address, 16));
    words2 = v128.xor(words2, v128.load(address, 32));
    words3 = v128.xor(words3, v128.load(address, 48));
  }
  const words = v128.xor(v128.xor(words0, words1), v128.xor(words2, words3));
  return (
    i32x4.extract_lane(words, 0) ^
    i32x4.extract_lane(words, 1) ^
    i32x4.extract_lane(words, 2) ^
    i32x4.extract_lane(words, 3)
  );
}
