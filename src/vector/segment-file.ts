import { open, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { Checksum } from "../wasm/checksum.ts";
import { groupCells } from "../wasm/cell-jobs.ts";
import {
  beginCells,
  cellCount,
  centroidCodeWords,
  isGrouped,
  listBits,
  listBlockWords,
  rowsFor,
  usedBlocks,
} from "../wasm/cells.ts";
import { codeWords, nibbleWords } from "../wasm/codes.ts";
import { axisFor } from "./augmentation.ts";
import { noteTwins, type Graph } from "../wasm/graph.ts";
import { isKey } from "./checks.ts";
import type { SnapshotFile, StructureChoice } from "./engine.ts";
import { digestOf, type Digest } from "./file-proof.ts";
import { slotsOf, type SlotBits } from "./filter.ts";
import type { RowLayout } from "./layout.ts";
import {
  oldCentroidCodes,
  oldRecords,
  oldRoot,
  readOldLinks,
  type LinkPieces,
} from "./old-links.ts";
import type { RowStore } from "./row-store.ts";
import type { Segment } from "./segment.ts";
import { growingCapacity, linkedCapacity } from "./segment-size.ts";
import {
  aligned,
  BEAM_FIELDS,
  beamsOf,
  beamWords,
  beamWordsOf,
  HEADER_BYTES,
  headerOf,
  readHeader,
  sizeOf,
} from "./segment-header.ts";
import { damaged, failed, isAbsent } from "./snapshot-errors.ts";

const CHUNK_BYTES = 4 * 2 ** 20;

/** A segment of one moment. */
export interface SegmentCapture {
  readonly segment: Segment;
  readonly live: SlotBits;
  readonly end: number;
  /** What was chosen for the rows of the index. */
  readonly choice: StructureChoice | undefined;
}

/** Writes a segment, and waits until it is on the disk. */
export async function writeSegment(
  folder: string,
  name: string,
  layout: RowLayout,
  { segment, live, end, choice }: SegmentCapture,
): Promise<SnapshotFile> {
  const { graph, stride, radius, defaultEf, recall } = segment;
  // Rows are added to a graph behind those of the moment, which may have links to them by now.
  const slots = graph === undefined ? end : segment.end;
  const codes = segment.codes;
  const degree = graph?.degree ?? 0;
  const isCoded = codes !== undefined;
  const nibbles = isCoded ? segment.rowCodes?.nibbles : undefined;
  const hasNibbles = nibbles !== undefined;
  const cells = graph === undefined ? 0 : cellCount(graph.cells);
  const blocks = graph === undefined ? 0 : usedBlocks(graph.cells);
  const lists = { cells, blocks, listBits: graph === undefined ? 0 : listBits(graph.cells) };
  const coded = { isCoded, hasNibbles };
  const told = { slots, radius, defaultEf, recall, choice };
  const beamFields = degree > 0 ? BEAM_FIELDS : 0;
  const head = { isOld: false, beamFields, degree, ...coded, ...told, ...lists };
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
    if (graph !== undefined) await writeAligned(beamWordsOf(segment.beams));
    if (codes !== undefined) {
      await writeAligned(codes.centroid);
      await writeAligned(codes.blocks.subarray(0, codeWords(slots, segment.dim)));
    }
    if (nibbles !== undefined) {
      await writeAligned(nibbles.nibbles.subarray(0, nibbleWords(slots, segment.dim)));
    }
    if (graph !== undefined) {
      await writeAligned(graph.root);
      for (const part of cellParts(graph, cells, blocks)) await writeAligned(part);
    }
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
    const readPart = (array: ArrayBufferView): Promise<void> =>
      fill(file, name, bytesOf(array), proof.digest);
    const readPadding = (length: number): Promise<void> =>
      readPart(new Uint8Array(aligned(length) - length));
    const read = async (array: ArrayBufferView): Promise<void> => {
      await readPart(array);
      await readPadding(array.byteLength);
    };
    const bytes = new Uint8Array(HEADER_BYTES);
    await read(bytes);
    const head = readHeader(bytes, name, layout);
    const { slots, degree, isCoded, isOld } = head;
    const readLinks = async (array: ArrayBufferView, old: LinkPieces): Promise<void> => {
      if (isOld) await readPadding(await readOldLinks(array, old, readPart));
      else await read(array);
    };
    if (sizeOf(layout, head) !== size)
      throw damaged(name, `${slots} rows do not take ${size} bytes`);
    const kind = degree > 0 ? "linked" : "growing";
    const capacity =
      degree > 0
        ? linkedCapacity(layout, slots, rowsFor(head.cells))
        : growingCapacity(layout, slots);
    const segment = store.makeSegment(kind, capacity);
    segment.end = slots;
    segment.linkedEnd = degree > 0 ? slots : 0;
    segment.setRadius(head.radius, axisFor(layout, segment));
    segment.defaultEf = head.defaultEf;
    segment.recall = head.recall;
    store.choice ??= head.choice;
    const live = new Uint32Array(Math.ceil(slots / 32));
    await read(segment.keys.subarray(0, slots));
    await read(live);
    const { graph, dim } = segment;
    const rows = segment.rows.subarray(0, slots * segment.stride);
    await (graph === undefined ? read(rows) : readLinks(rows, oldRecords(graph)));
    if (head.beamFields > 0) {
      const words = new Float32Array(beamWords(head.beamFields));
      await read(words);
      segment.beams = beamsOf(words, head.beamFields, name);
    }
    const { rowCodes } = segment;
    if (isCoded && rowCodes !== undefined) {
      const { centroid, blocks, nibbles } = rowCodes.adopt();
      await read(centroid);
      await read(blocks.subarray(0, codeWords(slots, dim)));
      // Those of older files are made now.
      if (!head.hasNibbles) rowCodes.encodeNibbles(segment);
      else if (nibbles !== undefined) await read(nibbles.subarray(0, nibbleWords(slots, dim)));
    }
    if (graph !== undefined) {
      await readLinks(graph.root, oldRoot(dim));
      beginCells(graph.cells, head.cells, head.listBits);
      graph.cells.description[5] = head.blocks;
      const [centroids, codes, ...lists] = cellParts(graph, head.cells, head.blocks);
      await read(centroids);
      await readLinks(codes, oldCentroidCodes(dim));
      for (const part of lists) await read(part);
      noteTwins(graph, slots);
    }
    if (proof.digest.digest() !== proof.expected)
      throw damaged(name, "its checksum does not match");
    if (graph !== undefined && isGrouped(graph.cells)) {
      const [scratch] = segment.graphScratches;
      segment.heap.run(groupCells(segment.heap, graph, scratch));
    }
    const liveSlots = slotsOf(live);
    if (!liveSlots.every((slot) => slot < slots && isKey(segment.keys[slot]))) {
      throw damaged(name, "it holds what is no key");
    }
    store.adopt(segment, liveSlots);
  } finally {
    await file.close();
  }
}

/** What of a graph's cells stands in a file. */
function cellParts({ cells, dim }: Graph, count: number, blocks: number): ArrayBufferView[] {
  return [
    cells.centroids.subarray(0, count * dim),
    cells.codes.subarray(0, centroidCodeWords(count, dim)),
    cells.lists.subarray(0, 2 * count),
    cells.blocks.subarray(0, blocks * listBlockWords(dim, listBits(cells))),
  ];
}

function clearDead(rows: Float32Array, stride: number, from: number, live: SlotBits): void {
  for (let at = 0; at < rows.length; at += stride) {
    const slot = from + at / stride;
    if (((live[slot >>> 5] >>> (slot & 31)) & 1) === 0) rows.fill(0, at, at + stride);
  }
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
