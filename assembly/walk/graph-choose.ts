// Building a graph, a batch of rows at a time. First step: each row of the batch looks for its
// neighbours in the graph as it stands and chooses whom to link to. Nothing is written but the
// choices, so any number of threads choose the same (ParlayANN: Manohar et al., 2024).
//
// The choice of one row, u32[2 + degree]:
//
//     0    strong   how many of the links no other stands before
//     4    equal    a slot of the graph whose row is the same, or NONE; if so, there are no links
//     8    links    u32[degree] slots, the strong ones first; then NONE

import { explore } from "./explore";
import { poolOf, visitedOf } from "../graph/explore-scratch";
import { degreeOf, LINKED, NONE, recordOf, stateOf, tailOf } from "../graph/graph";
import { isSameRow, rowQuery, rowsL2sq } from "../graph/graph-rows";
import { distanceOf, keyAt, putKey, slotOf } from "../base/sorted";

// How much nearer another link may be, in squares, to a link taken where places are left.
const RELAXED: f32 = 1.2;

/** Bytes of one row's choice. */
export function choiceBytes(degree: u32): usize {
  return (<usize>(degree + 2)) << 2;
}

/**
 * Writes the choices of rows order[first … end − 1].
 *
 * @param graph    u32[16], drawn in graph.ts
 * @param scratch  u32[24], drawn in explore-scratch.ts; its pool holds u64[2 · most + degree]
 * @param order    u32[…], slots whose records hold their rows
 * @param choices  u32[end − first][2 + degree], drawn above
 * @param ef       beam of the searches; positive
 * @param most     rows that links are chosen from; positive
 * @returns how many rows were looked at by the searches
 */
export function graph_choose_f32(
  graph: usize,
  scratch: usize,
  order: usize,
  first: u32,
  end: u32,
  choices: usize,
  ef: u32,
  most: u32,
): u32 {
  const bytes = choiceBytes(degreeOf(graph));
  let visited: u32 = 0;
  for (let at = first; at < end; at++) {
    const slot = load<u32>(order + ((<usize>at) << 2));
    const query = rowQuery(graph, scratch, recordOf(graph, slot));
    const found = explore(graph, scratch, query, ef, 0, most, slot);
    choose(graph, slot, poolOf(scratch), found, most, choices + <usize>(at - first) * bytes);
    visited += visitedOf(scratch);
  }
  return visited;
}

function choose(graph: usize, slot: u32, pool: usize, found: u32, most: u32, choice: usize): void {
  const degree = degreeOf(graph);
  const kept = pool + ((<usize>most) << 3);
  const rest = kept + ((<usize>degree) << 3);
  memory.fill(choice, 0xff, choiceBytes(degree));
  let count: u32 = 0;
  let restCount: u32 = 0;
  for (let i: u32 = 0; i < found && count < degree; i++) {
    const key = keyAt(pool, i);
    const other = slotOf(key);
    if (distanceOf(key) == 0 && isTwin(graph, slot, other)) {
      store<u32>(choice, other, 4);
      return;
    }
    if (isOccluded(graph, key, kept, count, 1)) putKey(rest, restCount++, key);
    else putKey(kept, count++, key);
  }
  store<u32>(choice, count);
  // Places that are left hold links too, for a record's codes are looked up 32 at a time anyway:
  // those that little stands before, then the nearest.
  let last: u32 = 0;
  for (let i: u32 = 0; i < restCount && count < degree; i++) {
    const key = keyAt(rest, i);
    if (isOccluded(graph, key, kept, count, RELAXED)) putKey(rest, last++, key);
    else putKey(kept, count++, key);
  }
  for (let i: u32 = 0; i < last && count < degree; i++) putKey(kept, count++, keyAt(rest, i));
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(choice + ((<usize>i) << 2), slotOf(keyAt(kept, i)), 8);
  }
}

/** Whether another row in the graph is the same: squares of small differences may be zero too. */
function isTwin(graph: usize, slot: u32, other: u32): bool {
  if (stateOf(tailOf(graph, recordOf(graph, other))) != LINKED) return false;
  return isSameRow(graph, recordOf(graph, slot), recordOf(graph, other));
}

/**
 * Whether one of the kept rows is nearer to the row of `key`, `relaxed` times, than the row that
 * links are chosen for is (MRNG: Fu et al., 2019). Of equal rows one is enough.
 */
export function isOccluded(graph: usize, key: u64, kept: usize, count: u32, relaxed: f32): bool {
  const row = recordOf(graph, slotOf(key));
  for (let i: u32 = 0; i < count; i++) {
    const between = rowsL2sq(graph, row, recordOf(graph, slotOf(keyAt(kept, i))));
    if (between * relaxed < distanceOf(key) || between == 0) return true;
  }
  return false;
}
