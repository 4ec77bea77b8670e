import type { Command } from "commander";
import type { StoreProblem } from "../../memory/integrity/problems.ts";
import { ExitCode } from "../failure.ts";
import {
  actingAgent,
  withExistingStore,
  withStore,
  withStoreThere,
  type StoreChoice,
} from "../open-store.ts";
import { entryCommand, examples, storeCommand } from "../options.ts";
import { bytesText, printJson, printText } from "../print.ts";
import { storePath } from "../store-path.ts";

/** `stigmergy memory backup|restore|verify|repair` */
export function addMemoryBackups(memory: Command, finish: (code: ExitCode) => void): void {
  addBackup(memory, finish);

  entryCommand(memory, "restore", "put a backup in the place of what the memory holds")
    .requiredOption("--backup <backup>", "latest, emergency, or the path of a backup")
    .option("--key <key>", "only this key")
    .option(
      "--key-file <file>",
      "file of the key that the backup is sealed with; default the store's",
    )
    .addHelpText(
      "after",
      examples(
        "stigmergy memory restore --backup latest",
        "stigmergy memory restore --backup latest --key decisions/database",
      ),
    )
    .action(async (options: StoreChoice & RestoreFields) => {
      const { backup, key, namespace } = options;
      const { MemoryStore } = await import("../../memory/memory-store.ts");
      const { readKeyFile } = await import("../../security/master-key.ts");
      const keyFile = options.keyFile;
      const sealed = keyFile === undefined ? {} : { encryptionKey: await readKeyFile(keyFile) };
      const part = { key, namespace, ...sealed };
      const agent = actingAgent();
      const acting = agent === undefined ? {} : { agent };
      const anew = await MemoryStore.restoreAnew(storePath(options.path), backup, part, acting);
      const report = anew ?? (await withStore(options, (store) => store.restore(backup, part)));
      if (options.json) return printJson(report);
      printText(`restored ${report.entries} entries from ${report.path}`);
      if (report.before !== undefined) printText(`what was there before: ${report.before}`);
    });

  storeCommand(memory, "verify", "read all of the memory; exit code 1 when something is not right")
    .option("--full", "compare words and vectors of every entry, not only of a sample")
    .addHelpText("after", examples("stigmergy memory verify --full"))
    .action(async (options: StoreChoice & { full?: true }) => {
      const { full } = options;
      const report = await withExistingStore(options, (store) => store.verify({ full }));
      if (options.json) printJson(report);
      else {
        for (const problem of report.problems) printText(lineOf(problem));
        printText(`${report.entries} entries, ${report.ok ? "whole" : "NOT whole"}`);
      }
      finish(report.ok ? ExitCode.done : ExitCode.failed);
    });

  storeCommand(memory, "repair", "mend what is damaged, and keep the file as it was")
    .addHelpText("after", examples("stigmergy memory repair"))
    .action(async (options: StoreChoice) => {
      const { MemoryStore } = await import("../../memory/memory-store.ts");
      const report = await MemoryStore.repair(storePath(options.path));
      if (options.json) return printJson(report);
      const { repaired, entries, lost, rebuilt, originalKept } = report;
      if (!repaired) return printText(`nothing to repair: ${entries} entries, whole`);
      for (const problem of lost) printText(`lost: ${lineOf(problem)}`);
      const made = rebuilt.length === 0 ? "" : `, made anew: ${rebuilt.join(", ")}`;
      printText(`repaired: ${entries} entries${made}`);
      if (originalKept !== undefined) printText(`what was there before: ${originalKept}`);
    });
}

interface RestoreFields {
  readonly backup: string;
  readonly keyFile?: string;
  readonly key?: string;
  readonly namespace?: string;
}

function addBackup(memory: Command, finish: (code: ExitCode) => void): void {
  const backup = storeCommand(memory, "backup [file]", "copy the memory, while others write")
    .option("--emergency", "keep it until somebody removes it by hand")
    .addHelpText(
      "after",
      `${examples("stigmergy memory backup", "stigmergy memory backup copy.json")}

Without a file it goes into the folder backups of the store. A name that ends in .json gives a
readable document, any other a SQLite file.`,
    )
    .action(async (file: string | undefined, options: StoreChoice & { emergency?: true }) => {
      const { emergency } = options;
      const report = await withStoreThere(options, (store) => store.backup(file, { emergency }));
      if (options.json) return printJson(report);
      const { entries, bytes, path, sha256 } = report;
      printText(`${entries} entries, ${bytesText(bytes)}, sha256 ${sha256}`);
      printText(path);
    });

  storeCommand(backup, "drill [backup]", "rehearse a restore; exit code 1 when it would fail")
    .addHelpText("after", examples("stigmergy memory backup drill"))
    .action(async (file: string | undefined, _: StoreChoice, command: Command) => {
      // --path and --json may have been taken by the command above.
      const options = command.optsWithGlobals<StoreChoice>();
      const report = await withExistingStore(options, (store) => store.backupDrill(file));
      if (options.json) printJson(report);
      else {
        for (const problem of report.problems) printText(problem);
        const { entries, changedSince, seconds, path, ok } = report;
        const since = `${changedSince} changed since`;
        printText(`${ok ? "ok" : "FAILED"}: ${entries} entries, ${since}, ${seconds.toFixed(2)} s`);
        printText(path);
      }
      finish(report.ok ? ExitCode.done : ExitCode.failed);
    });
}

function lineOf({ part, detail, namespace, key }: StoreProblem): string {
  const where = [namespace, key].filter((each) => each !== undefined).join("  ");
  return where === "" ? `${part}: ${detail}` : `${part}: ${detail}  ${where}`;
}
