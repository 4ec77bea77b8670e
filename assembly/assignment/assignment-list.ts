// Short lists of the columns that cost a row least stand in for the whole row, as long as that can be
// proven to make no difference.

import {
  BLOCKS,
  FLOORS,
  FROM,
  LEAST,
  LIST_COSTS,
  LIST_COUNTS,
  LIST_IDS,
  LIST_SIZE,
  LIVE,
  NEAREST,
  NEAREST_COLUMN,
  NONE,
  POTENTIALS,
  REACH,
  ROW_OF,
  STRIDE,
  VALUES,
} from "./assignment-problem";
import { BLOCK, cost1, costs2, low2, rowOfCosts } from "./assignment-scan";

/** Makes the list of a row, by potentials as they are. Equal columns are taken from its own block onwards. */
export function makeList<T>(problem: usize, row: u32): void {
  const stride = <usize>load<u32>(problem, STRIDE);
  const potentials = <usize>load<u32>(problem, POTENTIALS);
  const blocks = <usize>load<u32>(problem, BLOCKS);
  const values = <usize>load<u32>(problem, VALUES);
  const size = <usize>load<u32>(problem, LIST_SIZE);
  const cost = rowOfCosts<T>(problem, row);
  const count = stride >> 4;
  // So many blocks have their least value up to the last of these: at least as many columns are up to it, and
  // seldom more than the list has room for.
  const ranks = size - (size >> 2);
  for (let i: usize = 0; i < ranks; i++) store<f64>(values + (i << 3), Infinity);
  const last = values + ((ranks - 1) << 3);
  for (let block: usize = 0; block < stride; block += BLOCK) {
    let low = f64x2.splat(Infinity);
    for (let i: usize = 0; i < BLOCK; i += 2) {
      const at = block + i;
      const value = f64x2.sub(
        costs2<T>(cost + at * sizeof<T>()),
        v128.load(potentials + (at << 3)),
      );
      low = f64x2.pmin(low, value);
    }
    const value = low2(low);
    store<f64>(blocks + (block >> 1), value);
    if (value >= load<f64>(last)) continue;
    let hole = last;
    for (; hole > values && load<f64>(hole - 8) > value; hole -= 8) {
      store<f64>(hole, load<f64>(hole - 8));
    }
    store<f64>(hole, value);
  }
  const limit = load<f64>(last);
  const ids = <usize>load<u32>(problem, LIST_IDS) + <usize>row * (size << 2);
  const costs = <usize>load<u32>(problem, LIST_COSTS) + <usize>row * (size << 3);
  let held: usize = 0;
  let place: usize = 0;
  let worst: f64 = Infinity;
  let floor: f64 = Infinity;
  let floors = f64x2.splat(Infinity);
  let block = (((<usize>row) >> 4) % count) << 4;
  for (let left = count; left > 0; left--) {
    const least = load<f64>(blocks + (block >> 1));
    if (least > limit || (held == size && least >= worst)) {
      floor = least < floor ? least : floor;
    } else {
      for (let at = block; at < block + BLOCK; at += 2) {
        const pair = f64x2.sub(
          costs2<T>(cost + at * sizeof<T>()),
          v128.load(potentials + (at << 3)),
        );
        const isNear =
          held < size ? f64x2.le(pair, f64x2.splat(limit)) : f64x2.lt(pair, f64x2.splat(worst));
        floors = f64x2.pmin(floors, v128.bitselect(f64x2.splat(Infinity), pair, isNear));
        let near = i64x2.bitmask(isNear);
        for (; near != 0; near &= near - 1) {
          const column = at + <usize>ctz(near);
          const own = cost1<T>(cost + column * sizeof<T>());
          const value = own - load<f64>(potentials + (column << 3));
          if (value == Infinity) continue;
          if (held == size && value >= worst) {
            floor = value < floor ? value : floor;
            continue;
          }
          if (held == size) {
            floor = worst < floor ? worst : floor;
          } else {
            place = held;
            held++;
          }
          store<f64>(values + (place << 3), value);
          store<u32>(ids + (place << 2), <u32>column);
          store<f64>(costs + (place << 3), own);
          if (held < size) continue;
          // Whatever comes now takes the place of the worst.
          worst = -Infinity;
          for (let i: usize = 0; i < size; i++) {
            const each = load<f64>(values + (i << 3));
            if (each <= worst) continue;
            worst = each;
            place = i;
          }
        }
      }
    }
    block += BLOCK;
    if (block == stride) block = 0;
  }
  const beyond = low2(floors);
  floor = beyond < floor ? beyond : floor;
  // Of a row that can have no column the first one is looked at too.
  if (held == 0) store<u32>(ids, 0);
  store<u32>(<usize>load<u32>(problem, LIST_COUNTS) + ((<usize>row) << 2), <u32>held);
  store<f64>(<usize>load<u32>(problem, FLOORS) + ((<usize>row) << 3), floor);
}

