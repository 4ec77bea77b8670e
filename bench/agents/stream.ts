import { assignAgents, type TaskOutcome } from "#dist/index.js";
import { createEmbedder } from "#dist/text/create-embedder.js";
import type { Embedder } from "#dist/text/embedder.js";
import { seededRandom } from "#dist/util/random.js";
import type { LabeledText } from "../support/labeled-texts.js";
import { keep, printTable, setting } from "../support/report.js";
import { plainBm25 } from "./matching.js";
import { intentTasks, percent, shuffled, toolTasks, type ToolTasks } from "./tools.js";

const STEPS = 10; // of the curve

/** Who chooses an agent for each request of a stream, and learns what came of it or of all. */
interface Contender {
  readonly name: string;
  choose(round: LabeledText, i: number): Promise<string>;
  learn?(round: LabeledText, chosen: string, success: boolean): void;
  /** One choice by somebody who meets its history for the first time. */
  chooseAfresh?(round: LabeledText): Promise<string>;
}

/** What one contender came to. */
interface Run {
  readonly success: number;
  /** Share of right ones in each tenth. */
  readonly curve: readonly number[];
  /** Of the last tenth: what a choice takes of a processor, and by the clock the middle and the slowest of a hundred. */
  readonly processorMs: number;
  readonly middleMs: number;
  readonly slowMs: number;
  /** Of a processor: a choice when all of the history is learned for it. */
  readonly afreshMs: number | undefined;
}

/** How often is the right agent chosen when only what came of the choice is learned? */
export async function benchStream(): Promise<void> {
  const embedder = await createEmbedder();
  await streamOf("MetaTool", toolTasks("stream"), embedder);
  await streamOf("CLINC150", intentTasks("stream"), embedder);
}

async function streamOf(
  name: string,
  data: ToolTasks | undefined,
  embedder: Embedder,
): Promise<void> {
  if (data === undefined) return;
  const rounds = shuffled([...data.learning, ...data.asked]).slice(
    0,
    setting("BENCH_STREAM", 10_000),
  );
  const explore = true;
  const contenders = [
    randomly(data),
    inTurn(data),
    plainly(data),
    assigning("greedy by our words", data, {}),
    assigning("greedy by words and meaning", data, { embedder }),
    learning("learning", data, { explore: { amount: 0 } }),
    learning("… and exploring", data, { explore }),
    learning("… and meaning", data, { explore, embedder }),
    toldAll(data),
  ];
  const runs = new Map<string, Run>();
  console.log(
    `\nstream: ${rounds.length} requests of ${name} for ${data.agents.length} agents, outcomes of the chosen one alone`,
  );
  for (const contender of contenders) runs.set(contender.name, await run(contender, rounds));
  keep(`stream ${name}`, Object.fromEntries(runs));
  const greedy = runs.get("greedy by our words")?.success ?? 0;
  const tenths = Array.from({ length: STEPS }, (_, i) => `${i + 1}/${STEPS}`);
  printTable(
    ["right, %", "all", "× greedy", ...tenths],
    [...runs].map(([own, { success, curve }]) => [
      own,
      percent(success),
      (success / greedy).toFixed(2),
      ...curve.map((share) => (100 * share).toFixed(0)),
    ]),
  );
  printTable(
    ["ms a choice, last tenth", "of a processor", "p50", "p99", "history anew"],
    [...runs].map(([own, { processorMs, middleMs, slowMs, afreshMs }]) => [
      own,
      ...[processorMs, middleMs, slowMs].map((ms) => ms.toFixed(2)),
      afreshMs?.toFixed(0) ?? "",
    ]),
  );
}

async function run(contender: Contender, rounds: readonly LabeledText[]): Promise<Run> {
  const tenth = Math.floor(rounds.length / STEPS);
  const curve: number[] = [];
  let right = 0;
  let lately = 0;
  let times: number[] = [];
  let began = process.cpuUsage();
  for (const [i, round] of rounds.entries()) {
    if (i === rounds.length - tenth) [times, began] = [[], process.cpuUsage()];
    const from = performance.now();
    const chosen = await contender.choose(round, i);
    times.push(performance.now() - from);
    const isRight = chosen === round.label;
    contender.learn?.(round, chosen, isRight);
    if (isRight) [right, lately] = [right + 1, lately + 1];
    if ((i + 1) % tenth !== 0) continue;
    curve.push(lately / tenth);
    lately = 0;
  }
  const processorMs = processorSince(began) / times.length;
  times.sort((a, b) => a - b);
  const afresh = process.cpuUsage();
  await contender.chooseAfresh?.(rounds[0]);
  return {
    success: right / rounds.length,
    curve,
    processorMs,
    middleMs: times[times.length >> 1],
    slowMs: times[Math.floor(0.99 * times.length)],
    afreshMs: contender.chooseAfresh === undefined ? undefined : processorSince(afresh),
  };
}

function processorSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
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

interface Options {
  readonly explore?: { readonly amount: number } | true;
  readonly embedder?: Embedder;
}

function learning(name: string, data: ToolTasks, options: Options): Contender {
  const history: TaskOutcome[] = [];
  return {
    ...assigning(name, data, options, history),
    chooseAfresh: async (round) => assigning(name, data, options, [...history]).choose(round, 0),
    learn: ({ text }, agent, success) => void history.push({ text, agent, success }),
  };
}

function toldAll(data: ToolTasks): Contender {
  const history: TaskOutcome[] = [];
  return {
    ...assigning("told the right one each time", data, { explore: { amount: 0 } }, history),
    learn: ({ text, label }) => void history.push({ text, agent: label, success: true }),
  };
}

function assigning(
  name: string,
  { agents }: ToolTasks,
  options: Options,
  history: readonly TaskOutcome[] = [],
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
