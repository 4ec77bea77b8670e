import { open, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { groupCells } from "../../wasm/vectors/cell-jobs.ts";
import {
  beginCells,
  cellCount,
  isGrouped,
  listBits,
  rowsFor,
  usedBlocks,
} from "../../wasm/vectors/cells.ts";
import { Checksum } from "../../wasm/words/checksum.ts";
import { noteTwins } from "../../wasm/vectors/graph.ts";
import { axisFor } from "../segment/augmentation.ts";
import { isKey } from "../engine/checks.ts";
import type { SnapshotFile, StructureChoice } from "../engine/engine.ts";
import { digestOf, type Digest } from "../engine/file-proof.ts";
import { slotsOf, type SlotBits } from "../search/filter.ts";
import type { RowLayout } from "../segment/layout.ts";
import { readOldLinks } from "./old-links.ts";
import type { RowStore } from "../segment/row-store.ts";
import { BEAM_FIELDS, HEADER_BYTES, headerOf, readHeader, type Header } from "./segment-header.ts";
import {
  aligned,
  beamsOf,
  beamWords,
  beamWordsOf,
  placesOf,
  sectionsOf,
  sizeOf,
} from "./segment-sections.ts";
import { growingCapacity, linkedCapacity } from "../segment/segment-size.ts";
import type { Segment } from "../segment/segment.ts";
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
  capture: SegmentCapture,
): Promise<SnapshotFile> {
  const { segment } = capture;
  const head = headFor(capture);
  const live = new Uint32Array(Math.ceil(head.slots / 32));
  live.set(capture.live);
  const places = placesOf(segment, head, live, beamWordsOf(segment.beams));
  const rowBytes = segment.stride * 4;
  const rowChunk = Math.max(1, Math.floor(CHUNK_BYTES / rowBytes)) * rowBytes;
  const file = await open(join(folder, name), "wx");
  try {
    const hash = new Checksum();
    let bytes = 0;
    const write = async (chunk: Uint8Array): Promise<void> => {
      hash.update(chunk);
      bytes += chunk.byteLength;
      await file.writeFile(chunk);
    };
    await write(headerOf(layout, head));
    for (const { name: section, words } of sectionsOf(layout, head)) {
      const place = places[section];
      if (words === 0 || place === undefined) continue;
      const all = bytesOf(place);
      const areRows = section === "rows" && segment.graph === undefined;
      const step = areRows ? rowChunk : CHUNK_BYTES;
      for (let from = 0; from < all.length; from += step) {
        // A copy, because what is written must be what is hashed.
        const chunk = all.slice(from, from + step);
        if (areRows) clearDead(chunk, rowBytes, from / rowBytes, live);
        await write(chunk);
      }
      await write(new Uint8Array(aligned(all.length) - all.length));
    }
    await file.sync();
    return { name, bytes, checksum: hash.digest() };
  } finally {
    await file.close();
  }
}

/** What the header of a segment's file says. */
function headFor({ segment, end, choice }: SegmentCapture): Header {
  const { graph, radius, defaultEf, recall } = segment;
  const isCoded = segment.codes !== undefined;
  const shared = { isOld: false, radius, defaultEf, recall, choice, isCoded };
  if (graph === undefined) {
    const hasNibbles = isCoded && segment.rowCodes?.nibbles !== undefined;
    const none = { degree: 0, beamFields: 0, cells: 0, blocks: 0, listBits: 0 };
    return { ...shared, ...none, slots: end, hasNibbles };
  }
  return {
    ...shared,
    // Rows are added to a graph behind those of the moment, which may have links to them by now.
    slots: segment.end,
    hasNibbles: false,
    degree: graph.degree,
    beamFields: BEAM_FIELDS,
    cells: cellCount(graph.cells),
    blocks: usedBlocks(graph.cells),
    listBits: listBits(graph.cells),
  };
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
    const read = (array: ArrayBufferView): Promise<void> =>
      fill(file, name, bytesOf(array), proof.digest);
    const header = new Uint8Array(HEADER_BYTES);
    await read(header);
    const head = readHeader(header, name, layout);
    const { slots } = head;
    if (sizeOf(layout, head) !== size) {
      throw damaged(name, `${slots} rows do not take ${size} bytes`);
    }
    const segment = roomFor(store, head);
    const live = new Uint32Array(Math.ceil(slots / 32));
    const beams = new Float32Array(beamWords(head.beamFields));
    const places = placesOf(segment, head, live, beams);
    for (const { name: section, words, old } of sectionsOf(layout, head)) {
      const place = places[section];
      if (words === 0 || place === undefined) continue;
      await (old === undefined ? read(place) : readOldLinks(place, old, read));
      await read(new Uint8Array(aligned(4 * words) - 4 * words));
    }
    if (proof.digest.digest() !== proof.expected) {
      throw damaged(name, "its checksum does not match");
    }
    segment.beams = beamsOf(beams, head.beamFields, name);
    completeRead(segment, head);
    const liveSlots = slotsOf(live);
    if (!liveSlots.every((slot) => slot < slots && isKey(segment.keys[slot]))) {
      throw damaged(name, "it holds what is no key");
    }
    store.choice ??= head.choice;
    store.adopt(segment, liveSlots);
  } finally {
    await file.close();
  }
}

/** A segment with room for what a file holds. */
function roomFor(store: RowStore, head: Header): Segment {
  const { layout } = store;
  const { slots, degree, cells, blocks } = head;
  const isLinked = degree > 0;
  const capacity = isLinked
    ? linkedCapacity(layout, slots, rowsFor(cells))
    : growingCapacity(layout, slots);
  const segment = store.makeSegment(isLinked ? "linked" : "growing", capacity);
  segment.end = slots;
  segment.linkedEnd = isLinked ? slots : 0;
  segment.setRadius(head.radius, axisFor(layout, segment));
  segment.defaultEf = head.defaultEf;
  segment.recall = head.recall;
  if (head.isCoded) segment.rowCodes?.adopt();
  if (segment.graph !== undefined) beginCells(segment.graph.cells, cells, head.listBits, blocks);
  return segment;
}

/** Makes of what was read what no file holds. */
function completeRead(segment: Segment, { slots, isCoded, hasNibbles }: Header): void {
  const { graph, heap } = segment;
  // Those of older files are made now.
  if (isCoded && !hasNibbles) segment.rowCodes?.encodeNibbles(segment);
  if (graph === undefined) return;
  noteTwins(graph, slots);
  if (isGrouped(graph.cells)) heap.run(groupCells(heap, graph, segment.graphScratches[0]));
}

function clearDead(rows: Uint8Array, rowBytes: number, first: number, live: SlotBits): void {
  for (let at = 0; at < rows.length; at += rowBytes) {
    const slot = first + at / rowBytes;
    if (((live[slot >>> 5] >>> (slot & 31)) & 1) === 0) rows.fill(0, at, at + rowBytes);
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
