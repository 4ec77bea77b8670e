import { AssignmentSolver } from "../agents/solvers/assignment-solver.ts";
import { solveAssignmentWithDuals } from "../agents/solvers/linear-assignment.ts";
import { seededRandom } from "../util/random.ts";
import {
  assignmentBytes,
  augmentAssignment,
  checkAssignment,
  layOutAssignment,
  startAssignment,
} from "../wasm/assignment/assignment.ts";
import { bindKernels, compileKernels, processKernels } from "../wasm/compile.ts";
import { Heap } from "../wasm/heap.ts";
import { readBytes } from "../wasm/probe.ts";
import { contest } from "./contest.ts";
import { ratioOf, time, type Effort, type Timing } from "./timing.ts";

/** What to measure; each default is what `npm run bench` uses. */
export interface LinearMeasureOptions extends Effort {
  /** Rows and columns, a multiple of 16; default 2,000. */
  readonly size?: number;
  /** f64[size × size]; default uniform costs, seeded. */
  readonly cost?: Float64Array;
}

/** One contender at a dense problem, on one thread; costs are copied to where it works as part of it. */
export interface LinearResult extends Timing {
  readonly contender: string;
  readonly size: number;
  /** Rows that get their column, a second. */
  readonly rowsPerSecond: number;
  /** Of kernels: the time that reading every cost once takes, over its own, in the same turns. */
  readonly shareOfReading?: number;
}

/** Uniform costs in [0, 1), seeded. */
export function uniformCosts(size: number): Float64Array {
  const random = seededRandom(1);
  return Float64Array.from({ length: size * size }, random);
}

/**
 * Times linear assignment of dense costs by kernels and by their twin in JavaScript. The answer is held to its
 * potentials before: they prove that none is cheaper.
 * @throws {Error} when they do not
 */
export async function measureLinear({
  size = 2000,
  cost = uniformCosts(size),
  ...effort
}: LinearMeasureOptions = {}): Promise<LinearResult[]> {
  const solution = solveAssignmentWithDuals(cost, size, size);
  checkCertificate(cost, solution);
  const heap = new Heap(assignmentBytes(size, size, 8) + 65_536);
  const begin = heap.usedBytes;
  const found: { columns: Uint32Array } = { columns: new Uint32Array(0) };
  const solveWith = (run: ReturnType<typeof bindKernels>): void => {
    heap.release(begin);
    const problem = layOutAssignment(heap, size, size, 8);
    problem.cost.set(cost);
    run(checkAssignment(heap, problem));
    run(augmentAssignment(heap, problem, 0, run(startAssignment(heap, problem))));
    found.columns = problem.columnOf;
  };
  const { build } = processKernels();
  const plain = bindKernels(compileKernels("off"), heap.memory);
  const answer = (): ArrayLike<number> => found.columns;
  const kernels = { name: `kernel (${build})`, run: () => solveWith(heap.run.bind(heap)), answer };
  const scratch = new Heap(cost.byteLength + 65_536);
  const copy = scratch.f64(cost.length);
  copy.set(cost); // pages that were never written are all one page
  const read = readBytes(scratch, copy);
  const [javascript, kernel, reading] = await contest(
    `linear assignment, ${size} × ${size}`,
    [
      { name: "javascript", run: () => solveWith(plain), answer },
      kernels,
      { name: "reading every cost", run: () => scratch.run(read) },
    ],
    effort,
  );
  const told = (timing: Timing): LinearResult => ({
    ...timing,
    contender: timing.name,
    size,
    rowsPerSecond: (1000 * size) / timing.medianMs,
  });
  return [told(javascript), { ...told(kernel), shareOfReading: ratioOf(reading, kernel) }];
}

function checkCertificate(
  cost: Float64Array,
  solution: ReturnType<typeof solveAssignmentWithDuals>,
): void {
  const { columns, rowPotentials, columnPotentials } = solution;
  const size = columns.length;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const slack = cost[row * size + column] - rowPotentials[row] - columnPotentials[column];
      const isOwn = columns[row] === column;
      if (!(slack >= -1e-9) || (isOwn && slack > 1e-9)) {
        throw new Error(`linear assignment: potentials do not prove row ${row}, column ${column}`);
      }
    }
  }
}

/** How many tasks and agents; each default is what `npm run bench` uses. */
export interface TasksMeasureOptions extends Effort {
  /** Default 10,000. */
  readonly tasks?: number;
  /** Default 100. */
  readonly agents?: number;
}

/** Assigning many tasks to few agents, and again after one in a hundred has changed. */
export interface TasksResult extends Timing {
  readonly work: "assigned" | "assigned again";
  readonly tasks: number;
  readonly agents: number;
  /** Tasks at work that another agent got, in the last call. */
  readonly moved: number;
}

/**
 * Times an `AssignmentSolver`: from costs to a plan, and after one task in a hundred has other costs and one
 * agent in a hundred has gone or come back. Prices prove every plan before.
 * @throws {Error} when they do not
 */
export async function measureTasks({
  tasks = 10_000,
  agents = 100,
  ...effort
}: TasksMeasureOptions = {}): Promise<TasksResult[]> {
  const random = seededRandom(2);
  const cost = Float64Array.from({ length: tasks * agents }, () => Math.floor(1000 * random()));
  const capacity = Math.ceil((1.1 * tasks) / agents);
  const capacities = Array.from({ length: agents }, () => capacity);
  const open = (): AssignmentSolver => {
    return new AssignmentSolver({ cost, tasks, agents, capacities, switchingCost: 50 });
  };
  const solver = open();
  let moved = solver.solve().moved.length;
  let turn = 0;
  const again = (): void => {
    turn++;
    for (let i = 0; i < tasks / 100; i++) {
      const own = Float64Array.from({ length: agents }, () => Math.floor(1000 * random()));
      solver.setTask(Math.floor(random() * tasks), own);
    }
    for (let i = 0; i < agents / 100; i++) {
      solver.setAgent(i, { capacity: turn % 2 === 1 ? 0 : capacity });
    }
    moved = solver.solve().moved.length;
  };
  const timings = await time(
    [
      { name: "assigned", run: () => open().solve() },
      { name: "assigned again", run: again },
    ],
    effort,
  );
  return timings.map((timing, i) => ({
    ...timing,
    work: i === 0 ? "assigned" : "assigned again",
    tasks,
    agents,
    moved: i === 0 ? 0 : moved,
  }));
}
