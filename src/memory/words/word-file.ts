import { StigmergyError } from "../../errors.ts";
import type { Position } from "../entries/changes.ts";
import { Vocabulary } from "./vocabulary.ts";
import { WordTable } from "./word-table.ts";

// A packed table as a file, little-endian:
//
//   0       8            12          16
//   | magic | u32 header | u32 check | header: JSON, padded with blanks | sections …
//
// header is its length in bytes, a multiple of 8; check is of header and of all that follows. The JSON tells how many
// bytes each section has, in order; each begins at a multiple of 8. Another version has another magic.

const MAGIC = Buffer.from("STGWRD01", "latin1");
const HEAD_BYTES = 16;

interface Header {
  readonly position: Position;
  readonly slots: number;
  readonly namespaces: readonly string[];
  readonly sessions: readonly string[];
  readonly sections: readonly (readonly [name: string, bytes: number])[];
}

/** A packed table, and up to which change it goes, as a file. */
export function encodeTable(table: WordTable, position: Position): Buffer {
  const { vocabulary, packed, slots } = table;
  const grams = vocabulary.packedGrams;
  if (grams === undefined || vocabulary.words.length !== vocabulary.sorted) {
    throw new Error("word table: only a packed one can be saved");
  }
  const sections: [string, Buffer][] = [
    ["words", Buffer.from(vocabulary.words.join("\n"), "utf8")],
    ["stems", Buffer.from(vocabulary.stems.join("\n"), "utf8")],
    ["terms", bytesOf(vocabulary.terms)],
    ["stemOrder", bytesOf(vocabulary.stemOrder)],
    ["grams", bytesOf(grams.grams)],
    ["gramStarts", bytesOf(grams.starts)],
    ["gramWords", bytesOf(grams.words)],
    ["starts", bytesOf(packed.starts)],
    ["postings", bytesOf(packed.postings)],
    ["ids", bytesOf(table.ids.subarray(0, slots))],
    ["at", bytesOf(table.at.subarray(0, slots))],
    ["expires", bytesOf(table.expires.subarray(0, slots))],
    ["lengths", bytesOf(table.lengths.subarray(0, slots))],
    ["namespaceOf", bytesOf(table.namespaceOf.subarray(0, slots))],
    ["sessionOf", bytesOf(table.sessionOf.subarray(0, slots))],
    ["wordStarts", bytesOf(table.wordStarts.subarray(0, slots + 1))],
    ["sequence", bytesOf(table.sequence.subarray(0, table.sequenceLength))],
  ];
  const header: Header = {
    position,
    slots,
    namespaces: table.namespaces.list,
    sessions: table.sessions.list,
    sections: sections.map(([name, bytes]) => [name, bytes.byteLength]),
  };
  const said = Buffer.from(JSON.stringify(header), "utf8");
  const padded = Buffer.alloc(ceil8(said.byteLength), " ");
  said.copy(padded);
  const parts = sections.flatMap(([, bytes]) => [bytes, Buffer.alloc(padding(bytes.byteLength))]);
  const file = Buffer.concat([Buffer.alloc(HEAD_BYTES), padded, ...parts]);
  MAGIC.copy(file);
  file.writeUInt32LE(padded.byteLength, 8);
  file.writeUInt32LE(checkOf(file.subarray(HEAD_BYTES), padded.byteLength), 12);
  return file;
}

