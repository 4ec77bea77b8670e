import type { FileBytes } from "./file-bytes.ts";

// SQLite's log, as bytes. https://www.sqlite.org/fileformat2.html, section 4.
//
//   log header    0 u32 magic · 8 u32 page size · 16 u32[2] salts · 24 u32[2] checksum of 0 to 24
//   frame         0 u32 page number · 4 u32 pages after a commit, else 0 · 8 u32[2] salts ·
//                 16 u32[2] checksum of the frame before's, of 0 to 8 and of the page · 24 the page
//
// The log is written over from its start, each time with other salts. What SQLite reads of it ends at
// the last commit before the first frame whose salts or checksum are wrong. Frames of the same salts
// may well follow that end: of a transaction that was rolled back, or whose process was killed, when
// a shorter one was written over its beginning, or of one that was torn by a loss of power. But none
// of them belongs to more than one commit. Where each of a run of frames proves the next and there
// are two commits in it, the second was begun when the first had been acknowledged: between them and
// the end of what is read a frame has been damaged.

/** Bytes before the first frame. */
export const LOG_HEADER = 32;
const FRAME_HEADER = 24;
const MAGIC = 0x377f0682; // its lowest bit tells the byte order of checksums

/** How the frames of a log stand. */
export interface LogState {
  /** Frames up to the first one that the frame before it does not prove: SQLite reads no further. */
  readonly soundFrames: number;
  /** Commits that were acknowledged and that SQLite will not read, for a damaged frame before them. */
  readonly lostCommits: number;
  /** Where the newest committed copy of each page stands, in the lost commits too. */
  readonly pages: ReadonlyMap<number, number>;
}

/** The part of a log's header that tells whether it has been begun anew. */
export function logSalts(log: FileBytes): Buffer {
  return log.read(16, 8);
}

/** Whether a frame, counted from 1, is of the present writing of the log, as far as its salts tell. */
export function hasFrame(log: FileBytes, pageBytes: number, number: number): boolean {
  const frame = log.read(frameAt(pageBytes, number), FRAME_HEADER);
  return frame.length === FRAME_HEADER && frame.subarray(8, 16).equals(logSalts(log));
}

/** Whether the header is what was written: SQLite reads nothing of a log where it is not. */
export function isHeaderSound(log: FileBytes): boolean {
  const header = log.read(0, LOG_HEADER);
  if (header.length < LOG_HEADER || !hasMagic(header)) return false;
  return isSum(addSum([0, 0], header.subarray(0, 24), isBig(header)), header, 24);
}

/**
 * Reads the frames of a log.
 * @param after frames at its start that are known to be sound, and are passed over
 */
export function readLog(log: FileBytes, pageBytes: number, after = 0): LogState {
  const header = log.read(0, LOG_HEADER);
  const isSound = isHeaderSound(log);
  const first = log.read(frameAt(pageBytes, Math.max(1, after)), FRAME_HEADER);
  // A header that is damaged does not tell the salts, but what was written with them does.
  const salts = isSound ? header.subarray(16, 24) : first.subarray(8, 16);
  const isBigEnded = hasMagic(header) && isBig(header);
  let sum: Sum = after === 0 ? sumAt(header, 24) : sumAt(first, 16);
  let isWhole = isSound;
  let soundFrames = after;
  let lostCommits = 0;
  let run = 0;
  // A header has no excuse: one commit is enough then.
  const least = isSound ? 2 : 1;
  const frames: { page: number; at: number }[] = [];
  let committed = 0;
  for (let number = after + 1; ; number++) {
    const at = frameAt(pageBytes, number);
    const frame = log.read(at, FRAME_HEADER + pageBytes);
    if (frame.length < FRAME_HEADER + pageBytes) break;
    const isOurs = frame.subarray(8, 16).equals(salts) && !isZero(salts);
    const told = addSum(
      addSum(sum, frame.subarray(0, 8), isBigEnded),
      frame.subarray(FRAME_HEADER),
      isBigEnded,
    );
    const isProven = isOurs && isSum(told, frame, 16);
    sum = sumAt(frame, 16);
    isWhole &&= isProven;
    if (isWhole) soundFrames = number;
    if (!isProven) run = 0;
    if (!isOurs) continue;
    frames.push({ page: frame.readUInt32BE(0), at: at + FRAME_HEADER });
    const isCommit = frame.readUInt32BE(4) !== 0;
    if (!isCommit) continue;
    if (isWhole) committed = frames.length;
    else if (++run >= least) {
      lostCommits += run === least ? least : 1;
      committed = frames.length;
    }
  }
  const newest = frames.slice(0, committed).map(({ page, at }) => [page, at] as const);
  return { soundFrames, lostCommits, pages: new Map(newest) };
}

function frameAt(pageBytes: number, number: number): number {
  return LOG_HEADER + (number - 1) * (FRAME_HEADER + pageBytes);
}

function hasMagic(header: Buffer): boolean {
  return header.length >= 4 && (header.readUInt32BE(0) & ~1) >>> 0 === MAGIC;
}

function isBig(header: Buffer): boolean {
  return (header.readUInt32BE(0) & 1) === 1;
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

type Sum = readonly [number, number];

function sumAt(bytes: Buffer, at: number): Sum {
  return bytes.length < at + 8 ? [0, 0] : [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)];
}

function isSum([first, second]: Sum, bytes: Buffer, at: number): boolean {
  return first === bytes.readUInt32BE(at) && second === bytes.readUInt32BE(at + 4);
}

function addSum([first, second]: Sum, bytes: Buffer, isBigEnded: boolean): Sum {
  let s0 = first;
  let s1 = second;
  for (let i = 0; i + 8 <= bytes.length; i += 8) {
    const x0 = isBigEnded ? bytes.readUInt32BE(i) : bytes.readUInt32LE(i);
    const x1 = isBigEnded ? bytes.readUInt32BE(i + 4) : bytes.readUInt32LE(i + 4);
    s0 = (s0 + x0 + s1) >>> 0;
    s1 = (s1 + x1 + s0) >>> 0;
  }
  return [s0, s1];
}
