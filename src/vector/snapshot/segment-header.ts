import { StigmergyError } from "../../errors.ts";
import { isCellCount, listBitsFor } from "../../wasm/vectors/cells.ts";
import type { Metric, StructureChoice } from "../engine/engine.ts";
import { hasNibbles, isI8, rowDim, type RowLayout } from "../segment/layout.ts";
import { damaged } from "./snapshot-errors.ts";

// A file of a snapshot: one segment as it stands in memory. Little-endian.
//
//     0    8   magic "STGMSEGM"
//     8    4   u32 version, 8; a reader refuses any other but 7, whose beams tell nothing of parts of the lists, 6, whose links have
//              no beams of more answers, 5, whose rows have no codes of four bits, 4, whose links have other factors too
//              (old-links.ts), 3, which is the same where rows are of f32, and 2, where they are and there are no links
//    12    4   u32 dim
//    16    4   u32 values per stored row: dim rounded up to a multiple of 16, or of 64 where rows
//              are kept rotated (the manifest's seed tells how)
//    20    2   u16 metric: 0 cosine (rows of unit length), 1 l2sq, 2 dot
//    22    2   u16 precision: 0 f32, 1 int8
//    24    4   u32 links per row; 0 where rows have none
//    28    4   u32 without links: 1 where rows have codes, 2 where they have such of four bits too, else 0; with
//              links: blocks of lists
//    32    8   f64 slots
//    40    8   f64 radius: the length of augmented rows, else 0
//    48   4    u32 with links: default beam, 0 where it is not known or none does; without: rows from which on it is
//              asked anew whether links pay, 0 where that was never asked
//    52   3    u24 cells, 0 without links
//    55   1    u8 bits of each value in lists; 0 where there are none, and for 2
//    56   8    with links: f64 recall that was measured with the beam; without: f32 microseconds of a search by codes,
//              f32 of one by links, negative where links were tried
//    64        the sections (segment-sections.ts), each from a multiple of 64 bytes on, zeros between them:
//              f64[slots]              keys
//              u32[slots / 32]         a bit for each slot: whether its row is live
//              f32[slots][…]           rows, of 8 bits as in assembly/rows/rows-i8.ts; with links, records
//                                      (assembly/graph/graph.ts). Without, rows that are not live are zeros
//              f32[8][6]               with links: what searches take (beams.ts): k, beam, microseconds of a walk
//                                      and of a search by codes, and by a part of them, and its margin; 0 in place of
//                                      a beam and a walk, or of a part and a margin, where there is none
//              f32[…]                  with codes: their centroid
//              u32[…]                  with codes: blocks of 32 (assembly/codes/rabitq.ts)
//              u32[…]                  with codes of four bits: theirs (assembly/codes/rabitq-nibbles.ts)
//              f32[…]                  with links: the root's record
//              f32[cells][…]           with links: centroids (assembly/cells/cells.ts),
//              u32[…]                  their codes,
//              u32[cells][2]           their lists' first and last blocks,
//              u32[…]                  and the blocks
//
// The manifest holds the file's length and a checksum of every byte of it (src/wasm/words/checksum.ts); that of
// an older version holds the SHA-256.

const MAGIC = Buffer.from("STGMSEGM", "latin1");
const VERSION = 8;
const VERSION_WITHOUT_PARTS = 7;
const VERSION_WITHOUT_BEAMS = 6;
const VERSION_WITHOUT_NIBBLES = 5;
const VERSION_OF_OLD_LINKS = 4;
const VERSION_OF_F32 = 3;
const VERSION_WITHOUT_CELLS = 2;
/** Bytes of a header. */
export const HEADER_BYTES = 64;
const METRICS: readonly Metric[] = ["cosine", "l2sq", "dot"];
const PRECISION_SHIFT = 16;
const FEWEST_BITS = 2;

/** A number of a header. */
interface Field {
  readonly read: (bytes: Buffer) => number;
  readonly write: (bytes: Buffer, value: number) => void;
}