/** The table and position of a file. @throws {StigmergyError} DAMAGED when it is not as it was written */
export function decodeTable(read: Buffer): { table: WordTable; position: Position } {
  const file = aligned(read);
  const headerBytes = file.byteLength < HEAD_BYTES ? 0 : file.readUInt32LE(8);
  const isWhole =
    file.subarray(0, MAGIC.length).equals(MAGIC) &&
    headerBytes > 0 &&
    HEAD_BYTES + headerBytes <= file.byteLength &&
    file.byteLength % 8 === 0 &&
    file.readUInt32LE(12) === checkOf(file.subarray(HEAD_BYTES), headerBytes);
  if (!isWhole) throw new StigmergyError("DAMAGED", "words of a store: not as they were saved");
  const header = JSON.parse(file.toString("utf8", HEAD_BYTES, HEAD_BYTES + headerBytes)) as Header;
  const sections = new Map<string, Buffer>();
  let at = HEAD_BYTES + headerBytes;
  for (const [name, bytes] of header.sections) {
    sections.set(name, file.subarray(at, at + bytes));
    at += ceil8(bytes);
  }
  const section = (name: string): Buffer => sections.get(name) ?? Buffer.alloc(0);
  const u32 = (name: string): Uint32Array => {
    const { buffer, byteOffset, byteLength } = section(name);
    return new Uint32Array(buffer, byteOffset, byteLength / 4);
  };
  const f64 = (name: string): Float64Array => {
    const { buffer, byteOffset, byteLength } = section(name);
    return new Float64Array(buffer, byteOffset, byteLength / 8);
  };
  const lines = (name: string): string[] => {
    const text = section(name).toString("utf8");
    return text === "" ? [] : text.split("\n");
  };
  const grams = { grams: u32("grams"), starts: u32("gramStarts"), words: u32("gramWords") };
  const stems = lines("stems");
  // Older files have none.
  const order = sections.has("stemOrder") ? u32("stemOrder") : undefined;
  const table = new WordTable(new Vocabulary(lines("words"), stems, u32("terms"), grams, order));
  const { slots } = header;
  Object.assign(table, {
    packed: { starts: u32("starts"), postings: u32("postings") },
    slots,
    live: slots,
    isLive: new Uint8Array(slots).fill(1),
    ids: f64("ids"),
    at: f64("at"),
    expires: f64("expires"),
    lengths: u32("lengths"),
    namespaceOf: u32("namespaceOf"),
    sessionOf: u32("sessionOf"),
    wordStarts: u32("wordStarts"),
    sequence: u32("sequence"),
    sequenceLength: u32("sequence").length,
  });
  for (const name of header.namespaces.slice(1)) table.namespaces.numberOf(name);
  for (const name of header.sessions.slice(1)) table.sessions.numberOf(name);
  for (let slot = 0; slot < slots; slot++) table.restore(slot);
  return { table, position: header.position };
}

/** Of words of 32 bits, in four lanes, so that one multiplication need not wait for the one before. */
function checkOf(part: Buffer, seed: number): number {
  const { buffer, byteOffset, byteLength } = aligned(part);
  const words = new Uint32Array(buffer, byteOffset, byteLength >>> 2);
  let a = 1 ^ seed;
  let b = 2;
  let c = 3;
  let d = 4;
  let i = 0;
  for (; i + 4 <= words.length; i += 4) {
    a = Math.imul(a ^ words[i], 0x9e3779b1);
    b = Math.imul(b ^ words[i + 1], 0x85ebca77);
    c = Math.imul(c ^ words[i + 2], 0xc2b2ae3d);
    d = Math.imul(d ^ words[i + 3], 0x27d4eb2f);
  }
  for (; i < words.length; i++) a = Math.imul(a ^ words[i], 0x9e3779b1);
  for (const lane of [b, c, d, words.length]) a = Math.imul(a ^ (a >>> 15) ^ lane, 0x9e3779b1);
  return (a ^ (a >>> 15)) >>> 0;
}

/** The bytes where numbers of 8 bytes may stand: what is read may begin anywhere. */
function aligned(bytes: Buffer): Buffer {
  if (bytes.byteOffset % 8 === 0) return bytes;
  const copy = Buffer.from(new ArrayBuffer(bytes.byteLength));
  bytes.copy(copy);
  return copy;
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array | Float64Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

function ceil8(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function padding(bytes: number): number {
  return ceil8(bytes) - bytes;
}
