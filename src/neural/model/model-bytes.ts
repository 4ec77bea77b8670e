import { createHash } from "node:crypto";
import { StigmergyError } from "../../errors.ts";
import { finish } from "../../util/turns.ts";
import type { Heap } from "../../wasm/heap.ts";

// A file of JSON and arrays:
//
//     "STIGMDL1"  u32 bytes of the JSON  JSON, UTF-8  zeros to a multiple of 64
//     each array, little-endian, then zeros to a multiple of 64
//     SHA-256 of all before, 32 bytes
//
// The JSON is { format, content, arrays: [{ name, type, offset, length }] }; offsets count from the start
// of the file, lengths are values. A reader refuses a format that it does not know. In format 1
// tables were f32.

const MAGIC = "STIGMDL1";
const FORMAT = 2;
const OLDEST_FORMAT = 1;
const ALIGN = 64;
const DIGEST_BYTES = 32;
const PIECE_BYTES = 2 ** 20; // hashed at a step: some milliseconds where the processor has no instructions for it
const TYPES = {
  f32: Float32Array,
  u32: Uint32Array,
  u8: Uint8Array,
  i8: Int8Array,
} as const;

/** An array in a file. */
export type FileArray = Float32Array | Uint32Array | Uint8Array | Int8Array;

/** What a file holds: JSON, and arrays by name. */
export interface FileContent {
  readonly content: unknown;
  readonly arrays: ReadonlyMap<string, FileArray>;
  /** What the arrays stand on, where they are given over: whoever opens the file may use them as they stand. */
  readonly heap?: Heap | undefined;
}

interface ArrayPlace {
  readonly name: string;
  readonly type: keyof typeof TYPES;
  readonly offset: number;
  readonly length: number;
}

/** The bytes of a file. The same content gives the same bytes. */
export function encodeFile({ content, arrays }: FileContent): Uint8Array {
  // Offsets are written in the JSON, whose length they depend on: they are of fixed width.
  const places = [...arrays].map(([name, array]) => ({ name, type: typeOf(array), array }));
  const json = (from: number): Buffer => {
    let offset = from;
    const listed = places.map(({ name, type, array }) => {
      const place = { name, type, offset: offset, length: array.length };
      offset += aligned(array.byteLength);
      return place;
    });
    return Buffer.from(JSON.stringify({ format: FORMAT, content, arrays: listed }));
  };
  let start = aligned(MAGIC.length + 4 + json(0).length);
  while (aligned(MAGIC.length + 4 + json(start).length) > start) start += ALIGN;
  const head = json(start);
  const size = places.reduce((sum, { array }) => sum + aligned(array.byteLength), start);
  const bytes = Buffer.alloc(size + DIGEST_BYTES);
  bytes.write(MAGIC, "latin1");
  bytes.writeUInt32LE(head.length, MAGIC.length);
  head.copy(bytes, MAGIC.length + 4);
  let offset = start;
  for (const { array } of places) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    offset += aligned(array.byteLength);
  }
  createHash("sha256").update(bytes.subarray(0, size)).digest().copy(bytes, size);
  return bytes;
}

/**
 * Proves a file's bytes by their checksum, some of them at a step.
 * @returns the SHA-256 of all of them, in hex
 * @throws {StigmergyError} FORMAT for a file of another kind; DAMAGED when a byte is not what was written
 */
export function* proving(bytes: Uint8Array): Generator<void, string> {
  assertOurs(bytes);
  const size = bytes.length - DIGEST_BYTES;
  const hash = createHash("sha256");
  for (let from = 0; from < size; from += PIECE_BYTES) {
    hash.update(bytes.subarray(from, Math.min(size, from + PIECE_BYTES)));
    yield;
  }
  const digest = bytes.subarray(size);
  if (!hash.copy().digest().equals(digest)) {
    throw new StigmergyError(
      "DAMAGED",
      "model file: its checksum does not fit its content; train the model again, or restore the file",
    );
  }
  return hash.update(digest).digest("hex");
}

/** The content of a file's bytes, as `provenContent`. @throws as `proving` and `provenContent` */
export function decodeFile(bytes: Uint8Array): FileContent {
  finish(proving(bytes));
  return provenContent(bytes);
}

/**
 * The content of bytes that were proven, by `proving` or by who kept them. Arrays are views of these where they are
 * aligned, and copies else: whoever keeps a small one copies it, so as not to hold on to all bytes.
 * @param heap that the bytes stand on, from a multiple of 64 on, when they are given over with it
 * @throws {StigmergyError} FORMAT for a file of another kind or a newer version; DAMAGED when its parts do not fit
 */
export function provenContent(bytes: Uint8Array, heap?: Heap): FileContent {
  const buffer = assertOurs(bytes);
  const size = buffer.length - DIGEST_BYTES;
  const length = buffer.readUInt32LE(MAGIC.length);
  const head = parseHead(buffer.toString("utf8", MAGIC.length + 4, MAGIC.length + 4 + length));
  if (!(head.format >= OLDEST_FORMAT && head.format <= FORMAT)) {
    throw new StigmergyError(
      "FORMAT",
      `model file: expected format ${OLDEST_FORMAT} to ${FORMAT}, received ${head.format}; it is of a newer version`,
    );
  }
  const arrays = new Map<string, FileArray>();
  for (const { name, type, offset, length: count } of head.arrays) {
    const width = Object.hasOwn(TYPES, type) ? TYPES[type].BYTES_PER_ELEMENT : NaN;
    const fits = [offset, count].every((each) => Number.isInteger(each) && each >= 0);
    if (!fits || !(offset + count * width <= size)) {
      throw new StigmergyError("DAMAGED", `model file: the array ${name} is not within it`);
    }
    let place = bytes.subarray(offset, offset + count * width);
    if (place.byteOffset % width !== 0) place = new Uint8Array(place);
    arrays.set(name, new TYPES[type](place.buffer as ArrayBuffer, place.byteOffset, count));
  }
  return { content: head.content, arrays, heap };
}

/** The bytes as a buffer, if they begin as those of a model's file do. @throws {StigmergyError} FORMAT */
function assertOurs(bytes: Uint8Array): Buffer {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLong = buffer.length >= ALIGN + DIGEST_BYTES;
  if (isLong && buffer.toString("latin1", 0, MAGIC.length) === MAGIC) return buffer;
  throw new StigmergyError("FORMAT", "model file: expected a model that stigmergy saved");
}

function parseHead(text: string): { format: number; content: unknown; arrays: ArrayPlace[] } {
  try {
    const head = JSON.parse(text);
    if (typeof head === "object" && head !== null && Array.isArray(head.arrays)) return head;
  } catch {
    // Said below, with what has no list of arrays.
  }
  throw new StigmergyError("DAMAGED", "model file: its description can't be read");
}

function typeOf(array: FileArray): keyof typeof TYPES {
  if (array instanceof Float32Array) return "f32";
  if (array instanceof Uint32Array) return "u32";
  return array instanceof Int8Array ? "i8" : "u8";
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGN) * ALIGN;
}
