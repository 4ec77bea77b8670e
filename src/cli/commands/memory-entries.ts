import { Option, type Command } from "commander";
import { PROVENANCES, type Provenance } from "../../memory/entries/entry.ts";
import { ExitCode } from "../failure.ts";
import { withExistingStore, withStore, type StoreChoice } from "../open-store.ts";
import { entryCommand, examples, jsonOption, list, number } from "../options.ts";
import { firstLine, printJson, printText, warn } from "../print.ts";
import { stdinText } from "../stdin-text.ts";
import { addMemorySearch } from "./memory-search.ts";

interface EntryChoice extends StoreChoice {
  readonly namespace?: string;
}

const VALUE_WIDTH = 100; // characters of a value that a line shows

/** `stigmergy memory store|get|list|search|delete` */
export function addMemoryEntries(memory: Command, finish: (code: ExitCode) => void): void {
  addStore(memory);
  addGet(memory, finish);
  addList(memory);
  addMemorySearch(memory);
  addDelete(memory, finish);
}

function addStore(memory: Command): void {
  entryCommand(memory, "store <key> <value>", "store a value under a key; - reads it from stdin")
    .option("--ttl <seconds>", "when it ends", number)
    .option("--tags <tags>", "labels, with commas between them", list)
    .option("--metadata <json>", "facts about it, as a JSON object", jsonOption("metadata"))
    .option("--agent <name>", "who says it")
    .option("--session <name>", "the conversation or run it belongs to")
    .option("--if-version <version>", "only if the entry has it still; 0: only if none", number)
    .option("--pinned", "never evict it to make room")
    .option("--no-pinned", "let it be evicted again")
    .addOption(new Option("--provenance <kind>", "how it came to be known").choices(PROVENANCES))
    .addHelpText(
      "after",
      examples(
        "stigmergy memory store decisions/database 'PostgreSQL, for its row locks' --tags db,adr",
        "git diff | stigmergy memory store review/diff - --ttl 3600 --agent reviewer",
        "stigmergy memory store lock/deploy agent-7 --if-version 0 --ttl 60",
      ),
    )
    .action(async (key: string, value: string, options: EntryChoice & StoreFields) => {
      const { path: _path, json, ...fields } = options;
      const text = value === "-" ? await stdinText() : value;
      const entry = await withStore(options, async (store) => {
        const stored = await store.store({ key, value: text, ...fields });
        const { embedderFailure } = store;
        if (embedderFailure !== undefined) warn(`its vector is made later: ${embedderFailure}`);
        return stored;
      });
      if (json) printJson(entry);
      else printText(`stored ${entry.namespace} ${entry.key} (version ${entry.version})`);
    });
}

function addGet(memory: Command, finish: (code: ExitCode) => void): void {
  entryCommand(memory, "get <key>", "print the value of a key; exit code 1 when there is none")
    .option("--history", "print the values that it had before, the latest first")
    .addHelpText("after", examples("stigmergy memory get decisions/database --json"))
    .action(async (key: string, options: EntryChoice & { history?: true }) => {
      const { namespace } = options;
      if (options.history) {
        const past = await withExistingStore(options, (store) => store.history(key, { namespace }));
        finish(past.length === 0 ? ExitCode.failed : ExitCode.done);
        if (options.json) return printJson(past);
        for (const { version, replacedAt, value } of past) {
          const until = new Date(replacedAt).toISOString();
          printText(`version ${version}, until ${until}\n${value}`);
        }
        return;
      }
      const entry = await withExistingStore(options, (store) => store.retrieve(key, { namespace }));
      if (options.json) printJson({ found: entry !== undefined, ...entry });
      else if (entry !== undefined) printText(entry.value);
      else process.stderr.write(`stigmergy: no entry ${key} in ${namespace ?? "default"}\n`);
      finish(entry === undefined ? ExitCode.failed : ExitCode.done);
    });
}

function addList(memory: Command): void {
  entryCommand(memory, "list", "list entries in the order of namespace and key")
    .option("--pattern <pattern>", "only keys that match, as 'api/*'")
    .option("--session <name>", "only of this conversation or run")
    .option("--limit <count>", "most entries; default 100", number)
    .option("--offset <count>", "entries to pass over first", number)
    .addHelpText("after", examples("stigmergy memory list --pattern 'decisions/*' --json"))
    .action(async (options: EntryChoice & ListFields) => {
      const { namespace, pattern, session, limit, offset } = options;
      const entries = await withExistingStore(options, (store) =>
        store.list({ namespace, pattern, session, limit, offset }),
      );
      if (options.json) return printJson(entries);
      for (const { namespace: of, key, value } of entries) {
        printText(`${of}  ${key}  ${firstLine(value, VALUE_WIDTH)}`);
      }
    });
}

function addDelete(memory: Command, finish: (code: ExitCode) => void): void {
  entryCommand(memory, "delete <key>", "delete an entry; exit code 1 when there is none")
    .option("--if-version <version>", "only if it has this version still", number)
    .option("--erase", "leave nothing of it in the store's files, earlier values included")
    .addHelpText("after", examples("stigmergy memory delete secrets/old-token --erase"))
    .action(async (key: string, options: EntryChoice & DeleteFields) => {
      const { namespace, ifVersion, erase } = options;
      const deleted = await withExistingStore(options, (store) =>
        store.delete(key, { namespace, ifVersion, erase }),
      );
      if (options.json) printJson({ deleted, key, namespace: namespace ?? "default" });
      else printText(deleted ? `deleted ${key}` : `no entry ${key} in ${namespace ?? "default"}`);
      finish(deleted ? ExitCode.done : ExitCode.failed);
    });
}

interface StoreFields {
  readonly ttl?: number;
  readonly tags?: string[];
  readonly metadata?: Record<string, unknown>;
  readonly agent?: string;
  readonly session?: string;
  readonly ifVersion?: number;
  readonly pinned?: boolean;
  readonly provenance?: Provenance;
}

interface DeleteFields {
  readonly ifVersion?: number;
  readonly erase?: true;
}

interface ListFields {
  readonly pattern?: string;
  readonly session?: string;
  readonly limit?: number;
  readonly offset?: number;
}
