import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";

// The pages of a SQLite file and of the log beside it, as bytes, for a file that SQLite itself can't
// read. https://www.sqlite.org/fileformat2.html: sections 1.3 (header), 1.6 (pages), 4 (log).
//
//   file header   16 u16 page size (1: 65,536) · 20 u8 reserved bytes at each page's end
//   log header    0 u32 magic · 8 u32 page size · 16 u32[2] salts · 24 u32[2] checksum
//   frame         0 u32 page number · 4 u32 pages after a commit, else 0 · 8 u32[2] salts ·
//                 16 u32[2] checksum · 24 the page

const LOG_HEADER = 32;
const FRAME_HEADER = 24;
const MAGIC = 0x377f0682; // its lowest bit tells the byte order of checksums
const DEFAULT_PAGE = 4096;

/** The pages of a store's file, those of its log in the place of older ones. Whoever reads closes it. */
export class PageFile {
  readonly pageBytes: number;
  /** Bytes of a page that hold content. */
  readonly usable: number;
  /** Whether the log has commits that SQLite will not read, for a damaged frame before them. */
  readonly hasLostCommits: boolean;
  readonly #file: Bytes;
  readonly #log: Bytes | undefined;
  /** Where the newest copy of a page stands in the log. */
  readonly #inLog: ReadonlyMap<number, number>;

  /** @param path of the file; its log stands beside it, if there is one */
  constructor(path: string) {
    this.#file = new Bytes(path);
    this.#log = existsSync(`${path}-wal`) ? new Bytes(`${path}-wal`) : undefined;
    const header = this.#file.read(0, 100);
    this.pageBytes = pageBytesOf(header, this.#log?.read(0, LOG_HEADER));
    const reserved = header.length > 20 && isPageSize(headerPageBytes(header)) ? header[20] : 0;
    this.usable = this.pageBytes - (reserved <= 64 ? reserved : 0);
    const log = this.#log && readLog(this.#log, this.pageBytes);
    this.#inLog = log?.pages ?? new Map();
    this.hasLostCommits = log?.hasLostCommits ?? false;
  }

  /** Pages, from 1. */
  get count(): number {
    const inFile = Math.ceil(this.#file.size / this.pageBytes);
    return [...this.#inLog.keys()].reduce((most, each) => Math.max(most, each), inFile);
  }

  /** A page's newest bytes; shorter when the file was cut there, undefined when there are none. */
  page(number: number): Buffer | undefined {
    return this.logPage(number) ?? this.filePage(number);
  }

  /** A page's newest bytes in the log, if it is there. */
  logPage(number: number): Buffer | undefined {
    const at = this.#inLog.get(number);
    return at === undefined ? undefined : this.#log?.read(at, this.pageBytes);
  }

  /** A page's bytes in the file itself. */
  filePage(number: number): Buffer | undefined {
    const from = (number - 1) * this.pageBytes;
    if (number < 1 || from >= this.#file.size) return undefined;
    return this.#file.read(from, this.pageBytes);
  }

  close(): void {
    this.#file.close();
    this.#log?.close();
  }
}

/** A file that is read piece by piece. */
class Bytes {
  readonly size: number;
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "r");
    this.size = fstatSync(this.#file).size;
  }

  /** Fewer bytes where the file ends. */
  read(at: number, length: number): Buffer {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(this.#file, buffer, 0, length, at));
  }

  close(): void {
    closeSync(this.#file);
  }
}

function pageBytesOf(file: Buffer, log: Buffer | undefined): number {
  const told = [
    file.length >= 18 ? headerPageBytes(file) : 0,
    log !== undefined && log.length >= LOG_HEADER ? log.readUInt32BE(8) : 0,
  ];
  return told.find(isPageSize) ?? DEFAULT_PAGE;
}

function headerPageBytes(file: Buffer): number {
  const told = file.readUInt16BE(16);
  return told === 1 ? 65_536 : told;
}

function isPageSize(bytes: number): boolean {
  return bytes >= 512 && bytes <= 65_536 && (bytes & (bytes - 1)) === 0;
}

/**
 * Where the newest committed copy of each page stands. Frames of another writing of the log have
 * other salts and are passed over. A damaged frame hides none after it, as it does from SQLite.
 */
function readLog(
  log: Bytes,
  pageBytes: number,
): { pages: Map<number, number>; hasLostCommits: boolean } {
  const pages = new Map<number, number>();
  const header = log.read(0, LOG_HEADER);
  if (header.length < LOG_HEADER || (header.readUInt32BE(0) & ~1) >>> 0 !== MAGIC) {
    return { pages, hasLostCommits: false };
  }
  const isBig = (header.readUInt32BE(0) & 1) === 1;
  const salts = header.subarray(16, 24);
  const frames: { number: number; at: number }[] = [];
  let sum: Sum = [header.readUInt32BE(24), header.readUInt32BE(28)];
  let [isWhole, hasLostCommits, committed] = [true, false, 0];
  const frameBytes = FRAME_HEADER + pageBytes;
  for (let at = LOG_HEADER; at + frameBytes <= log.size; at += frameBytes) {
    const frame = log.read(at, frameBytes);
    sum = addSum(addSum(sum, frame.subarray(0, 8), isBig), frame.subarray(FRAME_HEADER), isBig);
    const isTold = sum[0] === frame.readUInt32BE(16) && sum[1] === frame.readUInt32BE(20);
    if (!isTold) isWhole = false;
    if (!frame.subarray(8, 16).equals(salts)) continue;
    frames.push({ number: frame.readUInt32BE(0), at: at + FRAME_HEADER });
    if (frame.readUInt32BE(4) === 0) continue;
    committed = frames.length;
    if (!isWhole) hasLostCommits = true;
  }
  for (const { number, at } of frames.slice(0, committed)) pages.set(number, at);
  return { pages, hasLostCommits };
}

type Sum = readonly [number, number];

function addSum([first, second]: Sum, bytes: Buffer, isBig: boolean): Sum {
  let [s0, s1] = [first, second];
  for (let i = 0; i + 8 <= bytes.length; i += 8) {
    const x0 = isBig ? bytes.readUInt32BE(i) : bytes.readUInt32LE(i);
    const x1 = isBig ? bytes.readUInt32BE(i + 4) : bytes.readUInt32LE(i + 4);
    s0 = (s0 + x0 + s1) >>> 0;
    s1 = (s1 + x1 + s0) >>> 0;
  }
  return [s0, s1];
}
