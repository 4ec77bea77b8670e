import assert from "node:assert/strict";
import { AGENT_CATALOG, assignAgents, type AssignmentPlan, type TaskOutcome } from "#dist/index.js";
import { median } from "#dist/measure/timing.js";
import { seededRandom } from "#dist/util/random.js";
import { keep, printTable, setting, spread } from "../support/report.js";

const ROUNDS = 7;
const CHANGED = 0.01;
const WORDS = 10; // of a task

/** How long does a plan take, and one after a hundredth of the tasks has changed? */
export async function benchScale(): Promise<void> {
  const count = setting("BENCH_TASKS", 10_000);
  const people = setting("BENCH_AGENTS", 100);
  const results: Record<string, unknown> = {};
  const rows: string[][] = [];
  for (const name of [
    "words alone",
    "every agent with skills of its own",
    "900 outcomes",
  ] as const) {
    const random = seededRandom(7);
    const write = wordsFrom(random);
    const agents = Array.from({ length: people }, (_, i) => ({
      id: `agent-${i}`,
      type: AGENT_CATALOG[i % AGENT_CATALOG.length].name,
      capacity: Math.ceil((1.2 * count) / people),
      ...(name === "every agent with skills of its own" ? { skills: [write(2)] } : {}),
    }));
    const history: TaskOutcome[] = Array.from(
      { length: name === "900 outcomes" ? 900 : 0 },
      () => ({
        text: write(WORDS),
        agent: AGENT_CATALOG[Math.floor(random() * AGENT_CATALOG.length)].name,
        success: random() < 0.8,
      }),
    );
    let named = 0;
    const tasksOf = (many: number) =>
      Array.from({ length: many }, () => ({ id: `task-${named++}`, text: write(WORDS) }));
    let tasks = tasksOf(count);
    const [whole, again, moves]: number[][] = [[], [], []];
    let previous: AssignmentPlan | undefined;
    for (let round = 0; round <= ROUNDS; round++) {
      const began = processorMs();
      const plan = await assignAgents({ tasks, agents, history, now: 0 });
      const between = processorMs();
      tasks = [...tasks.slice(count * CHANGED), ...tasksOf(count * CHANGED)];
      const changed = processorMs();
      previous = await assignAgents({ tasks, agents, history, now: 0, previous: plan });
      const ended = processorMs();
      check(plan, count);
      check(previous, count);
      if (round === 0) continue; // warms up
      whole.push(between - began);
      again.push(ended - changed);
      moves.push(previous.moved.length);
    }
    results[name] = { wholeMs: whole, againMs: again, moved: moves };
    const told = [whole, again].map((ms) => spread(median(ms), deviation(ms)));
    rows.push([name, ...told, `${median(moves)}`]);
  }
  keep("scale", results);
  console.log(
    `\nscale, of a processor's time: ${people} agents, ${count} tasks of ${WORDS} words, capacity for 1.2 times as many`,
  );
  printTable(["", "ms a plan", "ms after 1 % changed", "tasks that moved"], rows);
}

/** Of a processor, which others who use the machine do not change much; collecting garbage is in it. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function check({ assignments, unassigned, gap }: AssignmentPlan, tasks: number): void {
  assert.equal(assignments.length, tasks);
  assert.equal(unassigned.length, 0);
  assert.equal(gap, 0);
}

function deviation(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((each) => Math.abs(each - middle)));
}

/** Texts of words that the catalogue's descriptions have. */
function wordsFrom(random: () => number): (count: number) => string {
  const words = AGENT_CATALOG.flatMap(
    ({ description }) => description.match(/[A-Za-z]{4,}/g) ?? [],
  );
  return (count) =>
    Array.from({ length: count }, () => words[Math.floor(random() * words.length)]).join(" ");
}
