import { StigmergyError } from "../errors.ts";
import { isCellCount, listBitsFor, listBlockWords } from "../wasm/cells.ts";
import { codeWords, linkBlockWords, nibbleWords } from "../wasm/codes.ts";
import { recordWords, rootWords } from "../wasm/graph.ts";
import { BLOCK_SLOTS } from "../wasm/scan.ts";
import { BEAM_COUNTS, type Beam } from "./beams.ts";
import type { Metric, StructureChoice } from "./engine.ts";
import { hasNibbles, isI8, rowDim, rowWords, type RowLayout } from "./layout.ts";
import { oldCentroidCodes, oldRecords, oldRoot } from "./old-links.ts";
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
//    64        the sections, each from a multiple of 64 bytes on, zeros between them:
//              f64[slots]              keys
//              u32[slots / 32]         a bit for each slot: whether its row is live
//              f32[slots][…]           rows, of 8 bits as in assembly/rows-i8.ts; with links, records
//                                      (assembly/graph.ts). Without, rows that are not live are zeros
//              f32[8][6]               with links: what searches take (beams.ts): k, beam, microseconds of a walk
//                                      and of a search by codes, and by a part of them, and its margin; 0 in place of
//                                      a beam and a walk, or of a part and a margin, where there is none
//              f32[…]                  with codes: their centroid
//              u32[…]                  with codes: blocks of 32 (assembly/rabitq.ts)
//              u32[…]                  with codes of four bits: theirs (assembly/rabitq-nibbles.ts)
//              f32[…]                  with links: the root's record
//              f32[cells][…]           with links: centroids (assembly/cells.ts),
//              u32[…]                  their codes,
//              u32[cells][2]           their lists' first and last blocks,
//              u32[…]                  and the blocks
//
// The manifest holds the file's length and a checksum of every byte of it (src/wasm/checksum.ts); that of
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
const ALIGN_BYTES = 64;
const METRICS: readonly Metric[] = ["cosine", "l2sq", "dot"];
const PRECISION_SHIFT = 16;
const FEWEST_BITS = 2;

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

/** f32 of the section of beams, with so many values each. */
export function beamWords(fields: number): number {
  return fields * BEAM_COUNTS.length;
}

/** The section that tells of beams. */
export function beamWordsOf(beams: readonly Beam[]): Float32Array {
  const words = new Float32Array(beamWords(BEAM_FIELDS));
  beams.forEach(({ k, ef, walkUs, codesUs, partUs, margin }, i) => {
    const walk = Number.isFinite(ef) ? [ef, walkUs] : [0, 0];
    const part = Number.isFinite(margin) ? [partUs, margin] : [0, 0];
    words.set([k, ...walk, codesUs, ...part], BEAM_FIELDS * i);
  });
  return words;
}

/** What such a section tells, with so many values each. @throws {StigmergyError} DAMAGED */
export function beamsOf(words: Float32Array, fields: number, name: string): Beam[] {
  const beams: Beam[] = [];
  for (let at = 0; at < words.length && words[at] > 0; at += fields) {
    const [k, ef, walkUs, codesUs, partUs = 0, margin = 0] = words.subarray(at, at + fields);
    const isBeam = k === BEAM_COUNTS[beams.length] && ef >= 0 && walkUs >= 0 && codesUs > 0;
    const isPart = (partUs > 0 && margin > 0) || (partUs === 0 && margin === 0);
    if (!isBeam || !isPart) throw damaged(name, "it tells of a beam that can't be");
    const walk = ef > 0 ? { ef, walkUs } : { ef: Infinity, walkUs: Infinity };
    const part = margin > 0 ? { partUs, margin } : { partUs: Infinity, margin: Infinity };
    beams.push({ k, ...walk, codesUs, ...part });
  }
  return beams;
}

/** Bytes of a whole file. */
export function sizeOf(
  layout: RowLayout,
  { isOld, beamFields, slots, degree, isCoded, hasNibbles, cells, blocks, listBits }: Header,
): number {
  const dim = rowDim(layout);
  const shape = { dim, degree, isI8: isI8(layout) };
  const [linked, rooted, coded] = isOld
    ? [oldRecords(shape), oldRoot(dim), oldCentroidCodes(dim)].map(({ oldWords }) => oldWords)
    : [recordWords(shape), rootWords(dim), linkBlockWords(dim)];
  const stride = degree > 0 ? linked : rowWords(layout);
  const rootBytes = degree > 0 ? rooted * 4 : 0;
  return (
    HEADER_BYTES +
    aligned(slots * 8) +
    aligned(Math.ceil(slots / 32) * 4) +
    aligned(slots * stride * 4) +
    aligned(beamWords(beamFields) * 4) +
    (isCoded ? aligned(dim * 4) + aligned(codeWords(slots, dim) * 4) : 0) +
    (hasNibbles ? aligned(nibbleWords(slots, dim) * 4) : 0) +
    aligned(rootBytes) +
    aligned(cells * dim * 4) +
    aligned((cells / BLOCK_SLOTS) * coded * 4) +
    aligned(cells * 8) +
    aligned(blocks * listBlockWords(dim, listBits) * 4)
  );
}

