import { Option, type Command } from "commander";
import type { ExportFormat } from "../../memory/upkeep/export.ts";
import type { MigrationReport } from "../../memory/importers/import-memory.ts";
import { ExitCode } from "../failure.ts";
import { withExistingStore, withStore, type StoreChoice } from "../open-store.ts";
import { entryCommand, examples } from "../options.ts";
import { printJson, printText } from "../print.ts";

interface ImportFields extends StoreChoice {
  readonly namespace?: string;
  readonly dryRun?: true;
  readonly includeNoise?: true;
}

/** `stigmergy memory export|import|migrate` */
export function addMemoryTransfer(memory: Command, finish: (code: ExitCode) => void): void {
  entryCommand(memory, "export <file>", "write entries as a file, or with md as a folder of files")
    .addOption(
      new Option("--format <format>", "how").choices(["json", "csv", "md"]).default("json"),
    )
    .addHelpText(
      "after",
      `${examples("stigmergy memory export memory.json")}\n\nSealed entries are written in the clear.`,
    )
    .action(async (file: string, options: StoreChoice & ExportFields) => {
      const { namespace, format } = options;
      const report = await withExistingStore(options, (store) =>
        store.export(file, { namespace, format }),
      );
      if (options.json) printJson({ path: file, ...report });
      else printText(`wrote ${report.entries} entries as ${format} to ${file}`);
    });

  importOptions(
    entryCommand(memory, "import <file>", "store what an export or another system's file holds"),
  )
    .addHelpText("after", examples("stigmergy memory import memory.json --dry-run"))
    .action((file: string, options: ImportFields) => bringIn(file, options, finish));

  importOptions(
    entryCommand(memory, "migrate", "store what other systems remember, found in a folder"),
  )
    .requiredOption("--from <folder>", "where they keep it, as the project's folder")
    .addHelpText("after", examples("stigmergy memory migrate --from . --dry-run"))
    .action((options: ImportFields & { from: string }) => bringIn(options.from, options, finish));
}

interface ExportFields {
  readonly namespace?: string;
  readonly format: ExportFormat;
}

function importOptions(command: Command): Command {
  return command
    .option("--dry-run", "only tell what would be stored")
    .option("--include-noise", "also namespaces that only log what was run");
}

async function bringIn(
  from: string,
  options: ImportFields,
  finish: (code: ExitCode) => void,
): Promise<void> {
  const { namespace, dryRun, includeNoise, json } = options;
  const open = dryRun ? withExistingStore : withStore;
  const report = await open(options, (store) =>
    store.import(from, { namespace, dryRun, includeNoise }),
  );
  if (json) printJson(report);
  else for (const line of linesOf(report)) printText(line);
  const isUnread = report.read === 0 && report.sources.some(({ problem }) => problem !== undefined);
  finish(isUnread ? ExitCode.failed : ExitCode.done);
}

function linesOf({ dryRun, sources, read, imported, skipped }: MigrationReport): string[] {
  const lines = sources.map(({ path, format, problem, ...counts }) => {
    const found = `${path}  ${format}  ${counts.imported} of ${counts.read}`;
    return problem === undefined ? found : `${found}  ${problem}`;
  });
  const told = Object.entries(skipped).map(([reason, count]) => `${count} ${reason}`);
  const rest = told.length === 0 ? "" : `; skipped ${told.join(", ")}`;
  return [...lines, `${dryRun ? "would store" : "stored"} ${imported} of ${read} entries${rest}`];
}
