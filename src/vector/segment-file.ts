import { open, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { StigmergyError } from "../errors.ts";
import { Checksum } from "../wasm/checksum.ts";
import { codeWords } from "../wasm/codes.ts";
import { recordWords, rootWords } from "../wasm/graph.ts";
import { isKey } from "./checks.ts";
import type { Metric, SnapshotFile } from "./engine.ts";
import { digestOf, type Digest } from "./file-proof.ts";
import { slotsOf, type SlotBits } from "./filter.ts";
import { rowDim, type RowLayout } from "./layout.ts";
import type { RowStore } from "./row-store.ts";
import { linkedCapacity, type Segment } from "./segment.ts";
import { damaged, failed, isAbsent } from "./snapshot-errors.ts";

// A file of a snapshot: one segment as it stands in memory. Little-endian.
//
//     0    8   magic "STGMSEGM"
//     8    4   u32 version, 2; a reader refuses any other
//    12    4   u32 dim
//    16    4   u32 f32 values per stored row: dim rounded up to a multiple of 16, or of 64 where rows
//              are kept rotated (the manifest's seed tells how)
//    20    4   u32 metric: 0 cosine (rows of unit length), 1 l2sq, 2 dot
//    24    4   u32 links per row; 0 where rows have none
//    28    4   u32 1 where rows have codes, else 0
//    32    8   f64 slots
//    40    8   f64 radius: the length of augmented rows, else 0
//    48   4    u32 default beam, 0 where it is not known or none does
//    52   4    zeros
//    56   8    f64 recall that was measured with it
//    64        the sections, each from a multiple of 64 bytes on, zeros between them:
//              f64[slots]              keys
//              u32[slots / 32]         a bit for each slot: whether its row is live
//              f32[slots][…]           rows; with links, records (assembly/graph.ts). Without, rows
//                                      that are not live are zeros
//              f32[…]                  with codes: their centroid
//              u32[…]                  with codes: blocks of 32 (assembly/rabitq.ts)
//              f32[…]                  with links: the root's record
//
// The manifest holds the file's length and a checksum of every byte of it (src/wasm/checksum.ts); that of
// an older version holds the SHA-256.

const MAGIC = Buffer.from("STGMSEGM", "latin1");
const VERSION = 2;
const HEADER_BYTES = 64;
const ALIGN_BYTES = 64;
const CHUNK_BYTES = 4 * 2 ** 20;
const METRICS: readonly Metric[] = ["cosine", "l2sq", "dot"];

/** A segment of one moment. */
export interface SegmentCapture {
  readonly segment: Segment;
  readonly live: SlotBits;
  readonly end: number;
}

/** What a file says of itself. */
interface Header {
  readonly degree: number;
  readonly isCoded: boolean;
  readonly slots: number;
  readonly radius: number;
  readonly defaultEf: number;
  readonly recall: number;
}

/** Writes a segment, and waits until it is on the disk. */
export async function writeSegment(
  folder: string,
  name: string,
  layout: RowLayout,
  { segment, live, end }: SegmentCapture,
): Promise<SnapshotFile> {
  const { graph, stride, radius, defaultEf, recall } = segment;
  // Rows are added to a graph behind those of the moment, which may have links to them by now.
  const slots = graph === undefined ? end : segment.end;
  const codes = segment.codes;
  const degree = graph?.degree ?? 0;
  const head = { degree, isCoded: codes !== undefined, slots, radius, defaultEf, recall };
  const bits = new Uint32Array(Math.ceil(slots / 32));
  bits.set(live);
  const file = await open(join(folder, name), "wx");
  try {
    const hash = new Checksum();
    let bytes = 0;
    const write = async (chunk: Uint8Array): Promise<void> => {
      hash.update(chunk);
      bytes += chunk.byteLength;
      await file.writeFile(chunk);
    };
    const writeAligned = async (array: ArrayBufferView): Promise<void> => {
      // Copies, because what is written must be what is hashed.
      const section = bytesOf(array);
      for (let from = 0; from < section.length; from += CHUNK_BYTES) {
        await write(section.slice(from, from + CHUNK_BYTES));
      }
      await write(new Uint8Array(aligned(array.byteLength) - array.byteLength));
    };
    await write(headerOf(layout, head));
    await writeAligned(segment.keys.subarray(0, slots));
    await writeAligned(bits);
    const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / (stride * 4)));
    for (let from = 0; from < slots; from += perChunk) {
      const rows = segment.rows.slice(from * stride, Math.min(slots, from + perChunk) * stride);
      if (graph === undefined) clearDead(rows, stride, from, bits);
      await write(bytesOf(rows));
    }
    await write(new Uint8Array(aligned(slots * stride * 4) - slots * stride * 4));
    if (codes !== undefined) {
      await writeAligned(codes.centroid);
      await writeAligned(codes.blocks.subarray(0, codeWords(slots, segment.dim)));
    }
    if (graph !== undefined) await writeAligned(graph.root);
    await file.sync();
    return { name, bytes, checksum: hash.digest() };
  } finally {
    await file.close();
  }
}

