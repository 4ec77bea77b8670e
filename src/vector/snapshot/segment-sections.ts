import { centroidCodeWords, listBlockWords } from "../../wasm/vectors/cells.ts";
import { codeWords, nibbleWords } from "../../wasm/vectors/codes.ts";
import { BLOCK_SLOTS } from "../../wasm/vectors/scan.ts";
import { BEAM_COUNTS, type Beam } from "../segment/beams.ts";
import { isI8, rowDim, rowWords, type RowLayout } from "../segment/layout.ts";
import { oldCentroidCodes, oldRecords, oldRoot, type LinkPieces } from "./old-links.ts";
import { BEAM_FIELDS, HEADER_BYTES, type Header } from "./segment-header.ts";
import type { Segment } from "../segment/segment.ts";
import { damaged } from "./snapshot-errors.ts";

const ALIGN_BYTES = 64;

/** What a section of a segment's file holds: drawn in segment-header.ts. */
type SectionName =
  | ("keys" | "live" | "rows" | "beams")
  | ("centroid" | "codes" | "nibbles")
  | ("root" | "centroids" | "centroidCodes" | "lists" | "blocks");

/** A section of a segment's file. */
export interface Section {
  readonly name: SectionName;
  /** Of 4 bytes, without the zeros behind them; 0 where there is none. */
  readonly words: number;
  /** How its links are read, where they are those of an older version. */
  readonly old?: LinkPieces | undefined;
}

/** The sections of a file in their order. */
export function sectionsOf(layout: RowLayout, head: Header): Section[] {
  const { isOld, slots, degree, isCoded, hasNibbles, cells, blocks } = head;
  const dim = rowDim(layout);
  const links = (name: SectionName, count: number, pieces: LinkPieces): Section => ({
    name,
    words: count * (isOld ? pieces.oldWords : pieces.words),
    old: isOld ? pieces : undefined,
  });
  return [
    { name: "keys", words: 2 * slots },
    { name: "live", words: Math.ceil(slots / BLOCK_SLOTS) },
    degree > 0
      ? links("rows", slots, oldRecords({ dim, degree, isI8: isI8(layout) }))
      : { name: "rows", words: slots * rowWords(layout) },
    { name: "beams", words: beamWords(head.beamFields) },
    { name: "centroid", words: isCoded ? dim : 0 },
    { name: "codes", words: isCoded ? codeWords(slots, dim) : 0 },
    { name: "nibbles", words: hasNibbles ? nibbleWords(slots, dim) : 0 },
    links("root", degree > 0 ? 1 : 0, oldRoot(dim)),
    { name: "centroids", words: cells * dim },
    links("centroidCodes", cells / BLOCK_SLOTS, oldCentroidCodes(dim)),
    { name: "lists", words: 2 * cells },
    { name: "blocks", words: blocks * listBlockWords(dim, head.listBits) },
  ];
}

/** Bytes of a whole file. */
export function sizeOf(layout: RowLayout, head: Header): number {
  const sections = sectionsOf(layout, head);
  return sections.reduce((sum, { words }) => sum + aligned(4 * words), HEADER_BYTES);
}

/** Where sections stand in memory. */
export type SectionPlaces = Readonly<Record<SectionName, ArrayBufferView | undefined>>;

/** Where the sections of a segment stand that has room for them; live bits and beams stand apart. */
export function placesOf(
  { keys, rows, stride, dim, rowCodes, graph }: Segment,
  { slots, cells: count, blocks, listBits }: Header,
  live: Uint32Array,
  beams: Float32Array,
): SectionPlaces {
  const codes = rowCodes?.codes;
  const cells = graph?.cells;
  return {
    keys: keys.subarray(0, slots),
    live,
    rows: rows.subarray(0, slots * stride),
    beams,
    centroid: codes?.centroid,
    codes: codes?.blocks.subarray(0, codeWords(slots, dim)),
    nibbles: codes?.nibbles?.subarray(0, nibbleWords(slots, dim)),
    root: graph?.root,
    centroids: cells?.centroids.subarray(0, count * dim),
    centroidCodes: cells?.codes.subarray(0, centroidCodeWords(count, dim)),
    lists: cells?.lists.subarray(0, 2 * count),
    blocks: cells?.blocks.subarray(0, blocks * listBlockWords(dim, listBits)),
  };
}

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

/** Bytes rounded up to where the next section may begin. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGN_BYTES) * ALIGN_BYTES;
}
