// How an operation of a program is read, and how it is shared out.

/** Parameter `i` of an operation. */
export function word(operation: usize, i: usize): u32 {
  return load<u32>(operation + (i << 2), 8);
}

/** Parameter `i` as f32. */
export function real(operation: usize, i: usize): f32 {
  return load<f32>(operation + (i << 2), 8);
}

/**
 * Rows of a batch are shared out in so many at a time: the same rows to the same thread in every
 * operation, so that what follows row by row needs no meeting and finds its rows in the thread's own
 * cache. Pairs stay together, and full tiles of a product.
 */
export const ROW_GRAIN: u32 = 4;

/** Where the share of `thread` in `total` begins, a multiple of `grain`; that of the next is its end. */
export function share(total: u32, grain: u32, thread: u32, threads: u32): u32 {
  const grains = (total + grain - 1) / grain;
  return min(total, ((grains * thread) / threads) * grain);
}
