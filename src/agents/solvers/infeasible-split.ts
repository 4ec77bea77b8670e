import type { Part, PartSolution } from "./assignment-part.ts";

/**
 * Where not all on the side that should be served can be, the two parts in which all can be: those that
 * have too few partners between them, whose partners are all theirs, and everybody else. No assignment
 * of as many pairs uses a pair between the two.
 *
 * @param whole an assignment of as many pairs as can be, and who is left out
 *
 * Source: Dulmage and Mendelsohn, Coverings of bipartite graphs, 1958.
 */
export function splitInfeasible(all: Part, whole: PartSolution): Part[] {
  const { rowCount, columnCount, isTransposed, cost, columns } = all;
  const [small, large] = isTransposed ? [columnCount, rowCount] : [rowCount, columnCount];
  const [rowStep, columnStep] = isTransposed ? [1, columns] : [columns, 1];
  const owner = new Int32Array(large).fill(-1);
  whole.partners.forEach((partner, i) => partner >= 0 && (owner[partner] = i));
  const isShort = new Uint8Array(small);
  const isTheirs = new Uint8Array(large);
  const queue = [...whole.failed];
  for (const i of queue) isShort[i] = 1;
  for (let head = 0; head < queue.length; head++) {
    for (let j = 0; j < large; j++) {
      if (isTheirs[j] === 1 || cost[queue[head] * rowStep + j * columnStep] === Infinity) continue;
      isTheirs[j] = 1;
      isShort[owner[j]] = 1;
      queue.push(owner[j]);
    }
  }
  const part = (flag: 0 | 1): Part => {
    const ofSmall = placesOf(isShort, flag);
    const ofLarge = placesOf(isTheirs, flag);
    const [rowIds, columnIds] = isTransposed ? [ofLarge, ofSmall] : [ofSmall, ofLarge];
    return {
      cost,
      columns,
      rowIds,
      columnIds,
      rowCount: rowIds.length,
      columnCount: columnIds.length,
      // The short side's partners are all served, of the rest the side that always was.
      isTransposed: flag === 1 ? !isTransposed : isTransposed,
    };
  };
  return [part(0), part(1)];
}

function placesOf(flags: Uint8Array, wanted: number): Uint32Array {
  return Uint32Array.from(flags.keys()).filter((i) => flags[i] === wanted);
}