/**
 * Reads a segment that `writeSegment` wrote, straight to where it is searched.
 * @throws {StigmergyError} DAMAGED, FORMAT or NOT_FOUND, the file untouched
 */
export async function readSegment(
  folder: string,
  expected: SnapshotFile,
  store: RowStore,
): Promise<void> {
  const { name } = expected;
  const { layout } = store;
  const file = await openFile(folder, name);
  try {
    const { size } = await file.stat();
    if (size !== expected.bytes) {
      throw damaged(name, `expected ${expected.bytes} bytes, received ${size}`);
    }
    const proof = digestOf(expected);
    const read = async (array: ArrayBufferView): Promise<void> => {
      await fill(file, name, bytesOf(array), proof.digest);
      const padding = new Uint8Array(aligned(array.byteLength) - array.byteLength);
      await fill(file, name, padding, proof.digest);
    };
    const bytes = new Uint8Array(HEADER_BYTES);
    await read(bytes);
    const head = readHeader(bytes, name, layout);
    const { slots, degree, isCoded } = head;
    if (sizeOf(layout, head) !== size)
      throw damaged(name, `${slots} rows do not take ${size} bytes`);
    const kind = degree > 0 ? "linked" : "growing";
    const capacity = degree > 0 ? linkedCapacity(layout, slots) : Math.max(slots, 1);
    const segment = store.makeSegment(kind, capacity);
    segment.end = slots;
    segment.linkedEnd = degree > 0 ? slots : 0;
    segment.radius = head.radius;
    segment.defaultEf = head.defaultEf;
    segment.recall = head.recall;
    const live = new Uint32Array(Math.ceil(slots / 32));
    await read(segment.keys.subarray(0, slots));
    await read(live);
    await read(segment.rows.subarray(0, slots * segment.stride));
    if (isCoded) {
      const { centroid, blocks } = segment.adoptCodes();
      await read(centroid);
      await read(blocks.subarray(0, codeWords(slots, segment.dim)));
    }
    if (segment.graph !== undefined) await read(segment.graph.root);
    if (proof.digest.digest() !== proof.expected)
      throw damaged(name, "its checksum does not match");
    const liveSlots = slotsOf(live);
    if (!liveSlots.every((slot) => slot < slots && isKey(segment.keys[slot]))) {
      throw damaged(name, "it holds what is no key");
    }
    store.adopt(segment, liveSlots);
  } finally {
    await file.close();
  }
}

function clearDead(rows: Float32Array, stride: number, from: number, live: SlotBits): void {
  for (let at = 0; at < rows.length; at += stride) {
    const slot = from + at / stride;
    if (((live[slot >>> 5] >>> (slot & 31)) & 1) === 0) rows.fill(0, at, at + stride);
  }
}

