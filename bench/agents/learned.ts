import { assignAgents, PatternModel, type Assignment } from "#dist/index.js";
import { keep, printTable } from "../support/report.js";
import { asOutcomes, asTasks, percent, shuffled, toolTasks } from "./tools.js";

const BINS = 10;

/** How often is the right tool found after learning who served others, and how sure may one be? */
export async function benchLearned(): Promise<void> {
  const data = toolTasks("learned");
  if (data === undefined) return;
  const { agents, learning, asked } = data;
  const tasks = asTasks(asked);
  const history = asOutcomes(shuffled(learning));
  const rows: string[][] = [];
  const measured: Record<string, unknown> = {};
  const add = (
    name: string,
    accuracy: number,
    error: number | undefined,
    seconds: number,
  ): void => {
    measured[name] = { accuracy, error, seconds };
    rows.push([name, percent(accuracy), error?.toFixed(3) ?? "", seconds.toFixed(1)]);
  };
  const right = ({ task, agent }: Assignment): boolean => asked[Number(task)].label === agent;
  const planned = async (
    name: string,
    given: typeof history,
    network: "wait" | "none" = "wait",
  ): Promise<void> => {
    const began = performance.now();
    const { assignments } = await assignAgents({ tasks, agents, history: given, network });
    const seconds = (performance.now() - began) / 1000;
    const hits = assignments.filter(right).length / asked.length;
    add(name, hits, calibrationError(assignments, right), seconds);
  };
  await planned("assignAgents, nothing learned", []);
  await planned("assignAgents, 900 outcomes (no network)", history.slice(0, 900));
  await planned("assignAgents, all outcomes, no network", history, "none");
  await planned("assignAgents, all outcomes", history);
  await planned("… again, from what is kept", history);
  const began = performance.now();
  const model = await PatternModel.train({
    texts: learning.map(({ text }) => text),
    labels: learning.map(({ label }) => label),
    hidden: [],
    refit: true,
  });
  const predictions = await model.predictMany(asked.map(({ text }) => text));
  const hits = predictions.filter(({ label }, i) => label === asked[i].label).length;
  add(
    "a linear model of labels alone",
    hits / asked.length,
    undefined,
    (performance.now() - began) / 1000,
  );
  keep("learned", measured);
  console.log(
    `\nlearned: ${asked.length} requests after ${learning.length} outcomes, one of ${agents.length} tools each`,
  );
  printTable(["", "right, %", "calibration error", "s"], rows);
  console.log("  published: TF-IDF with SVM 85.9");
}

/** Expected calibration error over ten bins. */
function calibrationError(
  assignments: readonly Assignment[],
  isRight: (assignment: Assignment) => boolean,
): number {
  const apart = new Float64Array(BINS);
  for (const assignment of assignments) {
    const { expectedSuccess } = assignment;
    const bin = Math.min(BINS - 1, Math.floor(expectedSuccess * BINS));
    apart[bin] += expectedSuccess - (isRight(assignment) ? 1 : 0);
  }
  return apart.reduce((sum, each) => sum + Math.abs(each), 0) / assignments.length;
}
