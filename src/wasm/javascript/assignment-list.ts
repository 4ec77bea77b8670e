import type { PlainProblem } from "./assignment.ts";

/** The twins of assembly/assignment/assignment-list.ts. */
export interface Lists {
  /** The nearest column without a row. */
  readonly nearest: { length: number; column: number };
  make(row: number): void;
  reach(row: number, back: number): void;
  /** Reduced costs, and the columns that have them. */
  twoLeast(row: number): { least: number; second: number; first: number; next: number };
}

const NONE = 0xffff_ffff;
const BLOCK = 16;

/** Lists of one problem. */
export function makeLists(problem: PlainProblem): Lists {
  const { costs, stride, potentials, rowOf, live, reach, from } = problem;
  const { listSize: size, listIds, listCosts, listCounts, floors } = problem;
  const values = new Float64Array(size);
  const found = { least: 0, second: 0, first: 0, next: 0 };

  /** The reduced cost that enough blocks of columns have one up to. */
  const limitOf = (row: number): number => {
    const cost = problem.at + row * stride;
    const least = Array.from({ length: stride / BLOCK }, (_, block) => {
      let low = Infinity;
      for (let at = block * BLOCK; at < (block + 1) * BLOCK; at++) {
        low = Math.min(low, costs[cost + at] - potentials[at]);
      }
      return low;
    });
    return least.sort((a, b) => a - b)[size - (size >> 2) - 1] ?? Infinity;
  };

  const make = (row: number): void => {
    const cost = problem.at + row * stride;
    const ids = row * size;
    const limit = limitOf(row);
    let held = 0;
    let place = 0;
    let worst = Infinity;
    let floor = Infinity;
    const begin = (Math.floor(row / BLOCK) % (stride / BLOCK)) * BLOCK;
    for (let i = 0; i < stride; i++) {
      const at = begin + i < stride ? begin + i : begin + i - stride;
      const own = costs[cost + at];
      const value = own - potentials[at];
      if (value === Infinity) continue;
      if (value > limit || (held === size && value >= worst)) {
        if (value < floor) floor = value;
        continue;
      }
      if (held < size) place = held++;
      else if (worst < floor) floor = worst;
      values[place] = value;
      listIds[ids + place] = at;
      listCosts[ids + place] = own;
      if (held < size) continue;
      worst = -Infinity;
      for (let k = 0; k < size; k++) if (values[k] > worst) worst = values[(place = k)];
    }
    if (held === 0) listIds[ids] = 0;
    listCounts[row] = held;
    floors[row] = floor;
  };

  const two = (row: number): boolean => {
    let least = Infinity;
    let second = Infinity;
    let first = row * size;
    let next = row * size;
    for (let at = row * size; at < row * size + listCounts[row]; at++) {
      const column = listIds[at];
      const value = listCosts[at] - potentials[column];
      if (value > second) continue;
      const isFirstFree = rowOf[column] === NONE && rowOf[listIds[first]] !== NONE;
      if (value < least || (value === least && isFirstFree)) {
        second = least;
        next = first;
        least = value;
        first = at;
      } else if (value < second) {
        second = value;
        next = at;
      }
    }
    found.least = least;
    found.second = second;
    found.first = listIds[first];
    found.next = listIds[next];
    return second <= floors[row];
  };

  const nearest = { length: Infinity, column: 0 };
  return {
    nearest,
    make,
    reach(row, back) {
      if (listCounts[row] === NONE) make(row);
      for (let at = row * size; at < row * size + listCounts[row]; at++) {
        const column = listIds[at];
        const value = listCosts[at] - live[column] - back;
        if (value >= reach[column] || value >= nearest.length) continue;
        reach[column] = value;
        from[column] = row;
        if (rowOf[column] !== NONE) continue;
        nearest.length = value;
        nearest.column = column;
      }
    },
    twoLeast(row) {
      if (listCounts[row] === NONE || !two(row)) {
        make(row);
        two(row);
      }
      return found;
    },
  };
}