/** Bytes of a whole file. */
function sizeOf(layout: RowLayout, { slots, degree, isCoded }: Header): number {
  const dim = rowDim(layout);
  const stride = degree > 0 ? recordWords({ dim, degree }) : dim;
  const rootBytes = degree > 0 ? rootWords(dim) * 4 : 0;
  return (
    HEADER_BYTES +
    aligned(slots * 8) +
    aligned(Math.ceil(slots / 32) * 4) +
    aligned(slots * stride * 4) +
    (isCoded ? aligned(dim * 4) + aligned(codeWords(slots, dim) * 4) : 0) +
    aligned(rootBytes)
  );
}

function headerOf({ dim, metric, ...layout }: RowLayout, head: Header): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(bytes);
  const fields = [VERSION, dim, rowDim({ dim, metric, ...layout }), METRICS.indexOf(metric)];
  [...fields, head.degree, Number(head.isCoded)].forEach((field, i) => {
    bytes.writeUInt32LE(field, 8 + 4 * i);
  });
  bytes.writeDoubleLE(head.slots, 32);
  bytes.writeDoubleLE(head.radius, 40);
  bytes.writeUInt32LE(Number.isFinite(head.defaultEf) ? head.defaultEf : 0, 48);
  bytes.writeDoubleLE(head.recall, 56);
  return bytes;
}

/** What a header announces, checked against what the manifest says of the index. */
function readHeader(bytes: Uint8Array, name: string, layout: RowLayout): Header {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.subarray(0, 8).equals(MAGIC)) throw damaged(name, "not a file of rows");
  const [version, dim, stored, metric, degree, coded] = [8, 12, 16, 20, 24, 28].map((at) =>
    buffer.readUInt32LE(at),
  );
  if (version !== VERSION) {
    throw new StigmergyError(
      "FORMAT",
      `${name}: expected format ${VERSION}, received ${version}; open it with the version that wrote it`,
    );
  }
  const agrees =
    dim === layout.dim &&
    stored === rowDim(layout) &&
    METRICS[metric] === layout.metric &&
    (degree === 0 || degree === layout.graph?.degree) &&
    (coded === 0 || (coded === 1 && layout.coded));
  if (!agrees) throw damaged(name, "its header does not agree with the manifest");
  const slots = buffer.readDoubleLE(32);
  const radius = buffer.readDoubleLE(40);
  if (!Number.isSafeInteger(slots) || slots < 0) throw damaged(name, `${slots} rows`);
  if (!Number.isFinite(radius) || radius < 0) throw damaged(name, `a radius of ${radius}`);
  const defaultEf = buffer.readUInt32LE(48) || Infinity;
  return {
    degree,
    isCoded: coded === 1,
    slots,
    radius,
    defaultEf,
    recall: buffer.readDoubleLE(56),
  };
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGN_BYTES) * ALIGN_BYTES;
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

/** Reads the next bytes of a file and adds them to its checksum, one chunk while the next arrives. */
async function fill(
  file: FileHandle,
  name: string,
  bytes: Uint8Array,
  hash: Digest,
): Promise<void> {
  const chunkAt = (from: number) => bytes.subarray(from, from + CHUNK_BYTES);
  let arriving = bytes.length > 0 ? fillChunk(file, name, chunkAt(0)) : undefined;
  for (let from = 0; arriving !== undefined; from += CHUNK_BYTES) {
    await arriving;
    const next = from + CHUNK_BYTES;
    arriving = next < bytes.length ? fillChunk(file, name, chunkAt(next)) : undefined;
    hash.update(chunkAt(from));
  }
}

async function fillChunk(file: FileHandle, name: string, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesRead } = await file.read(chunk, done, chunk.length - done);
    if (bytesRead === 0) throw damaged(name, "it ends too early");
    done += bytesRead;
  }
}
