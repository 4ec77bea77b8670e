import { contest } from "#dist/measure/contest.js";
import { ratioOf } from "#dist/measure/timing.js";
import { seededRandom } from "#dist/util/random.js";
import { bindKernels, compileKernels } from "#dist/wasm/compile.js";
import { Heap } from "#dist/wasm/heap.js";
import type { Run } from "#dist/wasm/abi/kernels.js";
import {
  descendMakespan,
  layOutMakespan,
  makespanBytes,
  weighTasks,
} from "#dist/wasm/assignment/makespan.js";
import {
  layOutMatching,
  matchBits,
  matchingBytes,
  UNMATCHED,
} from "#dist/wasm/assignment/matching.js";

const TASKS = 2000;
const AGENTS = 100;
const SIZE = 2000;
const MOST_LOOKS = 20_000_000;
const SHARE = 0.004; // of pairs that are allowed: about where all can have a partner

/** Times the kernels of makespans and bottlenecks beside their twins in JavaScript: ms, ms and how many times as fast. */
export async function measureObjectiveKernels(timeMs: number): Promise<string[][]> {
  const heap = new Heap(makespanBytes(TASKS, AGENTS) + matchingBytes(SIZE, SIZE) + 65_536);
  const schedule = layOutMakespan(heap, TASKS, AGENTS);
  const matching = layOutMatching(heap, SIZE, SIZE);
  const random = seededRandom(3);
  for (let task = 0; task < TASKS; task++) {
    for (let agent = 0; agent < AGENTS; agent++) {
      schedule.times[task * schedule.stride + agent] = 10 + 90 * random();
    }
  }
  schedule.weights.fill(1 / AGENTS);
  for (let pair = 0; pair < SIZE * SIZE; pair++) {
    if (random() >= SHARE) continue;
    const row = Math.floor(pair / SIZE);
    const column = pair % SIZE;
    matching.bits[row * matching.words + (column >>> 5)] |= 1 << (column & 31);
  }
  const works = {
    makespan_weigh_f64: [
      (run: Run) => run(weighTasks(heap, schedule)),
      () => schedule.loads,
    ] as const,
    makespan_descend_f64: [
      (run: Run) => {
        schedule.agentOf.forEach((_, task) => (schedule.agentOf[task] = task % AGENTS));
        run(descendMakespan(heap, schedule, MOST_LOOKS));
      },
      () => schedule.agentOf,
    ] as const,
    match_bits: [
      (run: Run) => {
        matching.columnOf.fill(UNMATCHED);
        matching.rowOf.fill(UNMATCHED);
        run(matchBits(heap, matching));
      },
      () => matching.columnOf,
    ] as const,
  };
  const plain = bindKernels(compileKernels("off"), heap.memory);
  const rows: string[][] = [];
  for (const [kernel, [work, answer]] of Object.entries(works)) {
    const contender = (name: string, run: Run) => {
      return { name, run: () => work(run), answer, tolerance: 0 };
    };
    const [javascript, wasm] = await contest(
      kernel,
      [contender("javascript", plain), contender("kernel", heap.run.bind(heap) as Run)],
      { timeMs },
    );
    const ms = [wasm, javascript].map(({ medianMs }) => medianMs.toPrecision(3));
    rows.push([kernel, ...ms, ratioOf(javascript, wasm).toFixed(2)]);
  }
  return rows;
}
