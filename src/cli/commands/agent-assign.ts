import { readFile } from "node:fs/promises";
import { Option, type Command } from "commander";
import { StigmergyError } from "../../errors.ts";
import type { agentsGiven, tasksOf } from "../../mcp/input/assign-input.ts";
import { damagedOutcomes } from "../../mcp/answer/agent-answer.ts";
import { planAnswer } from "../../mcp/answer/plan-answer.ts";
import { rootFolder } from "../../swarm/project-root.ts";
import { ExitCode } from "../failure.ts";
import { withExistingStore, withStore, type StoreChoice } from "../open-store.ts";
import { examples, list, number, storeCommand } from "../options.ts";
import { firstLine, printColumns, printJson, printText, warn } from "../print.ts";

const TOPOLOGIES = ["mesh", "hierarchical", "star", "ring", "adaptive"] as const;
const MOST_WIDTH = 40; // of a task's text in a table

interface AssignFields extends StoreChoice {
  readonly file?: string;
  readonly agents?: string[];
  readonly capacity?: number;
  readonly topology?: (typeof TOPOLOGIES)[number];
  readonly balance?: true;
  readonly explore?: true;
  readonly explain?: true;
  readonly lines?: true;
}

/** What checks tasks and agents, which other commands do without. */
const assignInput = () => import("../../mcp/input/assign-input.ts");

/** `stigmergy agent assign|select|outcome` */
export function addAgentAssign(agent: Command, finish: (code: ExitCode) => void): void {
  storeCommand(agent, "assign [tasks...]", "say who should do what; exit code 1 when not all is")
    .option("--file <file>", "JSON: a list of tasks, or an object with tasks and agents")
    .option("--agents <names>", "live agents or types, with commas; default the live agents", list)
    .option("--capacity <size>", "how much each takes that tells no capacity of its own", number)
    .addOption(new Option("--topology <topology>", "who may have what").choices(TOPOLOGIES))
    .option("--balance", "nobody gets more than a fair share")
    .option("--explore", "try little-known agents, to learn who is good")
    .option("--explain", "tell the parts of every cost, and the next best")
    .option("--lines", "print only the Task calls that start the agents")
    .addHelpText(
      "after",
      examples(
        "stigmergy agent assign 'write unit tests' 'document the API' --agents coder,tester,api-docs",
        "stigmergy agent assign --file tasks.json --json",
      ),
    )
    .action((tasks: string[], options: AssignFields) => assign(tasks, options, finish));

  storeCommand(agent, "select <description...>", "choose agent types and a topology for a project")
    .addHelpText("after", examples("stigmergy agent select a REST API for a bookstore"))
    .action((words: string[], options: StoreChoice) => select(words.join(" "), options));

  storeCommand(
    agent,
    "outcome <agent> <task>",
    "record what came of a task; it succeeded unless said",
  )
    .option("--failed", "it failed")
    .option("--success <share>", "how far it succeeded, 0 to 1", number)
    .option("--duration <ms>", "how long it took, in milliseconds", number)
    .option("--type <type>", "the agent's type; default what is known of it")
    .option("--kind <word>", "what kind of task it was")
    .addHelpText("after", examples("stigmergy agent outcome tester 'unit tests of the parser'"))
    .action((who: string, task: string, options: OutcomeFields) => record(who, task, options));
}

async function assign(
  texts: readonly string[],
  options: AssignFields,
  finish: (code: ExitCode) => void,
): Promise<void> {
  const { capacity, topology, balance, explore, explain, json } = options;
  const file = options.file === undefined ? {} : await readPlanFile(options.file);
  const given = [...(file.tasks ?? []), ...texts];
  if (given.length === 0) {
    throw new StigmergyError(
      "INVALID_INPUT",
      "assign: expected tasks, as words or by --file, received none",
    );
  }
  const { agentsGiven, tasksOf } = await assignInput();
  const tasks = tasksOf(given);
  await withExistingStore(options, async (store) => {
    const { assignTasks } = await import("../../swarm/assignment.ts");
    const planned = await assignTasks(store, {
      tasks,
      capacity,
      topology,
      balance,
      explore,
      explain,
      agents: options.agents ?? agentsGiven(file.agents),
    });
    const told = planAnswer(rootFolder(store.folder), planned, tasks);
    const { assignments, unassigned, totalCost, gap } = planned.plan;
    if (unassigned.length > 0) finish(ExitCode.failed);
    if (json) return printJson(told);
    if (options.lines) {
      for (const line of told.lines as readonly string[]) printText(line);
      return;
    }
    const words = new Map(tasks.map(({ id, text }) => [id, firstLine(text, MOST_WIDTH)]));
    const rows = assignments.map(({ task, agent, expectedSuccess, cost, why }) => [
      ...[task, words.get(task) ?? "", agent],
      ...[`${(100 * expectedSuccess).toFixed(0)} %`, cost.toFixed(2), why],
    ]);
    if (rows.length > 0) {
      printColumns(["task", "what", "agent", "success", "cost", "why"], rows);
    }
    if (explain) for (const each of assignments) printAlternatives(each);
    for (const { task, why } of unassigned) printText(`  nobody for ${task}: ${why}`);
    const proven = gap === 0 ? "proven best" : `at most ${(100 * gap).toFixed(2)} % above the best`;
    if (planned.damaged > 0) process.stderr.write(`${damagedOutcomes(planned.damaged)}\n`);
    process.stderr.write(
      `${assignments.length} of ${tasks.length} tasks assigned, cost ${totalCost.toFixed(2)}, ${proven}\n`,
    );
  });
}

