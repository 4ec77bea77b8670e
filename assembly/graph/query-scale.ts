// How long a query is changes no order of inner products, but how well codes tell it: rows that were given one length R
// (radiusSquare in graph.ts) are as far from a short query as from each other, and from a long one by angles alone. So
// a query is brought to a length of R to 2√2 · R, by a power of two: then every distance is changed by that alone, to the last bit.

import { rowDot } from "../rows/distance";
import { dimOf, radiusSquareOf } from "./graph";

const MOST_EXPONENT: i64 = 100;

/** What to multiply a query by. @param query f32[dim] */
export function scaleFor(graph: usize, query: usize): f32 {
  const ratio = radiusSquareOf(graph) / <f64>rowDot(query, query, (<usize>dimOf(graph)) << 2);
  if (!(ratio > 0) || ratio == f64.POSITIVE_INFINITY) return 1;
  const exponent = ((reinterpret<i64>(ratio) >> 52) & 0x7ff) - 1023;
  // Half of it, up: 2 ** exponent <= ratio < 2 ** (exponent + 1).
  const half = (exponent + 2) >> 1;
  const most = max<i64>(-MOST_EXPONENT, min<i64>(MOST_EXPONENT, half));
  return reinterpret<f32>((<i32>most + 127) << 23);
}

/** Multiplies values in place. @param bytes a positive multiple of 16 */
export function multiply(values: usize, bytes: usize, by: f32): void {
  const factor = f32x4.splat(by);
  for (const end = values + bytes; values < end; values += 16) {
    v128.store(values, f32x4.mul(v128.load(values), factor));
  }
}