const u32 = (at: number): Field => ({
  read: (bytes) => bytes.readUInt32LE(at),
  write: (bytes, value) => bytes.writeUInt32LE(value, at),
});
const u24 = (at: number): Field => ({
  read: (bytes) => bytes.readUIntLE(at, 3),
  write: (bytes, value) => bytes.writeUIntLE(value, at, 3),
});
const u8 = (at: number): Field => ({
  read: (bytes) => bytes.readUInt8(at),
  write: (bytes, value) => bytes.writeUInt8(value, at),
});
const f32 = (at: number): Field => ({
  read: (bytes) => bytes.readFloatLE(at),
  write: (bytes, value) => bytes.writeFloatLE(value, at),
});
const f64 = (at: number): Field => ({
  read: (bytes) => bytes.readDoubleLE(at),
  write: (bytes, value) => bytes.writeDoubleLE(value, at),
});

/** The numbers of a header; what rows with links have at the end and others have takes the same place. */
const FIELDS = {
  version: u32(8),
  dim: u32(12),
  storedDim: u32(16),
  kind: u32(20),
  degree: u32(24),
  coded: u32(28),
  slots: f64(32),
  radius: f64(40),
  defaultEf: u32(48),
  until: u32(48),
  cells: u24(52),
  listBits: u8(55),
  recall: f64(56),
  flatUs: f32(56),
  graphUs: f32(60),
};

type Fields = Readonly<Record<keyof typeof FIELDS, number>>;

/** What a file says of itself. */
export interface Header {
  /** Whether its links have factors as `old-links.ts` draws them. */
  readonly isOld: boolean;
  /** How many values tell what searches take for some number of answers: 0 where nothing does. */
  readonly beamFields: number;
  readonly degree: number;
  readonly isCoded: boolean;
  /** Whether its rows have codes of four bits. */
  readonly hasNibbles: boolean;
  readonly slots: number;
  readonly radius: number;
  readonly defaultEf: number;
  readonly recall: number;
  /** Why its rows have no links. */
  readonly choice: StructureChoice | undefined;
  readonly cells: number;
  readonly blocks: number;
  /** Bits of the code of each value in lists. */
  readonly listBits: number;
}

/** Values that tell what searches take for some number of answers. */
export const BEAM_FIELDS = 6;
const BEAM_FIELDS_WITHOUT_PARTS = 4;

/** The bytes of a header. */
export function headerOf(layout: RowLayout, head: Header): Uint8Array {
  const { degree, slots, radius, cells, listBits } = head;
  const bytes = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(bytes);
  writeFields(bytes, {
    version: VERSION,
    dim: layout.dim,
    storedDim: rowDim(layout),
    kind: kindOfRows(layout),
    degree,
    coded: degree > 0 ? head.blocks : Number(head.isCoded) + Number(head.hasNibbles),
    slots,
    radius,
    cells,
    listBits: listBits === FEWEST_BITS ? 0 : listBits,
    ...reasonsOf(head),
  });
  return bytes;
}

/** What tells how rows are searched by default. */
function reasonsOf({ degree, defaultEf, recall, choice }: Header): Partial<Fields> {
  if (degree > 0) return { defaultEf: Number.isFinite(defaultEf) ? defaultEf : 0, recall };
  if (choice?.kind !== "flat") return {};
  const { until, flatUs, graphUs, isTried } = choice;
  return { until, flatUs, graphUs: isTried ? -graphUs : graphUs };
}

