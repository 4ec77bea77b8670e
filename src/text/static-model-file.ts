import { createHash } from "node:crypto";
import { StigmergyError } from "../errors.ts";
import { SUM_ROWS_BLOCK } from "../wasm/network/sum-rows.ts";

// A static embedding model, little-endian:
//
//      0  "STIGEMB1"
//      8  version, u32: 1              12  dim, u32
//     16  pieces, u32                  20  texts that the frequencies count, u32
//     24  bytes of the vocabulary, u32 28  floor, f32
//     32  SHA-256 of bytes 0 to 31 and of all from 64
//     64  frequencies, u32[pieces]: in how many texts of the corpus each piece stands
//         scales, f32[pieces]: what one step of a row is worth
//         rows, i8[pieces][dim], from −127 to 127
//         vocabulary, UTF-8: the pieces, a line break between two
//
// A reader refuses a version that it does not know.

const MAGIC = "STIGEMB1";
const VERSION = 1;
const DIGEST = 32;
const MOST_DIM = 4096;
const MOST_PIECES = 2 ** 20;

/** Bytes before the arrays of a model's file. */
export const HEADER_BYTES = 64;

/** What a model is, before any of it is read. */
export interface StaticModelHeader {
  /** Values of a row; a multiple of 32. */
  readonly dim: number;
  /** Pieces of the vocabulary. */
  readonly pieces: number;
  /** Texts that the frequencies count. */
  readonly documents: number;
  /** Cosine that unrelated texts hardly ever reach. */
  readonly floor: number;
  /** SHA-256 of the model, hexadecimal. */
  readonly digest: string;
}

/** A model: rows for pieces of words. */
export interface StaticModelParts {
  readonly vocabulary: readonly string[];
  readonly dim: number;
  readonly documents: number;
  readonly floor: number;
  /** u32[pieces] */
  readonly frequencies: Uint32Array;
  /** f32[pieces] */
  readonly scales: Float32Array;
  /** i8[pieces × dim] */
  readonly rows: Int8Array;
}

/** The bytes of a model's file. The same model gives the same bytes. */
export function encodeStaticModel(model: StaticModelParts): Uint8Array {
  const { vocabulary, dim, documents, floor, frequencies, scales, rows } = model;
  const words = Buffer.from(vocabulary.join("\n"));
  const arrays = [frequencies, scales, rows].map(bytesOf);
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, "latin1");
  [VERSION, dim, vocabulary.length, documents, words.length].forEach((value, i) => {
    header.writeUInt32LE(value, 8 + 4 * i);
  });
  header.writeFloatLE(floor, 28);
  const bytes = Buffer.concat([header, ...arrays, words]);
  bytes.set(digestOf(bytes), DIGEST);
  return Uint8Array.from(bytes);
}

/**
 * What the first bytes of a model's file say.
 * @throws {StigmergyError} FORMAT when they are not of such a file, or of another version; DAMAGED when
 * they say what cannot be
 */
export function readStaticHeader(bytes: Uint8Array): StaticModelHeader {
  const header = bufferOf(bytes);
  if (header.length < HEADER_BYTES || header.toString("latin1", 0, 8) !== MAGIC) {
    throw new StigmergyError(
      "FORMAT",
      "embedding model: expected a file of stigmergy's own format",
    );
  }
  const version = header.readUInt32LE(8);
  if (version !== VERSION) {
    throw new StigmergyError(
      "FORMAT",
      `embedding model: expected version ${VERSION}, received ${version}; use a newer stigmergy`,
    );
  }
  const [dim, pieces, documents] = [12, 16, 20].map((at) => header.readUInt32LE(at));
  const floor = header.readFloatLE(28);
  const isSound =
    dim >= SUM_ROWS_BLOCK && dim <= MOST_DIM && dim % SUM_ROWS_BLOCK === 0 && pieces >= 1;
  if (!isSound || pieces > MOST_PIECES || documents === 0 || !(floor >= 0 && floor < 1))
    throw damaged("its header");
  return { dim, pieces, documents, floor, digest: header.toString("hex", DIGEST, HEADER_BYTES) };
}

/**
 * The model that a file holds. Its arrays are views of `bytes` where their place in memory allows.
 * @throws {StigmergyError} FORMAT as `readStaticHeader`; DAMAGED when a single bit is not as it was
 */
export function decodeStaticModel(bytes: Uint8Array): StaticModelParts {
  const { dim, pieces, documents, floor, digest } = readStaticHeader(bytes);
  const file = bufferOf(bytes);
  const rowsAt = HEADER_BYTES + 8 * pieces;
  const wordsAt = rowsAt + pieces * dim;
  if (file.length !== wordsAt + file.readUInt32LE(24)) throw damaged("its length");
  if (digestOf(file).toString("hex") !== digest) throw damaged("its checksum");
  const vocabulary = file.toString("utf8", wordsAt).split("\n");
  if (vocabulary.length !== pieces) throw damaged("its vocabulary");
  const words = file.buffer.slice(
    file.byteOffset + HEADER_BYTES,
    file.byteOffset + rowsAt,
  ) as ArrayBuffer;
  return {
    vocabulary,
    dim,
    documents,
    floor,
    frequencies: new Uint32Array(words, 0, pieces),
    scales: new Float32Array(words, 4 * pieces, pieces),
    rows: new Int8Array(file.buffer, file.byteOffset + rowsAt, pieces * dim),
  };
}

function digestOf(file: Buffer): Buffer {
  const hash = createHash("sha256").update(file.subarray(0, DIGEST));
  return hash.update(file.subarray(HEADER_BYTES)).digest();
}

function bytesOf(array: Uint32Array | Float32Array | Int8Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged(what: string): StigmergyError {
  return new StigmergyError(
    "DAMAGED",
    `embedding model: ${what} is not as it was written; install the package again`,
  );
}
