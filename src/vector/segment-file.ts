import { createHash, type Hash } from "node:crypto";
import { open, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { StigmergyError } from "../errors.ts";
import { isKey } from "./checks.ts";
import type { Metric, SnapshotFile } from "./engine.ts";
import type { Segment } from "./segment.ts";
import { damaged, failed, isAbsent } from "./snapshot-errors.ts";

// A file of a snapshot: live rows, without gaps, as they stand in memory. Little-endian.
//
//     0    8   magic "STGMROWS"
//     8    4   u32 version, 1; a reader refuses any other
//    12    4   u32 dim
//    16    4   u32 stride, f32 values per stored row: dim rounded up to a multiple of 16, or of 64
//              where rows are kept rotated (kind flat; the manifest's seed tells how)
//    20    4   u32 metric: 0 cosine (rows of unit length), 1 l2sq, 2 dot
//    24    8   f64 rows
//    32   32   zeros
//    64        f64[rows] keys, then zeros up to a multiple of 64 bytes
//     …        f32[rows][stride] rows, zeros beyond dim unless they are rotated
//
// The manifest holds the file's length and the SHA-256 of every byte of it.

const MAGIC = Buffer.from("STGMROWS", "latin1");
const VERSION = 1;
const HEADER_BYTES = 64;
const CHUNK_BYTES = 4 * 2 ** 20;
const METRICS: readonly Metric[] = ["cosine", "l2sq", "dot"];

/** What the rows of a file must fit. */
export interface RowShape {
  readonly dim: number;
  readonly metric: Metric;
  /** f32 values per stored row. */
  readonly stride: number;
}

/** Writes the rows of some slots with their keys, and waits until they are on the disk. */
export async function writeSegmentFile(
  folder: string,
  name: string,
  shape: RowShape,
  { rows, stride }: Segment,
  slots: Uint32Array,
  keys: Float64Array,
): Promise<SnapshotFile> {
  const file = await open(join(folder, name), "wx");
  try {
    const hash = createHash("sha256");
    let bytes = 0;
    const write = async (chunk: Uint8Array): Promise<void> => {
      hash.update(chunk);
      bytes += chunk.byteLength;
      await file.writeFile(chunk);
    };
    await write(header(shape, slots.length));
    await write(keySection(keys));
    const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / (stride * 4)));
    const chunk = new Float32Array(perChunk * stride);
    for (let from = 0; from < slots.length; from += perChunk) {
      const some = slots.subarray(from, from + perChunk);
      some.forEach((slot, i) => {
        chunk.set(rows.subarray(slot * stride, (slot + 1) * stride), i * stride);
      });
      await write(new Uint8Array(chunk.buffer, 0, some.length * stride * 4));
    }
    await file.sync();
    return { name, bytes, sha256: hash.digest("hex") };
  } finally {
    await file.close();
  }
}

/**
 * Reads a file that `writeSegmentFile` wrote.
 *
 * @param load takes the keys, and calls back for the rows: each call fills the next f32 values
 * @throws {StigmergyError} DAMAGED, FORMAT or NOT_FOUND, the file untouched
 */
export async function readSegmentFile(
  folder: string,
  expected: SnapshotFile,
  shape: RowShape,
  load: (keys: Float64Array, read: (rows: Float32Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  const { name } = expected;
  const file = await openFile(folder, name);
  try {
    const { size } = await file.stat();
    if (size !== expected.bytes) {
      throw damaged(name, `expected ${expected.bytes} bytes, received ${size}`);
    }
    const hash = createHash("sha256");
    const read = (bytes: Uint8Array): Promise<void> => fill(file, name, bytes, hash);
    const head = new Uint8Array(HEADER_BYTES);
    await read(head);
    const count = rowsOf(head, name, shape);
    const keyBytes = Math.ceil((count * 8) / 64) * 64;
    const { stride } = shape;
    if (HEADER_BYTES + keyBytes + count * stride * 4 !== size) {
      throw damaged(name, `${count} rows do not take ${size} bytes`);
    }
    const keys = new Float64Array(keyBytes / 8);
    await read(bytesOf(keys));
    if (!keys.every(isKey)) throw damaged(name, "it holds what is no key");
    await load(keys.subarray(0, count), (rows) => read(bytesOf(rows)));
    if (hash.digest("hex") !== expected.sha256) throw damaged(name, "its checksum does not match");
  } finally {
    await file.close();
  }
}

function header({ dim, metric, stride }: RowShape, rows: number): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(VERSION, 8);
  bytes.writeUInt32LE(dim, 12);
  bytes.writeUInt32LE(stride, 16);
  bytes.writeUInt32LE(METRICS.indexOf(metric), 20);
  bytes.writeDoubleLE(rows, 24);
  return bytes;
}

/** Rows that a header announces, after its other fields have been checked. */
function rowsOf(head: Uint8Array, name: string, { dim, metric, stride }: RowShape): number {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (!bytes.subarray(0, 8).equals(MAGIC)) throw damaged(name, "not a file of rows");
  const version = bytes.readUInt32LE(8);
  if (version !== VERSION) {
    throw new StigmergyError(
      "FORMAT",
      `${name}: expected format ${VERSION}, received ${version}; open it with the version that wrote it`,
    );
  }
  const agrees =
    bytes.readUInt32LE(12) === dim &&
    bytes.readUInt32LE(16) === stride &&
    METRICS[bytes.readUInt32LE(20)] === metric;
  if (!agrees) throw damaged(name, "its header does not agree with the manifest");
  const rows = bytes.readDoubleLE(24);
  if (!Number.isSafeInteger(rows) || rows < 0) throw damaged(name, `${rows} rows`);
  return rows;
}

function keySection(keys: Float64Array): Uint8Array {
  const section = new Float64Array(Math.ceil((keys.length * 8) / 64) * 8);
  section.set(keys);
  return bytesOf(section);
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

async function openFile(folder: string, name: string): Promise<FileHandle> {
  const path = join(folder, name);
  // Asked first: to open a pipe would wait for its other end.
  const found = await stat(path).catch((error: unknown) => {
    throw isAbsent(error) ? damaged(name, "named by the manifest, but not there") : failed(error);
  });
  if (!found.isFile()) throw damaged(name, "not a file");
  return open(path, "r").catch((error: unknown) => {
    throw failed(error);
  });
}

/** Reads the next bytes of a file and adds them to its checksum, a chunk at a time. */
async function fill(file: FileHandle, name: string, bytes: Uint8Array, hash: Hash): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    const length = Math.min(bytes.byteLength - done, CHUNK_BYTES);
    const { bytesRead } = await file.read(bytes, done, length);
    if (bytesRead === 0) throw damaged(name, "it ends too early");
    hash.update(bytes.subarray(done, done + bytesRead));
    done += bytesRead;
  }
}
