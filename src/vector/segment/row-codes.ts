import {
  codeWords,
  encode,
  encodeNibbles,
  nibbleWords,
  type Codes,
  type NibbleCodes,
} from "../../wasm/vectors/codes.ts";
import type { Heap } from "../../wasm/heap.ts";
import type { Job } from "../../wasm/abi/kernels.ts";
import { BLOCK_SLOTS } from "../../wasm/vectors/scan.ts";
import { hasNibbles, rowDim, type RowLayout } from "./layout.ts";
import type { Segment } from "./segment.ts";

const ENCODE_FROM = 512; // rows: fewer are scanned faster than their codes could be

/** The codes of a segment's rows, which they get as soon as there are enough. */
export class RowCodes {
  /** Where they stand, or will. */
  readonly codes: Codes;
  /** Room for codes of one block, relative to the same centroid. */
  readonly check: Codes;
  readonly #heap: Heap;
  #isMade = false;

  constructor(heap: Heap, layout: RowLayout, capacity: number) {
    const dim = rowDim(layout);
    const roomFor = (rows: number): Pick<Codes, "blocks" | "nibbles"> => ({
      blocks: heap.u32(codeWords(rows, dim)),
      nibbles: heap.u32(hasNibbles(layout) ? nibbleWords(rows, dim) : 0),
    });
    this.#heap = heap;
    const shared = { centroid: heap.f32(dim), inner: layout.metric === "dot" };
    this.codes = { ...shared, ...roomFor(capacity) };
    this.check = { ...shared, ...roomFor(BLOCK_SLOTS) };
  }

  /** Whether there are any. */
  get isMade(): boolean {
    return this.#isMade;
  }

  /** Those of four bits too, or nothing where rows have none. */
  get nibbles(): NibbleCodes | undefined {
    return nibblesOf(this.codes);
  }

  /** Bytes that those of so many rows take. */
  bytes(rows: number): number {
    const dim = this.codes.centroid.length;
    return 4 * (codeWords(rows, dim) + (this.nibbles === undefined ? 0 : nibbleWords(rows, dim)));
  }

  /** Codes of rows that have been written; of all, as soon as there are enough. */
  encode(segment: Segment, first: number, count: number): void {
    if (!this.#isMade) {
      if (segment.end < ENCODE_FROM) return;
      segment.placeMean(this.codes.centroid);
      this.#isMade = true;
      first = 0;
      count = segment.end;
    }
    for (const job of this.#jobs(segment, segment.rows, first, count, this.codes)) {
      this.#heap.run(job);
    }
  }

  /** Codes of four bits of all rows, whose other codes were made elsewhere. */
  encodeNibbles(segment: Segment): void {
    const { nibbles } = this;
    if (nibbles === undefined) return;
    const { rows, end, stride } = segment;
    this.#heap.run(encodeNibbles(this.#heap, rows, 0, end, nibbles, stride));
  }

  /** The jobs that encode the block of 32 rows that begins at `first` to where `check` is. */
  recodeJobs(segment: Segment, first: number): Job[] {
    const rows = segment.rows.subarray(first * segment.stride);
    const count = Math.min(BLOCK_SLOTS, segment.end - first);
    return this.#jobs(segment, rows, 0, count, this.check);
  }

  /** Where codes that were made elsewhere are written; from now on they count. */
  adopt(): Codes {
    this.#isMade = true;
    return this.codes;
  }

  #jobs(
    { stride, isI8 }: Segment,
    rows: Float32Array,
    first: number,
    count: number,
    codes: Codes,
  ): Job[] {
    const heap = this.#heap;
    const nibbles = nibblesOf(codes);
    return [
      encode(heap, rows, first, count, codes, stride, isI8),
      ...(nibbles === undefined ? [] : [encodeNibbles(heap, rows, first, count, nibbles, stride)]),
    ];
  }
}

function nibblesOf(codes: Codes): NibbleCodes | undefined {
  const { nibbles } = codes;
  return nibbles === undefined || nibbles.length === 0 ? undefined : { ...codes, nibbles };
}