/** Whether a row has a list. */
export function hasList(problem: usize, row: u32): bool {
  return load<u32>(<usize>load<u32>(problem, LIST_COUNTS) + ((<usize>row) << 2)) != NONE;
}

/** As `reachOn` in assignment-scan.ts, for the columns of a row's list. */
export function reachByList(problem: usize, row: u32, back: f64): void {
  const size = <usize>load<u32>(problem, LIST_SIZE);
  const ids = <usize>load<u32>(problem, LIST_IDS) + <usize>row * (size << 2);
  const costs = <usize>load<u32>(problem, LIST_COSTS) + <usize>row * (size << 3);
  const count = load<u32>(<usize>load<u32>(problem, LIST_COUNTS) + ((<usize>row) << 2));
  const live = <usize>load<u32>(problem, LIVE);
  const reach = <usize>load<u32>(problem, REACH);
  const least = <usize>load<u32>(problem, LEAST);
  const from = <usize>load<u32>(problem, FROM);
  const rowOf = <usize>load<u32>(problem, ROW_OF);
  let nearest = load<f64>(problem, NEAREST);
  for (let i: usize = 0; i < <usize>count; i++) {
    const column = <usize>load<u32>(ids + (i << 2));
    const value = load<f64>(costs + (i << 3)) - load<f64>(live + (column << 3)) - back;
    if (value >= load<f64>(reach + (column << 3)) || value >= nearest) continue;
    if (load<u32>(rowOf + (column << 2)) == NONE) {
      nearest = value;
      store<u32>(problem, <u32>column, NEAREST_COLUMN);
    }
    store<f64>(reach + (column << 3), value);
    store<u32>(from + (column << 2), row);
    const place = least + ((column >> 4) << 3);
    if (value < load<f64>(place)) store<f64>(place, value);
  }
  store<f64>(problem, nearest, NEAREST);
}

/**
 * Writes f64 least and second least reduced cost of a row to `found`, then u32 the columns that have them,
 * of equal ones for the least one without a row if there is any, and f64 the cost of each.
 */
export function twoLeast<T>(problem: usize, row: u32, found: usize): void {
  if (hasList(problem, row) && twoOfList(problem, row, found)) return;
  makeList<T>(problem, row);
  twoOfList(problem, row, found);
}

/** False when another column may come before the second. */
function twoOfList(problem: usize, row: u32, found: usize): bool {
  const size = <usize>load<u32>(problem, LIST_SIZE);
  const ids = <usize>load<u32>(problem, LIST_IDS) + <usize>row * (size << 2);
  const costs = <usize>load<u32>(problem, LIST_COSTS) + <usize>row * (size << 3);
  const count = load<u32>(<usize>load<u32>(problem, LIST_COUNTS) + ((<usize>row) << 2));
  const potentials = <usize>load<u32>(problem, POTENTIALS);
  const rowOf = <usize>load<u32>(problem, ROW_OF);
  let least: f64 = Infinity;
  let second: f64 = Infinity;
  let first: usize = 0;
  let next: usize = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    const column = <usize>load<u32>(ids + (i << 2));
    const value = load<f64>(costs + (i << 3)) - load<f64>(potentials + (column << 3));
    if (value > second) continue;
    const isFree = load<u32>(rowOf + (column << 2)) == NONE;
    const held = <usize>load<u32>(ids + (first << 2));
    if (value < least || (value == least && isFree && load<u32>(rowOf + (held << 2)) != NONE)) {
      second = least;
      next = first;
      least = value;
      first = i;
    } else if (value < second) {
      second = value;
      next = i;
    }
  }
  store<f64>(found, least);
  store<f64>(found, second, 8);
  store<u32>(found, load<u32>(ids + (first << 2)), 16);
  store<u32>(found, load<u32>(ids + (next << 2)), 20);
  store<f64>(found, load<f64>(costs + (first << 3)), 24);
  store<f64>(found, load<f64>(costs + (next << 3)), 32);
  return second <= load<f64>(<usize>load<u32>(problem, FLOORS) + ((<usize>row) << 3));
}