/** What a header announces, checked against what the manifest says of the index. */
export function readHeader(bytes: Uint8Array, name: string, layout: RowLayout): Header {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.subarray(0, 8).equals(MAGIC)) throw damaged(name, "not a file of rows");
  const fields = readFields(buffer);
  checkVersion(fields, name, layout);
  if (!isOfLayout(fields, layout)) {
    throw damaged(name, "its header does not agree with the manifest");
  }
  const { version, degree, coded, slots, radius, cells } = fields;
  const listBits = fields.listBits || FEWEST_BITS;
  checkCounts({ ...fields, listBits }, name);
  const shared = {
    isOld: version < VERSION_WITHOUT_NIBBLES,
    degree,
    slots,
    radius,
    cells,
    listBits,
  };
  if (degree > 0) {
    const { recall } = fields;
    const defaultEf = fields.defaultEf || Infinity;
    const found = { defaultEf, recall, beamFields: beamFieldsOf(version), choice: undefined };
    return { ...shared, ...found, blocks: coded, isCoded: false, hasNibbles: false };
  }
  const found = { defaultEf: Infinity, recall: 0, beamFields: 0, choice: choiceOf(fields) };
  return { ...shared, ...found, blocks: 0, isCoded: coded > 0, hasNibbles: coded === 2 };
}

/** @throws {StigmergyError} FORMAT */
function checkVersion({ version, degree }: Fields, name: string, layout: RowLayout): void {
  const isKnown = version <= VERSION && version >= VERSION_OF_OLD_LINKS;
  const isOfF32 = version === VERSION_OF_F32 || (version === VERSION_WITHOUT_CELLS && degree === 0);
  if (isKnown || (isOfF32 && !isI8(layout))) return;
  throw new StigmergyError(
    "FORMAT",
    `${name}: expected format ${VERSION}, received ${version}; open it with the version that wrote it`,
  );
}

function isOfLayout(fields: Fields, layout: RowLayout): boolean {
  const { version, dim, storedDim, kind, degree, coded } = fields;
  if (dim !== layout.dim || storedDim !== rowDim(layout) || kind !== kindOfRows(layout))
    return false;
  if (degree > 0) return degree === layout.graph?.degree;
  if (coded === 2) return hasNibbles(layout) && version > VERSION_WITHOUT_NIBBLES;
  return coded === 0 || (coded === 1 && layout.coded);
}

/** @throws {StigmergyError} DAMAGED for numbers that no file has */
function checkCounts(fields: Fields, name: string): void {
  const { slots, radius, degree, cells, coded, listBits, storedDim } = fields;
  if (!Number.isSafeInteger(slots) || slots < 0) throw damaged(name, `${slots} rows`);
  if (!Number.isFinite(radius) || radius < 0) throw damaged(name, `a radius of ${radius}`);
  const isUsable =
    degree > 0 ? isCellCount(cells, coded, slots) && isBits(listBits, storedDim) : cells === 0;
  if (!isUsable) throw damaged(name, `${cells} cells and ${coded} blocks for ${slots} rows`);
}

function choiceOf({ until, flatUs, graphUs }: Fields): StructureChoice | undefined {
  if (until === 0) return undefined;
  return { kind: "flat", flatUs, graphUs: Math.abs(graphUs), isTried: graphUs < 0, until };
}

function beamFieldsOf(version: number): number {
  if (version <= VERSION_WITHOUT_BEAMS) return 0;
  return version <= VERSION_WITHOUT_PARTS ? BEAM_FIELDS_WITHOUT_PARTS : BEAM_FIELDS;
}

/** Whether lists of rows of so many values may have codes of so many bits. */
function isBits(bits: number, dim: number): boolean {
  return bits === FEWEST_BITS || bits === listBitsFor(dim);
}

/** How rows are compared and kept, in one number. */
function kindOfRows(layout: RowLayout): number {
  return METRICS.indexOf(layout.metric) | (Number(isI8(layout)) << PRECISION_SHIFT);
}

function readFields(bytes: Buffer): Fields {
  const read = Object.entries(FIELDS).map(([name, field]) => [name, field.read(bytes)]);
  return Object.fromEntries(read) as Fields;
}

function writeFields(bytes: Buffer, fields: Partial<Fields>): void {
  for (const [name, value] of Object.entries(fields)) {
    FIELDS[name as keyof Fields].write(bytes, value);
  }
}
