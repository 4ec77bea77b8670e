import type { KeyTable } from "../segment/key-table.ts";
import { isRotated, type RowLayout } from "../segment/layout.ts";
import { verifyCells } from "./verify-cells.ts";
import { verifyCodes } from "./verify-codes.ts";
import { verifyGraph } from "./verify-graph.ts";
import { segmentOf } from "../segment/segment-at.ts";
import type { Segment } from "../segment/segment.ts";

const MOST_PROBLEMS = 20; // told; a damaged index would otherwise list every row
const MOST_CODE = 127;
const LEAST_NORMAL = 2 ** -126; // of f32: smaller scales are whole steps, and coarse
const NORM_TOLERANCE = 1e-5; // a unit row's squares sum to 1 within the rounding of f32 values

/** What is wrong with the rows, bits and keys of an index, in words; empty when nothing is. */
export function verifySegments(
  segments: readonly Segment[],
  keys: KeyTable,
  layout: RowLayout,
): string[] {
  const problems: string[] = [];
  const tell = (problem: string): void => {
    if (problems.length < MOST_PROBLEMS) problems.push(problem);
  };

  let live = 0;
  for (const segment of segments) {
    for (let slot = 0; slot < segment.capacity; slot++) {
      if (!segment.isLive(slot)) continue;
      live++;
      const key = segment.keys[slot];
      if (slot >= segment.end) tell(`slot ${segment.firstSlot + slot}: live but never handed out`);
      else if (keys.slotOf(key) !== segment.firstSlot + slot) {
        tell(`key ${key}: a second live row at slot ${segment.firstSlot + slot}`);
      }
      const problem = rowProblem(segment, slot, layout);
      if (problem !== undefined) tell(`key ${key}: ${problem}`);
    }
    verifyCodes(segment, tell);
    verifyGraph(segment, tell);
    verifyCells(segment, tell);
  }
  for (const [key, slot] of keys.entries()) {
    const segment = segmentOf(segments, slot);
    if (!segment.isLive(slot - segment.firstSlot)) tell(`key ${key}: its row is not live`);
  }
  if (live !== keys.size) tell(`${live} live rows for ${keys.size} keys`);
  return problems;
}

function rowProblem(segment: Segment, slot: number, layout: RowLayout): string | undefined {
  if (segment.isI8) return rowI8Problem(segment, slot, layout);
  const { rows, stride } = segment;
  const { dim, metric } = layout;
  const from = slot * stride;
  // Rows are a multiple of 16 values; four sums at once, as every row of an opened snapshot is read.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let at = from; at < from + segment.dim; at += 4) {
    a += rows[at] * rows[at];
    b += rows[at + 1] * rows[at + 1];
    c += rows[at + 2] * rows[at + 2];
    d += rows[at + 3] * rows[at + 3];
  }
  const squares = a + b + c + d;
  if (!Number.isFinite(squares)) return "a value is not finite";
  // Rotation spreads a row over its padding too.
  const padding = (): Float32Array => rows.subarray(from + dim, from + segment.dim);
  if (!isRotated(layout) && padding().some((value) => value !== 0)) return "padding is not zero";
  if (metric === "cosine" && Math.abs(squares - 1) > NORM_TOLERANCE) return "not of unit length";
  return undefined;
}

function rowI8Problem(segment: Segment, slot: number, { metric }: RowLayout): string | undefined {
  const { codes, scale, square } = segment.rowI8(slot);
  // Codes are a multiple of 64; four sums at once, as above.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let isFilled = false;
  for (let at = 0; at < codes.length; at += 4) {
    const i = codes[at];
    const j = codes[at + 1];
    const k = codes[at + 2];
    const l = codes[at + 3];
    a += i * i;
    b += j * j;
    c += k * k;
    d += l * l;
    isFilled ||= Math.max(i * i, j * j, k * k, l * l) === MOST_CODE * MOST_CODE;
  }
  const squares = a + b + c + d;
  if (!Number.isFinite(scale) || scale < 0) return "its scale is not one";
  if (squares !== square) return "its square is not that of its codes";
  if (!isFilled && scale >= LEAST_NORMAL) return "its codes do not fill their range";
  // Rounding moves a row by half a step in each direction at most.
  const moved = (Math.sqrt(codes.length) * scale) / 2;
  const length = scale * Math.sqrt(square);
  if (metric === "cosine" && Math.abs(length - 1) > moved + NORM_TOLERANCE) {
    return "not of unit length";
  }
  return undefined;
}
