import { Option, type Command } from "commander";
import { StigmergyError } from "../../errors.ts";
import {
  agentAnswer,
  agentsOf,
  agentTypesOf,
  damagedOutcomes,
  linesFor,
} from "../../mcp/answer/agent-answer.ts";
import { rootFolder } from "../../swarm/project-root.ts";
import { ExitCode } from "../failure.ts";
import { withExistingStore, withStore, withStoreThere, type StoreChoice } from "../open-store.ts";
import { examples, list, number, storeCommand } from "../options.ts";
import { firstLine, printColumns, printJson, printText } from "../print.ts";

interface SpawnFields extends StoreChoice {
  readonly name?: string;
  readonly id?: string;
  readonly capacity?: number;
  readonly can?: string[];
  readonly description?: string;
  readonly restart?: "always" | "on-failure" | "never";
  readonly task?: string;
}

/** `stigmergy agent list|spawn|heartbeat|restart|stop` */
export function addAgentLife(agent: Command, finish: (code: ExitCode) => void): void {
  storeCommand(agent, "list", "the live agents of this project, and how they have done")
    .option("--status <status>", "only those: idle, busy, stale, restarting or stopped")
    .option("--all", "stopped ones, too")
    .addHelpText("after", examples("stigmergy agent list --status stale --json"))
    .action((options: ListFields) => tellAgents(options));

  storeCommand(agent, "spawn <type>", "register an agent, and print the line that starts it")
    .option("--name <name>", "what people see; default its id")
    .option("--id <id>", "its own id; default of its type and chance")
    .option("--capacity <tasks>", "tasks that it can have in hand at once; default 1", number)
    .option("--can <words>", "what it can do beside what its type can, with commas", list)
    .option("--description <text>", "what a type of its own is good at")
    .addOption(
      new Option("--restart <when>", "when it is restarted by itself; default on-failure").choices([
        ...["always", "on-failure", "never"],
      ]),
    )
    .option("--task <text>", "what it is to do first")
    .addHelpText("after", examples("stigmergy agent spawn backend-dev --task 'Build the user API'"))
    .action((type: string, options: SpawnFields) => spawn(type, options));

  storeCommand(
    agent,
    "heartbeat <id>",
    "give a sign of life; exit code 1 when it is to begin again or end",
  )
    .option("--load <tasks>", "tasks in hand", number)
    .option("--starts <number>", "which start of the agent gives it", number)
    .addHelpText("after", examples("stigmergy agent heartbeat backend-dev-1f2e3d4c --load 1"))
    .action((id: string, options: BeatFields) => beat(id, options, finish));

  storeCommand(agent, "restart [id]", "have an agent begin again, or those that do badly")
    .option("--performance-threshold <rate>", "those whose success is below it, 0 to 1", number)
    .option("--min-tasks <count>", "outcomes since its start to be judged by; default 5", number)
    .option("--stale", "those that gave no sign of life")
    .option("--dry-run", "only tell what would be done")
    .addHelpText("after", examples("stigmergy agent restart --performance-threshold 0.6"))
    .action((id: string | undefined, options: RestartFields) => restart(id, options));

  storeCommand(agent, "stop [ids...]", "stop agents for good, and end their claims")
    .option("--stale", "those that gave no sign of life")
    .option("--force", "though they have tasks in hand")
    .option("--keep-notes", "keep their notes where all agents find them")
    .addHelpText("after", examples("stigmergy agent stop --stale --force"))
    .action((ids: string[], options: StopFields) => stop(ids, options));
}

interface ListFields extends StoreChoice {
  readonly status?: string;
  readonly all?: true;
}

async function tellAgents(options: ListFields): Promise<void> {
  const { status, all = false, json } = options;
  const STATUSES = ["idle", "busy", "stale", "restarting", "stopped"];
  if (status !== undefined && !STATUSES.includes(status)) {
    const expected = `status: expected ${STATUSES.join(", ")}`;
    throw new StigmergyError("INVALID_INPUT", `${expected}, received "${status}"`);
  }
  await withExistingStore(options, async (store) => {
    const registry = await agentsOf(store);
    const found = await registry.list({ stopped: all || status === "stopped" });
    const agents = found.filter((each) => status === undefined || each.status === status);
    const problems: string[] = [];
    const measured = await registry.measure(agents, (count) => {
      problems.push(damagedOutcomes(count));
    });
    if (json) {
      const types = await agentTypesOf(store);
      const told = agents.map((each) => ({
        ...agentAnswer(each, types),
        metrics: measured.get(each.id),
      }));
      return printJson({ agents: told, count: told.length, problems });
    }
    const rows = agents.map((each) => {
      const { tasks = 0, successRate = null, medianMs = null } = measured.get(each.id) ?? {};
      return [
        ...[each.id, each.type, each.status, `${each.load} of ${each.capacity}`, String(tasks)],
        successRate === null ? "-" : `${(100 * successRate).toFixed(0)} %`,
        medianMs === null ? "-" : durationText(medianMs),
        seenText(Date.now() - each.heartbeatAt),
      ];
    });
    const header = ["id", "type", "status", "load", "tasks", "success", "median", "seen"];
    if (rows.length > 0) printColumns(header, rows);
    for (const problem of problems) process.stderr.write(`${problem}\n`);
    process.stderr.write(`${rows.length} agents\n`);
  });
}

