import type { Command } from "commander";
import { StigmergyError } from "../../errors.ts";
import { agentAnswer, agentsOf, measuredAnswer } from "../../mcp/answer/agent-answer.ts";
import { ExitCode } from "../failure.ts";
import { withStoreThere, type StoreChoice } from "../open-store.ts";
import { examples, storeCommand } from "../options.ts";
import { firstLine, printColumns, printJson, printText } from "../print.ts";
import { storePath } from "../store-path.ts";

interface TypesFields extends StoreChoice {
  readonly group?: string;
  readonly capabilities?: true;
}

const WIDTH = 72; // of a description in a table

/** `stigmergy agent types|show|export` */
export function addAgentTypes(agent: Command, finish: (code: ExitCode) => void): void {
  storeCommand(
    agent,
    "types",
    "the agent types there are; exit code 1 when a file of one has an error",
  )
    .option("--group <name>", "only those of a group, as specialized or github")
    .option("--capabilities", "what types can be good at, in the words that needs are said with")
    .addHelpText("after", examples("stigmergy agent types --group consensus"))
    .action((options: TypesFields) => listTypes(options, finish));

  storeCommand(agent, "show <name>", "a type with its role prompt, or a live agent by its id")
    .addHelpText("after", examples("stigmergy agent show backend-dev"))
    .action((name: string, options: StoreChoice) => show(name, options));

  storeCommand(agent, "export [types...]", "write types as files of Claude Code's sub-agents")
    .option("--to <folder>", "where to; default .claude/agents", ".claude/agents")
    .option("--overwrite", "replace files that say something else")
    .addHelpText(
      "after",
      examples("stigmergy agent export --to .claude/agents", "stigmergy agent export coder tester"),
    )
    .action((names: string[], options: ExportFields) => exportAll(names, options, finish));
}

async function typesOf({ path }: StoreChoice) {
  const { loadAgentTypes } = await import("../../swarm/agent-types.ts");
  return loadAgentTypes(storePath(path));
}

async function listTypes(options: TypesFields, finish: (code: ExitCode) => void): Promise<void> {
  const { group, json } = options;
  if (options.capabilities) {
    const { VOCABULARY } = await import("../../swarm/agent-types.ts");
    if (json) return printJson(VOCABULARY);
    return printColumns(["capability", "means"], Object.entries(VOCABULARY));
  }
  const types = await typesOf(options);
  const { problems } = types;
  const some = group === undefined ? types.list() : types.inGroup(group);
  if (json) {
    const told = some.map(({ prompt: _prompt, ...type }) => {
      return { ...type, isOwn: types.isOwn(type.name) };
    });
    printJson({ types: told, count: told.length, problems });
  } else {
    const rows = some.map((each) => [
      ...[each.name, types.isOwn(each.name) ? `${each.group} (own)` : each.group, each.costClass],
      firstLine(each.description, WIDTH),
    ]);
    if (rows.length > 0) printColumns(["type", "group", "cost", "good at"], rows);
    process.stderr.write(`${some.length} types\n`);
  }
  for (const { file, line, message } of problems) {
    process.stderr.write(`stigmergy: ${file}${line === undefined ? "" : `:${line}`}: ${message}\n`);
  }
  if (problems.length > 0) finish(ExitCode.failed);
}

async function show(name: string, options: StoreChoice): Promise<void> {
  const types = await typesOf(options);
  const type = types.find(name);
  if (type === undefined) {
    // The error of a name that is neither says which types are near.
    return await showAgent(name, types, options).catch((error: unknown) => {
      const isAbsent = error instanceof StigmergyError && error.code === "NOT_FOUND";
      if (isAbsent) types.get(name);
      throw error;
    });
  }
  const prompt = types.rolePrompt(type.name);
  if (options.json) return printJson({ ...type, isOwn: types.isOwn(type.name), prompt });
  const { group, description, capabilities, tools, costClass } = type;
  printText(`${type.name}  (${group}, cost ${costClass})\n${description}`);
  if (capabilities.length > 0) printText(`can: ${capabilities.join(", ")}`);
  printText(`tools: ${tools.join(", ") || "all"}\n\n${prompt}`);
}

async function showAgent(
  id: string,
  types: Awaited<ReturnType<typeof typesOf>>,
  options: StoreChoice,
): Promise<void> {
  await withStoreThere(options, async (store) => {
    const registry = await agentsOf(store);
    const agent = await registry.get(id);
    const metrics = measuredAnswer((await registry.measure([agent])).get(id));
    const told = { ...agentAnswer(agent, types), metrics };
    if (options.json) return printJson(told);
    for (const [field, value] of Object.entries(told)) {
      printText(`${field}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`);
    }
  });
}

interface ExportFields extends StoreChoice {
  readonly to: string;
  readonly overwrite?: true;
}

async function exportAll(
  names: readonly string[],
  options: ExportFields,
  finish: (code: ExitCode) => void,
): Promise<void> {
  const { to, overwrite = false, json } = options;
  const types = await typesOf(options);
  const some = names.length === 0 ? types.list() : names.map((name) => types.get(name));
  const { exportTypes } = await import("../../swarm/export-types.ts");
  const exported = await exportTypes(some, to, overwrite);
  const count = (outcome: string): number =>
    exported.filter((each) => each.outcome === outcome).length;
  const kept = exported.filter(({ outcome }) => outcome === "kept");
  if (json) printJson({ folder: to, exported });
  else {
    printText(
      `${to}: ${count("written")} written, ${count("replaced")} replaced, ${count("unchanged")} unchanged, ${kept.length} kept`,
    );
  }
  for (const { type } of kept) {
    process.stderr.write(
      `stigmergy: ${type}.md says something else and stays; --overwrite replaces it\n`,
    );
  }
  if (kept.length > 0) finish(ExitCode.failed);
}
