// Building a graph, second step of a batch: records get the links that were chosen for them, and
// rows that were linked to link back. Each record is written by the one job whose part it is, in the
// order of the batch, so any number of threads build the same graph without a lock.

import { poolOf } from "../graph/explore-scratch";
import {
  clearRecord,
  clearRoot,
  degreeOf,
  isStrong,
  linkAt,
  LINKED,
  NONE,
  placeFor,
  recordOf,
  rootDegreeOf,
  rootOf,
  setState,
  setStrong,
  noteTwin,
  setTwin,
  tailOf,
  TWIN,
  twinOf,
} from "../graph/graph";
import { choiceBytes, isOccluded } from "./graph-choose";
import { setLink } from "../graph/graph-links";
import { rowsL2sq } from "../graph/graph-rows";
import { distanceOf, insertSorted, keyAt, keyOf, putKey, slotOf } from "../base/sorted";

/**
 * Links the root of an empty graph to the first rows of `order`, as many as it has links.
 *
 * @param graph  u32[16], drawn in graph.ts; the root's row is written
 * @param order  u32[count], slots whose records hold their rows
 */
export function graph_root_f32(graph: usize, order: usize, count: u32): void {
  const root = rootOf(graph);
  const degree = rootDegreeOf(graph);
  clearRoot(graph);
  for (let i: u32 = 0; i < min(count, degree); i++) {
    setLink(graph, root, degree, i, load<u32>(order + ((<usize>i) << 2)));
  }
}

/** Takes all links from slots `first` up to `end`; their rows stay. */
export function graph_clear_f32(graph: usize, first: u32, end: u32): void {
  for (let slot = first; slot < end; slot++) {
    clearRecord(graph, recordOf(graph, slot));
  }
}

/**
 * Writes what rows order[first … end − 1] chose into every record whose slot modulo `parts` is
 * `part`.
 *
 * @param scratch  u32[24], drawn in explore-scratch.ts; its pool holds u64[2 · degree + 1]
 * @param choices  u32[end − first][2 + degree], drawn in graph-choose.ts
 */
export function graph_apply_f32(
  graph: usize,
  scratch: usize,
  order: usize,
  first: u32,
  end: u32,
  choices: usize,
  part: u32,
  parts: u32,
): void {
  const bytes = choiceBytes(degreeOf(graph));
  // Own links first: what links back to a row of this batch finds them there.
  for (let at = first; at < end; at++) {
    const slot = load<u32>(order + ((<usize>at) << 2));
    if (slot % parts == part) writeLinks(graph, slot, choices + <usize>(at - first) * bytes);
  }
  for (let at = first; at < end; at++) {
    const slot = load<u32>(order + ((<usize>at) << 2));
    const choice = choices + <usize>(at - first) * bytes;
    const equal = load<u32>(choice, 4);
    if (equal != NONE) {
      if (equal % parts == part) linkTwin(graph, slot, equal);
      continue;
    }
    const strong = load<u32>(choice);
    for (let i: u32 = 0; i < strong; i++) {
      const other = load<u32>(choice + ((<usize>i) << 2), 8);
      if (other % parts == part) linkBack(graph, other, slot, poolOf(scratch));
    }
  }
}

function writeLinks(graph: usize, slot: u32, choice: usize): void {
  const degree = degreeOf(graph);
  const record = recordOf(graph, slot);
  const tail = tailOf(graph, record);
  const equal = load<u32>(choice, 4);
  if (equal != NONE) {
    setLink(graph, record, degree, 0, equal);
    setState(tail, TWIN);
    return;
  }
  const strong = load<u32>(choice);
  for (let i: u32 = 0; i < degree; i++) {
    const other = load<u32>(choice + ((<usize>i) << 2), 8);
    if (other == NONE) break;
    setLink(graph, record, degree, i, other);
    setStrong(tail, i, i < strong);
  }
  setState(tail, LINKED);
}

/** Puts a slot behind the one with an equal row. Only the latter's part comes here, for both. */
function linkTwin(graph: usize, slot: u32, equal: u32): void {
  const tail = tailOf(graph, recordOf(graph, equal));
  setTwin(tailOf(graph, recordOf(graph, slot)), twinOf(tail));
  setTwin(tail, slot);
  noteTwin(graph);
}

/** Gives `slot` a link to `from`: in place of nothing, of its last weak link, or after pruning. */
function linkBack(graph: usize, slot: u32, from: u32, lists: usize): void {
  const degree = degreeOf(graph);
  const record = recordOf(graph, slot);
  const tail = tailOf(graph, record);
  let place = placeFor(graph, record, from);
  if (place == NONE) place = prune(graph, record, from, lists);
  if (place == NONE) return;
  if (linkAt(graph, record, place) != from) setLink(graph, record, degree, place, from);
  setStrong(tail, place, true);
}

/**
 * Marks links of a record that others stand before as weak. Returns the place that a link to `from`
 * takes, that of the farthest weak one; or NONE when a nearer link stands before it.
 */
function prune(graph: usize, record: usize, from: u32, lists: usize): u32 {
  const degree = degreeOf(graph);
  const tail = tailOf(graph, record);
  const kept = lists + ((<usize>(degree + 1)) << 3);
  for (let i: u32 = 0; i <= degree; i++) {
    const other = i < degree ? linkAt(graph, record, i) : from;
    const distance = rowsL2sq(graph, record, recordOf(graph, other));
    insertSorted(lists, i, degree + 1, keyOf(distance, other));
  }
  for (let i: u32 = 0; i < degree; i++) setStrong(tail, i, false);
  let count: u32 = 0;
  let isKept = false;
  for (let i: u32 = 0; i <= degree && count < degree; i++) {
    const key = keyAt(lists, i);
    if (isOccluded(graph, key, kept, count, 1)) continue;
    putKey(kept, count++, key);
    if (slotOf(key) == from) isKept = true;
    else setStrong(tail, placeOf(graph, record, slotOf(key)), true);
  }
  if (!isKept) return NONE;
  let place = NONE;
  for (let i = degree + 1; i > 0 && place == NONE; i--) {
    const other = slotOf(keyAt(lists, i - 1));
    if (other == from) continue;
    const at = placeOf(graph, record, other);
    if (!isStrong(tail, at)) place = at;
  }
  return place;
}

/** The place of the link to a slot that is there. */
function placeOf(graph: usize, record: usize, slot: u32): u32 {
  let i: u32 = 0;
  while (linkAt(graph, record, i) != slot) i++;
  return i;
}