/** The bytes of a header. */
export function headerOf(layout: RowLayout, head: Header): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(bytes);
  const fields = [VERSION, layout.dim, rowDim(layout), kindOfRows(layout)];
  const coded = head.degree > 0 ? head.blocks : Number(head.isCoded) + Number(head.hasNibbles);
  [...fields, head.degree, coded].forEach((field, i) => {
    bytes.writeUInt32LE(field, 8 + 4 * i);
  });
  bytes.writeDoubleLE(head.slots, 32);
  bytes.writeDoubleLE(head.radius, 40);
  writeReasons(bytes, head);
  bytes.writeUInt32LE(head.cells, 52);
  bytes.writeUInt8(head.listBits === FEWEST_BITS ? 0 : head.listBits, 55);
  return bytes;
}

/** What tells how rows are searched by default. */
function writeReasons(bytes: Buffer, { degree, defaultEf, recall, choice }: Header): void {
  if (degree > 0) {
    bytes.writeUInt32LE(Number.isFinite(defaultEf) ? defaultEf : 0, 48);
    bytes.writeDoubleLE(recall, 56);
  } else if (choice?.kind === "flat") {
    bytes.writeUInt32LE(choice.until, 48);
    bytes.writeFloatLE(choice.flatUs, 56);
    bytes.writeFloatLE(choice.isTried ? -choice.graphUs : choice.graphUs, 60);
  }
}

function readChoice(buffer: Buffer): StructureChoice | undefined {
  const until = buffer.readUInt32LE(48);
  if (until === 0) return undefined;
  const [flatUs, graphUs] = [buffer.readFloatLE(56), buffer.readFloatLE(60)];
  return { kind: "flat", flatUs, graphUs: Math.abs(graphUs), isTried: graphUs < 0, until };
}

/** What a header announces, checked against what the manifest says of the index. */
export function readHeader(bytes: Uint8Array, name: string, layout: RowLayout): Header {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.subarray(0, 8).equals(MAGIC)) throw damaged(name, "not a file of rows");
  const [version, dim, stored, rows, degree, coded] = [8, 12, 16, 20, 24, 28].map((at) =>
    buffer.readUInt32LE(at),
  );
  const isOfF32 = version === VERSION_OF_F32 || (version === VERSION_WITHOUT_CELLS && degree === 0);
  const isKnown = version <= VERSION && version >= VERSION_OF_OLD_LINKS;
  if (!isKnown && !(isOfF32 && !isI8(layout))) {
    throw new StigmergyError(
      "FORMAT",
      `${name}: expected format ${VERSION}, received ${version}; open it with the version that wrote it`,
    );
  }
  const agrees =
    dim === layout.dim &&
    stored === rowDim(layout) &&
    rows === kindOfRows(layout) &&
    (degree === 0 || degree === layout.graph?.degree) &&
    (degree > 0 ||
      coded === 0 ||
      (coded === 1 && layout.coded) ||
      (coded === 2 && hasNibbles(layout) && version > VERSION_WITHOUT_NIBBLES));
  if (!agrees) throw damaged(name, "its header does not agree with the manifest");
  const slots = buffer.readDoubleLE(32);
  const radius = buffer.readDoubleLE(40);
  if (!Number.isSafeInteger(slots) || slots < 0) throw damaged(name, `${slots} rows`);
  if (!Number.isFinite(radius) || radius < 0) throw damaged(name, `a radius of ${radius}`);
  const cells = buffer.readUIntLE(52, 3);
  const bits = buffer.readUInt8(55) || FEWEST_BITS;
  const isUsable =
    degree > 0 ? isCellCount(cells, coded, slots) && isBits(bits, stored) : cells === 0;
  if (!isUsable) throw damaged(name, `${cells} cells and ${coded} blocks for ${slots} rows`);
  return {
    isOld: version < VERSION_WITHOUT_NIBBLES,
    beamFields: degree > 0 ? beamFieldsOf(version) : 0,
    degree,
    isCoded: degree === 0 && coded > 0,
    hasNibbles: degree === 0 && coded === 2,
    cells,
    blocks: degree > 0 ? coded : 0,
    listBits: bits,
    slots,
    radius,
    defaultEf: (degree > 0 && buffer.readUInt32LE(48)) || Infinity,
    recall: degree > 0 ? buffer.readDoubleLE(56) : 0,
    choice: degree > 0 ? undefined : readChoice(buffer),
  };
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

/** Bytes rounded up to where the next section may begin. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGN_BYTES) * ALIGN_BYTES;
}
