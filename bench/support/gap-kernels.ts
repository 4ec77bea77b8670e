import { gapInstance, type GapType } from "#dist/measure/gap-instances.js";
import { contest } from "#dist/measure/contest.js";
import { ratioOf, type Timing } from "#dist/measure/timing.js";
import { bindKernels, compileKernels, processKernels } from "#dist/wasm/compile.js";
import {
  ascendGap,
  boundGap,
  closeGap,
  descendGap,
  gapBytes,
  layOutGap,
  repairGap,
  type GapOnHeap,
} from "#dist/wasm/assignment/gap.js";
import { ASCENT } from "#dist/wasm/abi/gap-numbers.js";
import {
  gapSearchBytes,
  layOutGapSearch,
  searchGap,
  type GapSearch,
} from "#dist/wasm/assignment/gap-search.js";
import { Heap } from "#dist/wasm/heap.js";
import type { Run } from "#dist/wasm/abi/kernels.js";

/** A kernel of generalised assignment beside its twin in JavaScript, in the same turns. */
export interface GapKernelResult {
  readonly kernel: string;
  readonly build: string;
  readonly problem: string;
  readonly wasm: Timing;
  readonly javascript: Timing;
  /** How many times as fast. */
  readonly ratio: number;
}

const NODES = 100_000;
const ROUNDS = 15;

/** Times the kernels at a seeded problem; both must give the same numbers, to the bit. */
export async function measureGapKernels(
  type: GapType,
  agents: number,
  tasks: number,
  timeMs: number,
): Promise<GapKernelResult[]> {
  const heap = new Heap(gapBytes(tasks, agents + 1) + gapSearchBytes(tasks, agents + 1) + 65_536);
  const problem = layOutGap(heap, tasks, agents + 1);
  const prices = new Float64Array(agents + 1);
  const fill = fillProblem(problem, type, prices);
  const search = layOutGapSearch(heap, problem, { seed: 1, isWhole: true });
  const works: readonly Work[] = [
    ...boundWorks(heap, problem),
    ...planWorks(heap, problem, fill),
    searchWork(heap, problem, search, prices, fill),
  ];
  const plain = bindKernels(compileKernels("off"), heap.memory);
  const { build } = processKernels();
  const results: GapKernelResult[] = [];
  for (const { kernel, work, answer } of works) {
    fill();
    if (kernel === "gap_search_f64") heap.run(descendGap(heap, problem));
    const contender = (name: string, run: Run) => {
      return { name, run: () => work(run), answer, tolerance: 0 };
    };
    const [javascript, wasm] = await contest(
      kernel,
      [contender("javascript", plain), contender("kernel", heap.run.bind(heap) as Run)],
      { timeMs },
    );
    const ratio = ratioOf(javascript, wasm);
    const name = `${type}, ${agents} agents, ${tasks} tasks`;
    results.push({ kernel, build, problem: name, wasm, javascript, ratio });
  }
  return results;
}

/** What a kernel is timed at, and where its answer stands. */
interface Work {
  readonly kernel: string;
  readonly work: (run: Run) => void;
  readonly answer: () => ArrayLike<number>;
}

function boundWorks(heap: Heap, problem: GapOnHeap): Work[] {
  const multipliers = problem.multipliers.slice();
  heap.run(boundGap(heap, problem));
  const known = (["prices", "widths", "reaches"] as const).map((name) => problem[name].slice());
  // What bounds remember of the last one is the same each time: sums are of the same parts.
  const recall = (): void => {
    [problem.prices, problem.widths, problem.reaches].forEach((into, i) => into.set(known[i]));
  };
  return [
    {
      kernel: "gap_bound_f64",
      work: (run) => {
        recall();
        run(boundGap(heap, problem));
      },
      answer: () => problem.worths,
    },
    {
      kernel: "gap_ascend_f64",
      work: (run) => {
        recall();
        problem.multipliers.set(multipliers);
        problem.direction.fill(0);
        problem.numbers.fill(0);
        problem.numbers[ASCENT.most] = -Infinity;
        problem.numbers[ASCENT.scale] = 1;
        problem.numbers[ASCENT.target] = Infinity;
        problem.numbers[ASCENT.enough] = Infinity;
        run(ascendGap(heap, problem, ROUNDS));
      },
      answer: () => problem.kept,
    },
  ];
}

function planWorks(heap: Heap, problem: GapOnHeap, fill: () => void): Work[] {
  return [
    {
      kernel: "gap_repair_f64",
      work: (run) => run(repairGap(heap, problem)),
      answer: () => problem.plan,
    },
    {
      kernel: "gap_close_f64",
      work: (run) => {
        problem.open.fill(1);
        run(closeGap(heap, problem, 3));
      },
      answer: () => problem.penalties,
    },
    {
      kernel: "gap_descend_f64",
      work: (run) => {
        fill();
        run(descendGap(heap, problem));
      },
      answer: () => problem.plan,
    },
  ];
}

function searchWork(
  heap: Heap,
  problem: GapOnHeap,
  search: GapSearch,
  prices: Float64Array,
  fill: () => void,
): Work {
  return {
    kernel: "gap_search_f64",
    work: (run) => {
      fill();
      const cost = costOf(problem);
      for (const into of [search.agentOf, search.cheapest]) into.set(problem.plan);
      search.loads.set(problem.loads);
      search.prices.set(prices);
      search.homes.set(problem.plan);
      search.numbers.set([cost, cost, 0.9 * cost, 4, 0, 0]);
      search.words[1] = 12_345; // the same draws each time
      run(searchGap(heap, search, NODES));
    },
    answer: () => search.agentOf,
  };
}

/** Writes a problem, fair multipliers and prices, and returns what lays down a plan that fits. */
function fillProblem(problem: GapOnHeap, type: GapType, prices: Float64Array): () => void {
  const { tasks, costs, sizes, rooms, multipliers, plan, loads } = problem;
  const agents = problem.agents - 1;
  const instance = gapInstance(type, agents, tasks, 1);
  for (let pair = 0; pair < tasks * agents; pair++) {
    const agent = Math.floor(pair / tasks);
    const task = pair % tasks;
    costs[pair] = instance.cost[task * agents + agent];
    sizes[pair] = instance.sizes[task * agents + agent];
  }
  costs.fill(100_000, agents * tasks);
  sizes.fill(0, agents * tasks);
  rooms.set([...instance.capacities, Infinity]);
  const [mean, size] = [costs.subarray(0, agents * tasks), sizes.subarray(0, agents * tasks)].map(
    (values) => values.reduce((sum, each) => sum + each, 0) / values.length,
  );
  prices.fill((0.5 * mean) / size, 0, agents);
  for (let task = 0; task < tasks; task++) {
    let least = Infinity;
    for (let agent = 0; agent < agents; agent++) {
      const pair = agent * tasks + task;
      least = Math.min(least, costs[pair] + prices[agent] * sizes[pair]);
    }
    multipliers[task] = 1.05 * least;
  }
  return () => {
    loads.fill(0);
    for (let task = 0; task < tasks; task++) {
      let agent = 0;
      while (loads[agent] + sizes[agent * tasks + task] > rooms[agent]) agent++;
      plan[task] = agent;
      loads[agent] += sizes[agent * tasks + task];
    }
  };
}

function costOf({ tasks, costs, plan }: GapOnHeap): number {
  return plan.reduce((sum, agent, task) => sum + costs[agent * tasks + task], 0);
}
