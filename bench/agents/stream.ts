import { assignAgents, type TaskOutcome } from "#dist/index.js";
import { seededRandom } from "#dist/util/random.js";
import type { LabeledText } from "../support/labeled-texts.js";
import { keep, printTable, setting } from "../support/report.js";
import { plainBm25 } from "./matching.js";
import { percent, shuffled, toolTasks, type ToolTasks } from "./tools.js";

const STEPS = 10; // of the curve

/** Who chooses a tool for each request of a stream, and learns what came of it or of all. */
interface Contender {
  readonly name: string;
  choose(round: LabeledText, i: number): Promise<string>;
  learn?(round: LabeledText, chosen: string, success: boolean): void;
}

/** How often is the right tool chosen when only what came of the choice is learned? */
export async function benchStream(): Promise<void> {
  const data = toolTasks("stream");
  if (data === undefined) return;
  const rounds = shuffled([...data.learning, ...data.asked]).slice(
    0,
    setting("BENCH_STREAM", 10_000),
  );
  const rows: string[][] = [];
  const measured: Record<string, unknown> = {};
  for (const make of [randomly, inTurn, plainly, greedily, learning, exploring, toldAll]) {
    const contender = make(data);
    const began = performance.now();
    const curve: number[] = [];
    let [right, lately] = [0, 0];
    for (const [i, round] of rounds.entries()) {
      const chosen = await contender.choose(round, i);
      const isRight = chosen === round.label;
      contender.learn?.(round, chosen, isRight);
      if (isRight) [right, lately] = [right + 1, lately + 1];
      if ((i + 1) % (rounds.length / STEPS) !== 0) continue;
      curve.push(lately / (rounds.length / STEPS));
      lately = 0;
    }
    const seconds = (performance.now() - began) / 1000;
    measured[contender.name] = { success: right / rounds.length, curve, seconds };
    const cells = [
      percent(right / rounds.length),
      ...curve.map((share) => (100 * share).toFixed(0)),
    ];
    rows.push([contender.name, ...cells, ((1000 * seconds) / rounds.length).toFixed(2)]);
  }
  keep("stream", measured);
  const tenths = Array.from({ length: STEPS }, (_, i) => `${i + 1}/${STEPS}`);
  console.log(`\nstream: ${rounds.length} requests, outcomes of the chosen tool alone`);
  printTable(["right, %", "all", ...tenths, "ms a task"], rows);
}

function randomly({ agents }: ToolTasks): Contender {
  const random = seededRandom(1);
  return {
    name: "random",
    choose: async () => agents[Math.floor(random() * agents.length)].id,
  };
}

function inTurn({ agents }: ToolTasks): Contender {
  return { name: "in turn", choose: async (_, i) => agents[i % agents.length].id };
}

function plainly(data: ToolTasks): Contender {
  const score = plainBm25(data);
  return {
    name: "greedy by plain BM25",
    choose: async ({ text }) => {
      const scores = score(text);
      return data.agents[scores.indexOf(Math.max(...scores))].id;
    },
  };
}

function greedily(data: ToolTasks): Contender {
  return assigning("greedy by our words", data, [], {});
}

function learning(data: ToolTasks): Contender {
  const history: TaskOutcome[] = [];
  return {
    ...assigning("learning, without exploration", data, history, { explore: { amount: 0 } }),
    learn: ({ text }, agent, success) => void history.push({ text, agent, success }),
  };
}

function exploring(data: ToolTasks): Contender {
  const history: TaskOutcome[] = [];
  return {
    ...assigning("learning, with exploration", data, history, { explore: true }),
    learn: ({ text }, agent, success) => void history.push({ text, agent, success }),
  };
}

function toldAll(data: ToolTasks): Contender {
  const history: TaskOutcome[] = [];
  return {
    ...assigning("told the right tool each time", data, history, { explore: { amount: 0 } }),
    learn: ({ text, label }) => void history.push({ text, agent: label, success: true }),
  };
}

function assigning(
  name: string,
  { agents }: ToolTasks,
  history: TaskOutcome[],
  options: { explore?: { amount: number } | true },
): Contender {
  return {
    name,
    choose: async ({ text }) => {
      const tasks = [{ id: "task", text }];
      const plan = await assignAgents({ tasks, agents, history, now: 0, ...options });
      return plan.assignments[0].agent;
    },
  };
}
