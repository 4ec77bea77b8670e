import type { RowLayout } from "./layout.ts";
import type { Segment } from "./segment.ts";

// Inner products have no triangle inequality, so no graph can be built of them. But of rows that
// have all the same length R, the nearest to a query is also the one of the largest inner product
// (Bachrach et al., 2014): a row x gets one value more, √(R² − ‖x‖²), a query a zero. Rows are kept
// rotated, so the value is added along the rotated axis of that one more dimension. Rows of 8 bits stay as they
// are: what lifts them follows from their length, and kernels add it where they look at one (rows-i8.ts).

const MOST_EXPONENT = 100;
const HEADROOM = 1.25; // later rows may be a little longer before the graph has to be built anew

/** The axis of the value more, rotated: f32[dim] of unit length, orthogonal to every row. */
export function axisOf(layout: RowLayout, segment: Segment): Float32Array {
  const { queries } = segment.scratch;
  const axis = queries.subarray(0, segment.dim).fill(0);
  axis[layout.dim] = 1;
  segment.rotate(axis);
  return axis.slice();
}

/** The same, where rows have such a value. */
export function axisFor(layout: RowLayout, segment: Segment): Float32Array | undefined {
  return layout.metric === "dot" ? axisOf(layout, segment) : undefined;
}

/** The length to give rows, of which the longest has this square. */
export function radiusFor(longestSquare: number): number {
  return HEADROOM * Math.sqrt(longestSquare);
}

/** Σ x², the value more taken out. */
export function squareOf(row: Float32Array, axis: Float32Array): number {
  let square = 0;
  let along = 0;
  for (let j = 0; j < row.length; j++) {
    square += row[j] * row[j];
    along += row[j] * axis[j];
  }
  return square - along * along;
}

/** Gives a row the length `radius`, whatever its value more has been. */
export function augment(row: Float32Array, axis: Float32Array, radius: number): void {
  let square = 0;
  let along = 0;
  for (let j = 0; j < row.length; j++) {
    square += row[j] * row[j];
    along += row[j] * axis[j];
  }
  const wanted = Math.sqrt(Math.max(0, radius * radius - (square - along * along)));
  for (let j = 0; j < row.length; j++) row[j] += (wanted - along) * axis[j];
}

/**
 * The power of two by which a query is brought to about the length that rows have, as searches do it (assembly/graph/query-scale.ts).
 * @param square ‖query‖²
 */
export function scaleFor(square: number, radius: number): number {
  const ratio = (radius * radius) / square;
  if (!(ratio > 0) || ratio === Infinity) return 1;
  const half = Math.floor((Math.floor(Math.log2(ratio)) + 2) / 2);
  return 2 ** Math.max(-MOST_EXPONENT, Math.min(MOST_EXPONENT, half));
}
