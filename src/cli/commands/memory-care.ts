import type { Command } from "commander";
import { confirm } from "../confirm.ts";
import { ExitCode } from "../failure.ts";
import { withExistingStore, withStoreThere, type StoreChoice } from "../open-store.ts";
import { entryCommand, examples, number, storeCommand } from "../options.ts";
import { bytesText, printJson, printText, warn } from "../print.ts";

/** `stigmergy memory stats|clear|gc|compress` */
export function addMemoryCare(memory: Command, finish: (code: ExitCode) => void): void {
  storeCommand(memory, "stats", "what the memory holds, in entries and bytes")
    .addHelpText("after", examples("stigmergy memory stats --json"))
    .action(async (options: StoreChoice) => {
      const stats = await withExistingStore(options, (store) => store.stats({ byAgent: true }));
      if (options.json) return printJson(stats);
      const { entries, expired, fileBytes, namespaces, agents = [], seq, isSealed } = stats;
      printText(`${entries} entries, ${expired} expired, ${bytesText(fileBytes)}, ${seq} changes`);
      const readOnly = stats.isReadOnly ? ", can only be read" : "";
      printText(
        `${isSealed ? "sealed" : "not sealed"}, ${stats.hasPolicy ? "a" : "no"} policy${readOnly}`,
      );
      if (stats.unsealed !== undefined) {
        warn(
          `${stats.unsealed} entries are in the clear: written before the store had a key; stigmergy memory rekey seals them`,
        );
      }
      for (const each of namespaces) {
        printText(`in ${each.namespace}  ${each.entries} entries, ${bytesText(each.valueBytes)}`);
      }
      for (const each of agents) {
        const who = each.agent ?? "nobody named";
        printText(`by ${who}  ${each.entries} entries, ${bytesText(each.valueBytes)}`);
      }
    });
  addClear(memory, finish);

  entryCommand(memory, "gc", "remove what expired or belongs to nothing, and give its space back")
    .option("--aggressive", "also compress what is cold, drop old history, compact the file")
    .option("--dry-run", "only count")
    .addHelpText("after", examples("stigmergy memory gc --aggressive"))
    .action(async (options: StoreChoice & GcFields) => {
      const { namespace, aggressive, dryRun } = options;
      const report = await withExistingStore(options, (store) =>
        store.gc({ namespace, aggressive, dryRun }),
      );
      if (options.json) return printJson(report);
      const { expired, orphans, history, compressed, bytesBefore, bytesAfter } = report;
      printText(
        `${dryRun ? "would remove" : "removed"} ${expired} expired, ${orphans} orphans, ${history} of history`,
      );
      if (!dryRun) {
        const sizes = `${bytesText(bytesBefore)} before, ${bytesText(bytesAfter)} after`;
        printText(`${compressed} compressed, ${sizes}`);
      }
    });

  entryCommand(memory, "compress", "make values smaller on disk; they stay as readable")
    .option("--idle <seconds>", "only entries neither written nor read for so long", number)
    .addHelpText("after", examples("stigmergy memory compress --namespace logs"))
    .action(async (options: StoreChoice & { namespace?: string; idle?: number }) => {
      const { namespace, idle: idleSeconds } = options;
      const report = await withExistingStore(options, (store) =>
        store.compress({ namespace, idleSeconds }),
      );
      if (options.json) return printJson({ namespace: namespace ?? null, ...report });
      const { entries, bytesBefore, bytesAfter } = report;
      const sizes = `${bytesText(bytesBefore)} before, ${bytesText(bytesAfter)} after`;
      printText(`${entries} entries are smaller; ${sizes}`);
    });
}

interface GcFields {
  readonly namespace?: string;
  readonly aggressive?: true;
  readonly dryRun?: true;
}

interface ClearFields {
  readonly namespace: string;
  readonly yes?: true;
  readonly backup: boolean;
}

function addClear(memory: Command, finish: (code: ExitCode) => void): void {
  storeCommand(memory, "clear", "back up, then remove every entry of a namespace")
    .requiredOption("--namespace <name>", "part of the memory")
    .option("--yes", "do not ask")
    .option("--no-backup", "do not back up first")
    .addHelpText("after", examples("stigmergy memory clear --namespace scratch"))
    .action(async (options: StoreChoice & ClearFields) => {
      const { namespace, json } = options;
      await withStoreThere(options, async (store) => {
        const { namespaces } = await store.stats();
        const found = namespaces.find((each) => each.namespace === namespace);
        const question = `remove ${found?.entries ?? 0} entries of namespace ${namespace}?`;
        if (!options.yes && !(await confirm(question))) {
          process.stderr.write("stigmergy: nothing was removed\n");
          return finish(ExitCode.failed);
        }
        const copy = options.backup ? await store.backup() : undefined;
        const removed = await store.clear({ namespace });
        if (json) return printJson({ namespace, removed, backup: copy?.path ?? null });
        printText(`removed ${removed} entries of ${namespace}`);
        if (copy !== undefined) printText(`what was there before: ${copy.path}`);
      });
    });
}