async function spawn(type: string, options: SpawnFields): Promise<void> {
  const { name, id, capacity, can, description, restart: when, task, json } = options;
  await withStore(options, async (store) => {
    const types = await agentTypesOf(store);
    const request = { type, name, id, capacity, capabilities: can, description, restart: { when } };
    const [agent] = await (await agentsOf(store)).spawn(types, [request]);
    const root = rootFolder(store.folder);
    const { lines, missingTypes, hint } = linesFor(root, [{ agent, task }]);
    if (json) return printJson({ ...agentAnswer(agent, types), line: lines[0], missingTypes });
    printText(lines[0]);
    process.stderr.write(`${agent.id}  ${agent.type}${hint === undefined ? "" : `; ${hint}`}\n`);
  });
}

interface BeatFields extends StoreChoice {
  readonly load?: number;
  readonly starts?: number;
}

async function beat(
  id: string,
  options: BeatFields,
  finish: (code: ExitCode) => void,
): Promise<void> {
  const { load, starts, json } = options;
  await withStoreThere(options, async (store) => {
    const answer = await (await agentsOf(store)).heartbeat(id, { load, starts });
    const { agent, restart: isOver, stop: isEnd } = answer;
    const told = { agentId: id, status: agent.status, starts: agent.starts };
    if (json) printJson({ ...told, load: agent.load, restart: isOver, stop: isEnd });
    else if (isEnd) printText(`${id} was stopped: end your work`);
    else if (isOver) printText(`${id} is to begin again, as start ${agent.starts}`);
    else printText(`${id}  ${agent.status}`);
    if (isOver || isEnd) finish(ExitCode.failed);
  });
}

interface RestartFields extends StoreChoice {
  readonly performanceThreshold?: number;
  readonly minTasks?: number;
  readonly stale?: true;
  readonly dryRun?: true;
}

async function restart(id: string | undefined, options: RestartFields): Promise<void> {
  const { performanceThreshold: threshold, minTasks, stale, dryRun = false, json } = options;
  if (id !== undefined && (threshold !== undefined || stale || dryRun)) {
    throw new StigmergyError("INVALID_INPUT", "restart: expected an id alone, or none");
  }
  await withStoreThere(options, async (store) => {
    const registry = await agentsOf(store);
    if (id !== undefined) {
      const { agent, claims, notes } = await registry.restart(id, "asked to");
      if (json) return printJson({ agentId: id, starts: agent.starts, claims, notes });
      return printText(
        `${id}  begins again as start ${agent.starts}; ${claims.length} claims ended, ${notes} notes removed`,
      );
    }
    const done = await registry.restartMany({ threshold, minTasks, stale, dryRun });
    const told = done.map(({ agent, isChosen, reason, successRate, tasks, ended }) => ({
      agentId: agent.id,
      type: agent.type,
      restarted: ended !== undefined,
      wouldRestart: isChosen,
      why: reason,
      successRate,
      tasks,
      claims: ended?.claims ?? [],
    }));
    const restarted = told.filter((each) => each.restarted).length;
    if (json) return printJson({ agents: told, restarted, dryRun });
    const verdict = dryRun ? "would restart" : "restarted";
    const rows = told.map(({ agentId, wouldRestart, why }) => [
      ...[agentId, wouldRestart ? verdict : "left", firstLine(why, 100)],
    ]);
    if (rows.length > 0) printColumns(["id", "", "why"], rows);
    process.stderr.write(`${restarted} of ${rows.length} agents restarted\n`);
  });
}

interface StopFields extends StoreChoice {
  readonly stale?: true;
  readonly force?: true;
  readonly keepNotes?: true;
}

async function stop(ids: readonly string[], options: StopFields): Promise<void> {
  const { stale = false, force = false, keepNotes: promote = false, json } = options;
  if (ids.length === 0 && !stale) {
    throw new StigmergyError("INVALID_INPUT", "stop: expected ids of agents, or --stale");
  }
  await withStoreThere(options, async (store) => {
    const registry = await agentsOf(store);
    const lost = stale ? (await registry.list()).filter(({ status }) => status === "stale") : [];
    const stopped = [];
    for (const id of new Set([...ids, ...lost.map((each) => each.id)])) {
      const { agent, claims, notes } = await registry.stop(id, { force, promote });
      stopped.push({ agentId: agent.id, status: agent.status, claims, notes });
      if (!json) printText(`${id}  stopped; ${claims.length} claims ended`);
    }
    if (json) printJson({ agents: stopped, count: stopped.length });
    else process.stderr.write(`${stopped.length} agents stopped\n`);
  });
}

/** How long ago something was, by a clock that may have been set back since. */
function seenText(ms: number): string {
  return ms < 0 ? `${durationText(-ms)} ahead` : `${durationText(ms)} ago`;
}

/** 90_000 → "1.5 min". */
function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 3_600_000 ? `${(ms / 60_000).toFixed(1)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}
