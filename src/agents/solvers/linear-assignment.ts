import { StigmergyError } from "../../errors.ts";
import { knownOptions } from "../../util/option-names.ts";
import { finish, Turns } from "../../util/turns.ts";
import { checkedShape, type Costs } from "./assignment-costs.ts";
import { solvePart, type Part, type PartSolution } from "./assignment-part.ts";
import { splitInfeasible } from "./infeasible-split.ts";

/** An optimal assignment and the proof that it is one. */
export interface AssignmentSolution {
  /** The column of each row, −1 if none. */
  readonly columns: Int32Array;
  /** Rows that have a column: as many as can be. */
  readonly assigned: number;
  /** Total cost of those. */
  readonly cost: number;
  /**
   * Potentials u of rows and v of columns: u[i] + v[j] is at most the cost of every pair, and equal to it for
   * those assigned, to within rounding. So no assignment of as many rows costs less. Rows or columns left
   * out, on the side that has too many, have potential 0, and none on that side is above it; where forbidden
   * pairs leave out some on both sides, that holds within each part of the problem (see `solveAssignmentWithDuals`).
   */
  readonly rowPotentials: Float64Array;
  /** v, beside u. */
  readonly columnPotentials: Float64Array;
}

/** How a long solve can be watched and ended. */
export interface AssignmentOptions {
  /** Ends it with the signal's reason; `AbortSignal.timeout(ms)` is a limit of time. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The column of each row, −1 if none: as many rows as can be have one, no two the same, and of all
 * such assignments it is one of least total cost. Equal ones are told apart in the same way every time.
 * Costs that are whole numbers (below 2⁵³ in sum) are added without rounding.
 *
 * O(n³) at worst, about O(n²) for random costs. Memory for one copy of the costs.
 *
 * @param cost [rows][columns], row-major; +Infinity forbids a pair; any other number from −1e300 to 1e300
 * @throws {StigmergyError} INVALID_INPUT for NaN, −Infinity or sizes that are no whole numbers, DIMENSION when
 * `cost` is not rows × columns, TOO_LARGE beyond 4 GiB
 *
 * Source: Jonker and Volgenant, A shortest augmenting path algorithm for dense and sparse linear assignment
 * problems, 1987; Dulmage and Mendelsohn, Coverings of bipartite graphs, 1958, where not all can be served.
 *
 * @example
 * const cost = Float64Array.of(4, 1, 3, 2, 0, 5, 3, 2, Infinity); // 3 × 3
 * solveAssignment(cost, 3, 3); // → Int32Array.of(2, 1, 0)
 */
export function solveAssignment(cost: Costs, rows: number, columns: number): Int32Array {
  return finish(solving(cost, rows, columns, false)).columns;
}

/**
 * As `solveAssignment`, with cost and potentials. Where forbidden pairs leave rows and columns out, there are
 * rows that have too few columns between them: those columns all serve such rows, and the rest of the rows
 * are all served by others. Potentials hold over all pairs; those of 0 are left out within their own part.
 *
 * @throws as `solveAssignment`
 */
export function solveAssignmentWithDuals(
  cost: Costs,
  rows: number,
  columns: number,
): AssignmentSolution {
  return finish(solving(cost, rows, columns, true));
}

/**
 * As `solveAssignmentWithDuals`, in slices of some milliseconds between which others have the thread. The
 * answer is the same.
 *
 * @throws as `solveAssignment`, and the reason of the signal; `cost` must not change meanwhile
 */
export async function solveAssignmentAsync(
  cost: Costs,
  rows: number,
  columns: number,
  options: AssignmentOptions = {},
): Promise<AssignmentSolution> {
  const { signal } = knownOptions("solveAssignmentAsync", options, { signal: true });
  return new Turns(signal).finish(solving(cost, rows, columns, true));
}

function* solving(
  cost: Costs,
  rows: number,
  columns: number,
  withDuals: boolean,
): Generator<void, AssignmentSolution> {
  checkedShape(cost, rows, columns);
  const all: Part = {
    cost,
    columns,
    isTransposed: rows > columns,
    rowIds: undefined,
    columnIds: undefined,
    rowCount: rows,
    columnCount: columns,
  };
  const whole = yield* solvePart(all, withDuals);
  if (whole.failed.length === 0) return solutionOf(cost, rows, columns, [[all, whole]]);
  const parts: [Part, PartSolution][] = [];
  for (const part of splitInfeasible(all, whole)) {
    const solution = yield* solvePart(part, withDuals);
    if (solution.failed.length > 0) {
      throw new StigmergyError("KERNEL_FAILED", "assignment: a part that can be served was not");
    }
    parts.push([part, solution]);
  }
  const solution = solutionOf(cost, rows, columns, parts);
  if (withDuals) holdEverywhere(cost, solution, parts[1][0]);
  return solution;
}

function solutionOf(
  cost: Costs,
  rows: number,
  columns: number,
  parts: readonly (readonly [Part, PartSolution])[],
): AssignmentSolution {
  const found = new Int32Array(rows).fill(-1);
  const rowPotentials = new Float64Array(rows);
  const columnPotentials = new Float64Array(columns);
  for (const [part, { partners, small, large }] of parts) {
    const [ofRows, ofColumns] = part.isTransposed ? [large, small] : [small, large];
    ofRows.forEach((value, i) => (rowPotentials[part.rowIds?.[i] ?? i] = value));
    ofColumns.forEach((value, j) => (columnPotentials[part.columnIds?.[j] ?? j] = value));
    partners.forEach((partner, i) => {
      const [row, column] = part.isTransposed ? [partner, i] : [i, partner];
      found[part.rowIds?.[row] ?? row] = part.columnIds?.[column] ?? column;
    });
  }
  let total = 0;
  let assigned = 0;
  for (let row = 0; row < rows; row++) {
    if (found[row] < 0) continue;
    total += cost[row * columns + found[row]];
    assigned++;
  }
  return { columns: found, assigned, cost: total, rowPotentials, columnPotentials };
}

/**
 * Makes potentials of parts hold over the pairs between them: partners that those who have too few of them
 * need become dearer by one amount, and they may pay as much more.
 */
function holdEverywhere(
  cost: Costs,
  { rowPotentials, columnPotentials }: AssignmentSolution,
  { rowIds = new Uint32Array(0), columnIds = new Uint32Array(0), isTransposed }: Part,
): void {
  // The short part is solved for its partners: where it is transposed, for columns.
  const [needed, isOwn] = isTransposed
    ? [columnIds, new Set(rowIds)]
    : [rowIds, new Set(columnIds)];
  const others = isTransposed ? rowPotentials : columnPotentials;
  const neededPotentials = isTransposed ? columnPotentials : rowPotentials;
  const [otherStep, neededStep] = isTransposed
    ? [columnPotentials.length, 1]
    : [1, columnPotentials.length];
  let most = 0;
  for (let i = 0; i < others.length; i++) {
    if (isOwn.has(i)) continue;
    for (const j of needed) {
      most = Math.max(most, others[i] + neededPotentials[j] - cost[i * otherStep + j * neededStep]);
    }
  }
  for (const i of isOwn) others[i] += most;
  for (const j of needed) neededPotentials[j] -= most;
}