function printAlternatives({
  task,
  agent,
  parts,
  alternatives,
}: {
  readonly task: string;
  readonly agent: string;
  readonly parts?: Readonly<Record<string, number>>;
  readonly alternatives: readonly { readonly agent: string; readonly cost: number }[];
}): void {
  const costs = Object.entries(parts ?? {}).map(([name, value]) => `${name} ${value.toFixed(2)}`);
  const others = alternatives.map((each) => `${each.agent} ${each.cost.toFixed(2)}`);
  printText(`  ${task} by ${agent}: ${costs.join(", ")}; else ${others.join(", ") || "nobody"}`);
}

/** Tasks, and agents where it names some, of a file. */
async function readPlanFile(path: string): Promise<{
  readonly tasks?: Parameters<typeof tasksOf>[0];
  readonly agents?: Parameters<typeof agentsGiven>[0];
}> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    const isAbsent = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new StigmergyError(
      isAbsent ? "NOT_FOUND" : "INVALID_INPUT",
      `--file: expected a file of JSON, ${isAbsent ? "there is none" : "received something else"}`,
      { cause },
    );
  }
  const parts = Array.isArray(content) ? { tasks: content } : content;
  const { tasks, agents } = (parts ?? {}) as Record<string, unknown>;
  const { agentsField, tasksField } = await assignInput();
  const read = tasksField.safeParse(tasks);
  const crew = agentsField.optional().safeParse(agents);
  if (read.success && crew.success) {
    return { tasks: read.data, ...(crew.data === undefined ? {} : { agents: crew.data }) };
  }
  const [issue] = [...(read.error?.issues ?? []), ...(crew.error?.issues ?? [])];
  throw new StigmergyError(
    "INVALID_INPUT",
    `--file: expected tasks as texts or {id, text, needs, size, deadline}, and agents as names or {id, type}; ${issue.path.join(".")}: ${issue.message}`,
  );
}

async function select(description: string, options: StoreChoice): Promise<void> {
  await withExistingStore(options, async (store) => {
    const { selectTeam } = await import("../../swarm/assignment.ts");
    const team = await selectTeam(store, description);
    if (options.json) return printJson(team);
    printColumns(
      ["project", "confidence", "primary", "support", "topology"],
      [
        [
          ...[team.title, `${(100 * team.confidence).toFixed(0)} %`],
          ...[team.primary.join(", "), team.support.join(", "), team.topology],
        ],
      ],
    );
    process.stderr.write(`${team.why}\n`);
  });
}

interface OutcomeFields extends StoreChoice {
  readonly failed?: true;
  readonly success?: number;
  readonly duration?: number;
  readonly type?: string;
  readonly kind?: string;
}

async function record(agent: string, task: string, options: OutcomeFields): Promise<void> {
  const { failed, success = failed !== true, duration: durationMs, type, kind, json } = options;
  if (failed && options.success !== undefined) {
    throw new StigmergyError("INVALID_INPUT", "outcome: expected --failed or --success, not both");
  }
  await withStore(options, async (store) => {
    const { recordTask } = await import("../../swarm/task-outcomes.ts");
    const recorded = await recordTask(store, {
      text: task,
      agent,
      type,
      success,
      durationMs,
      kind,
    });
    if (json) return printJson({ recorded: true, ...recorded });
    printText(`outcome ${recorded.outcomeId} recorded`);
    if (recorded.note !== undefined) warn(recorded.note);
  });
}
