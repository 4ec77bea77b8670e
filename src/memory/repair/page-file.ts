import { existsSync } from "node:fs";
import { FileBytes } from "../file/file-bytes.ts";
import { LOG_HEADER, readLog } from "../file/log-frames.ts";

// The pages of a SQLite file and of the log beside it, as bytes, for a file that SQLite itself can't
// read. https://www.sqlite.org/fileformat2.html: sections 1.3 (header), 1.6 (pages).
//
//   file header   16 u16 page size (1: 65,536) · 20 u8 reserved bytes at each page's end

const DEFAULT_PAGE = 4096;

/** The pages of a store's file, those of its log in the place of older ones. Whoever reads closes it. */
export class PageFile {
  readonly pageBytes: number;
  /** Bytes of a page that hold content. */
  readonly usable: number;
  /** Commits of the log that SQLite will not read, for a damaged frame before them. */
  readonly lostCommits: number;
  /** Frames of the log before that one. */
  readonly soundFrames: number;
  readonly #file: FileBytes;
  readonly #log: FileBytes | undefined;
  /** Where the newest copy of a page stands in the log. */
  readonly #inLog: ReadonlyMap<number, number>;

  /** @param path of the file; its log stands beside it, if there is one */
  constructor(path: string) {
    this.#file = new FileBytes(path);
    this.#log = existsSync(`${path}-wal`) ? new FileBytes(`${path}-wal`) : undefined;
    const header = this.#file.read(0, 100);
    this.pageBytes = pageBytesOf(header, this.#log?.read(0, LOG_HEADER));
    const reserved = header.length > 20 && isPageSize(headerPageBytes(header)) ? header[20] : 0;
    this.usable = this.pageBytes - (reserved <= 64 ? reserved : 0);
    const log = this.#log && readLog(this.#log, this.pageBytes);
    this.#inLog = log?.pages ?? new Map();
    this.lostCommits = log?.lostCommits ?? 0;
    this.soundFrames = log?.soundFrames ?? 0;
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
