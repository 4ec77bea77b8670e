import { isUtf8 } from "node:buffer";
import type { SqlValue } from "../file/driver.ts";
import type { PageFile } from "./page-file.ts";

// A leaf page of a table: 0 u8 kind 0x0d · 3 u16 cells · 8 u16[cells] where each cell begins. A cell:
// varint payload bytes · varint row id · payload, the end of a long one in a chain of overflow pages,
// each u32 next · content. A payload: varint header bytes · varint kinds of the columns · columns.

const LEAF = 0x0d;
const LARGEST = 4 * 2 ** 20; // bytes of a row; the longest entry has fewer

/** A row as it stands in a leaf: its id and its columns. */
export interface CarvedRow {
  readonly id: number;
  readonly columns: readonly SqlValue[];
}

/**
 * Every row that stands in any leaf of a table, whichever table that is and whether or not anything
 * leads there. Pages that are no leaves, and cells that make no sense, give nothing.
 */
export function* carveRows(pages: PageFile): Generator<CarvedRow> {
  for (let number = 1; number <= pages.count; number++) {
    // What a damaged frame of the log has instead may be worse than what it was to replace.
    for (const page of [pages.logPage(number), pages.filePage(number)]) {
      if (page !== undefined) yield* rowsOf(pages, page, number === 1 ? 100 : 0);
    }
  }
}

function* rowsOf(pages: PageFile, page: Buffer, start: number): Generator<CarvedRow> {
  if (page.length < start + 8 || page[start] !== LEAF) return;
  const cells = page.readUInt16BE(start + 3);
  for (let i = 0; i < cells && start + 10 + 2 * i <= page.length; i++) {
    const at = page.readUInt16BE(start + 8 + 2 * i);
    try {
      const row = rowAt(pages, page, at);
      if (row !== undefined) yield row;
    } catch (error) {
      // Reading beyond the end of what is there: the cell is no cell.
      if (!(error instanceof RangeError)) throw error;
    }
  }
}

function rowAt(pages: PageFile, page: Buffer, at: number): CarvedRow | undefined {
  const size = varint(page, at);
  const id = varint(page, size.end);
  if (size.value < 2 || size.value > LARGEST) return undefined;
  const payload = payloadOf(pages, page, id.end, size.value);
  const columns = payload && columnsOf(payload);
  return columns && { id: id.value, columns };
}

function payloadOf(pages: PageFile, page: Buffer, at: number, size: number): Buffer | undefined {
  const { usable } = pages;
  const most = usable - 35;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const middle = least + ((size - least) % (usable - 4));
  const local = size <= most ? size : middle <= most ? middle : least;
  if (at + local > page.length) return undefined;
  const parts = [page.subarray(at, at + local)];
  let left = size - local;
  let next = left > 0 ? page.readUInt32BE(at + local) : 0;
  // A chain that leads round ends when all that is missing has been taken.
  while (left > 0) {
    const overflow = pages.page(next);
    if (overflow === undefined || overflow.length < 5) return undefined;
    const part = overflow.subarray(4, Math.min(4 + left, usable, overflow.length));
    if (part.length < Math.min(left, usable - 4)) return undefined;
    parts.push(part);
    left -= part.length;
    next = overflow.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

function columnsOf(payload: Buffer): SqlValue[] | undefined {
  const header = varint(payload, 0);
  if (header.value < 1 || header.value > payload.length) return undefined;
  const columns: SqlValue[] = [];
  let at = header.value;
  for (let place = header.end; place < header.value;) {
    const kind = varint(payload, place);
    place = kind.end;
    const column = columnOf(payload, at, kind.value);
    if (column === undefined) return undefined;
    columns.push(column.value);
    at = column.end;
  }
  return at === payload.length ? columns : undefined;
}

const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8];

function columnOf(
  payload: Buffer,
  at: number,
  kind: number,
): { value: SqlValue; end: number } | undefined {
  if (kind === 0) return { value: null, end: at };
  if (kind === 8 || kind === 9) return { value: kind - 8, end: at };
  if (kind === 7) return { value: payload.readDoubleBE(at), end: at + 8 };
  if (kind <= 6) {
    const bytes = INTEGER_BYTES[kind];
    const value = bytes === 8 ? Number(payload.readBigInt64BE(at)) : payload.readIntBE(at, bytes);
    return { value, end: at + bytes };
  }
  if (kind < 12) return undefined;
  const end = at + ((kind - 12) >>> 1);
  if (end > payload.length) return undefined;
  const bytes = payload.subarray(at, end);
  if (kind % 2 === 0) return { value: Uint8Array.from(bytes), end };
  // Half a character is none that was stored.
  return isUtf8(bytes) ? { value: bytes.toString("utf8"), end } : undefined;
}

function varint(bytes: Buffer, at: number): { value: number; end: number } {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes.readUInt8(at + i);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: at + i + 1 };
  }
  return { value: value * 256 + bytes.readUInt8(at + 8), end: at + 9 };
}
