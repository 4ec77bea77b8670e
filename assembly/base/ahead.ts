// What a search sends for before it reads it: a byte of each line of the cache is read, so that all of them travel from
// memory while the first is waited for. What follows a line is not sent for by itself, or too late.
//
// Where a page of memory stands is looked up in tables that are in memory too, and most pages that a search reads of it
// has not met for long. So a byte of each page of all that is wanted soon goes first: they are looked up together.

const LINE: usize = 64;
const PAGE: usize = 4096;

/** Sends for some bytes of memory. */
export function touch(at: usize, bytes: usize): void {
  for (const end = at + bytes; at < end; at += LINE) load<u8>(at);
}

/**
 * Sends for bytes `first` up to `end` of some places, a line of each in turn: faster than one place after the other.
 *
 * @param places  u32[count]: addresses
 */
export function touchAll(places: usize, count: u32, first: usize, end: usize): void {
  if (count == 0) return;
  const place = <usize>load<u32>(places);
  if (count == 1) {
    touch(place + first, end - first);
    return;
  }
  if (count == 3) {
    const second = <usize>load<u32>(places, 4);
    const third = <usize>load<u32>(places, 8);
    for (; first < end; first += LINE) {
      load<u8>(place + first);
      load<u8>(second + first);
      load<u8>(third + first);
    }
    return;
  }
  const last = places + ((<usize>count) << 2);
  for (; first < end; first += LINE) {
    for (let at = places; at < last; at += 4) load<u8>(<usize>load<u32>(at) + first);
  }
}

/** Sends for a byte of each page that some bytes stand in, and for the last byte. */
export function touchPages(at: usize, bytes: usize): void {
  const end = at + bytes;
  for (; at < end; at += PAGE) load<u8>(at);
  load<u8>(end - 1);
}
