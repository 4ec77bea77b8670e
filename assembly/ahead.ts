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

/** Sends for as many bytes of three places, a line of each in turn: faster than one place after the other. */
export function touchThree(first: usize, second: usize, third: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += LINE) {
    load<u8>(first + at);
    load<u8>(second + at);
    load<u8>(third + at);
  }
}

/** Sends for a byte of each page that some bytes stand in, and for the last byte. */
export function touchPages(at: usize, bytes: usize): void {
  const end = at + bytes;
  for (; at < end; at += PAGE) load<u8>(at);
  load<u8>(end - 1);
}
