// How often is the right tool found when all requests but a fold are learned from as outcomes? A split that
// learns from three quarters tells less of what all of them teach, and one fold less than all.

import { availableParallelism } from "node:os";
import { assignAgents } from "#dist/index.js";
import { linearMachine, ofModel } from "../neural/folds.js";
import { keep, printTable, setting } from "../support/report.js";
import { asOutcomes, asTasks, percent, shuffled, toolTasks } from "./tools.js";

const SEED = 1;

/** Requests given to the right tool, each by what did not learn from it. */
export async function benchAgentFolds(): Promise<void> {
  const data = toolTasks("folds");
  if (data === undefined) return;
  const folds = setting("BENCH_FOLDS", 20);
  const threads = setting("BENCH_THREADS", availableParallelism());
  const all = shuffled([...data.learning, ...data.asked]);
  const rights: Record<string, boolean[]> = {};
  console.log(`\nMetaTool for ${data.agents.length} agents in ${folds} folds; right so far, %:`);
  for (let fold = 0; fold < folds; fold++) {
    const learning = all.filter((_, i) => i % folds !== fold);
    const asked = all.filter((_, i) => i % folds === fold);
    const history = asOutcomes(learning);
    const tasks = asTasks(asked);
    const request = { tasks, agents: data.agents, history, now: 0, seed: SEED };
    const { assignments } = await assignAgents(request);
    const alone = await assignAgents({ ...request, history: [...history], network: "none" });
    const model = await ofModel(learning, asked, threads);
    const machine = await linearMachine(learning, asked, threads);
    const answers: Record<string, readonly (string | undefined)[]> = {
      assignAgents: assignments.map(({ agent }) => agent),
      'network: "none"': alone.assignments.map(({ agent }) => agent),
      "PatternModel of texts, its network": model,
      "linear SVM of TF-IDF words and pairs": machine,
    };
    for (const [name, given] of Object.entries(answers)) {
      rights[name] ??= [];
      asked.forEach(({ label }, i) => rights[name].push(given[i] === label));
    }
    // The whole takes long: what is cut off has told what it came to.
    const told = Object.entries(rights).map(([name, own]) => `${name} ${percent(shareOf(own))}`);
    console.log(`  ${fold + 1}/${folds}, ${rights.assignAgents.length}: ${told.join(", ")}`);
  }
  keep("agents folds", Object.fromEntries(Object.entries(rights).map(([n, r]) => [n, shareOf(r)])));
  const first = rights.assignAgents;
  printTable(
    ["", "right, % ± standard error", "right where assignAgents is not", "the other way"],
    Object.entries(rights).map(([name, own]) => {
      const share = shareOf(own);
      const error = 100 * Math.sqrt((share * (1 - share)) / own.length);
      const more = own.filter((isRight, i) => isRight && !first[i]).length;
      const less = own.filter((isRight, i) => !isRight && first[i]).length;
      return [name, `${(100 * share).toFixed(2)} ±${error.toFixed(2)}`, `${more}`, `${less}`];
    }),
  );
}

function shareOf(rights: readonly boolean[]): number {
  return rights.filter(Boolean).length / rights.length;
}
