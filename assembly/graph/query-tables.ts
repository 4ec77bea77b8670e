// What a search over a graph knows of its query: how it differs from the root's row, the tables in which codes of that
// difference are looked up (fastscan.ts), and finer ones for codes that are relative to something near it.
//
// A thread asks one query at a time, and has kernels of its own: so this stands in globals, which no other thread sees.
// `aim` sets all of them.

import { rowL2sq, subtract } from "../rows/distance";
import { refineTables, tableBytes, tables_b1 } from "../codes/fastscan";
import { dimOf, rootOf } from "./graph";

/** Values of a row. */
export let dim: u32 = 0;
/** Bytes of a row. */
export let rowBytes: usize = 0;
/** ‖query − root's row‖². */
export let rootDistance: f32 = 0;
/** The tables of the difference. */
export let tables: usize = 0;
/** f32[…][32], for what codes tell. */
export let estimates: usize = 0;
let difference: usize = 0;
let fineTables: usize = 0;
let isFine = false; // once they are made

/**
 * Makes the tables of a query.
 *
 * @param scratch  u32[24], drawn in explore-scratch.ts
 * @param query    f32[dim], rotated
 */
export function aim(graph: usize, scratch: usize, query: usize): void {
  const root = rootOf(graph);
  dim = dimOf(graph);
  rowBytes = (<usize>dim) << 2;
  tables = <usize>load<u32>(scratch, 16);
  difference = tables + tableBytes(dim);
  fineTables = difference + rowBytes;
  isFine = false;
  estimates = <usize>load<u32>(scratch, 20);
  subtract(query, root, rowBytes, difference);
  tables_b1(difference, dim, tables);
  rootDistance = rowL2sq(query, root, rowBytes);
}

/**
 * The fine tables; 0 where they would tell nothing more of codes that are relative to what is `distance` from the query.
 * @param farSquared  so many times as far, in squares, the root's row is at least where they do (certainty.ts)
 */
export function fineWithin(distance: f32, farSquared: f32): usize {
  if (!(distance * farSquared < rootDistance)) return 0;
  if (!isFine) refineTables(difference, dim, tables, fineTables);
  isFine = true;
  return fineTables;
}
