import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { InvalidArgumentError, Option, type Command } from "commander";
import { StigmergyError } from "../../errors.ts";
import type { MemoryStore } from "../../memory/memory-store.ts";
import type { SearchMode } from "../../memory/search.ts";
import { ExitCode } from "../failure.ts";
import { firstLine, printJson, printText } from "../print.ts";
import { storePath } from "../store-path.ts";

interface StoreOptions {
  readonly path?: string;
  readonly json?: true;
  readonly namespace?: string;
}

const VALUE_WIDTH = 100; // characters of a value that a line shows

/** `stigmergy memory …` */
export function addMemoryCommands(program: Command, finish: (code: ExitCode) => void): void {
  const memory = program.command("memory").description("the shared memory");
  addStore(memory);
  addGet(memory, finish);
  addList(memory);
  addSearch(memory);
  addDelete(memory, finish);
}

function addStore(memory: Command): void {
  command(memory, "store <key> <value>", "store a value under a key; - reads it from stdin")
    .option("--ttl <seconds>", "when it ends", number)
    .option("--tags <tags>", "labels, with commas between them", list)
    .option("--metadata <json>", "facts about it, as a JSON object", json)
    .option("--agent <name>", "who says it")
    .option("--session <name>", "the conversation or run it belongs to")
    .addHelpText(
      "after",
      `
Examples:
  $ stigmergy memory store decisions/database 'PostgreSQL, for its row locks' --tags db,adr
  $ git diff | stigmergy memory store review/diff - --ttl 3600 --agent reviewer`,
    )
    .action(async (key: string, value: string, options: StoreOptions & StoreFields) => {
      const { namespace, ttl, tags, metadata, agent, session } = options;
      const text = value === "-" ? await readAll(process.stdin) : value;
      const entry = await withStore(options, (store) =>
        store.store({ key, value: text, namespace, ttl, tags, metadata, agent, session }),
      );
      if (options.json) printJson(entry);
      else printText(`stored ${entry.namespace} ${entry.key} (entry ${entry.id})`);
    });
}

function addGet(memory: Command, finish: (code: ExitCode) => void): void {
  command(memory, "get <key>", "print the value of a key; exit code 1 when there is none").action(
    async (key: string, options: StoreOptions) => {
      const { namespace } = options;
      const entry = await withExistingStore(options, (store) => store.retrieve(key, { namespace }));
      if (options.json) printJson({ found: entry !== undefined, ...entry });
      else if (entry !== undefined) printText(entry.value);
      else process.stderr.write(`stigmergy: no entry ${key} in ${namespace ?? "default"}\n`);
      finish(entry === undefined ? ExitCode.failed : ExitCode.done);
    },
  );
}

function addList(memory: Command): void {
  command(memory, "list", "list entries in the order of namespace and key")
    .option("--pattern <pattern>", "only keys that match, as 'api/*'")
    .option("--limit <count>", "most entries; default 100", number)
    .option("--offset <count>", "entries to pass over first", number)
    .action(async (options: StoreOptions & ListFields) => {
      const { namespace, pattern, limit, offset } = options;
      const entries = await withExistingStore(options, (store) =>
        store.list({ namespace, pattern, limit, offset }),
      );
      if (options.json) return printJson(entries);
      for (const { namespace: of, key, value } of entries) {
        printText(`${of}  ${key}  ${firstLine(value, VALUE_WIDTH)}`);
      }
    });
}

function addSearch(memory: Command): void {
  command(memory, "search <text...>", "find entries by a text, or by a key pattern as 'api/*'")
    .option("--limit <count>", "most hits; default 10", number)
    .option("--threshold <score>", "least score, 0 to 1", number)
    .option("--tags <tags>", "only entries with all of these, with commas between them", list)
    .option("--since <time>", "only entries said since, as 2026-01-31 or 2026-01-31T12:00Z", moment)
    .addOption(
      new Option("--mode <mode>", "how to look")
        .choices(["auto", "glob", "lexical", "semantic", "hybrid"])
        .default("auto"),
    )
    .addHelpText(
      "after",
      `
Examples:
  $ stigmergy memory search how do we lock rows
  $ stigmergy memory search 'decisions/*' --namespace shop --json`,
    )
    .action(async (words: string[], options: StoreOptions & SearchFields) => {
      const { namespace, limit, mode, threshold, tags, since } = options;
      const query = words.join(" ");
      const result = await withExistingStore(options, (store) =>
        store.search({ query, namespace, limit, mode, threshold, tags, since }),
      );
      if (options.json) return printJson(result);
      for (const { namespace: of, key, value, score } of result.hits) {
        printText(`${score.toFixed(3)}  ${of}  ${key}  ${firstLine(value, VALUE_WIDTH)}`);
      }
      const { kind, id } = result.embedder;
      process.stderr.write(`${result.hits.length} hits, ${result.mode}, ${kind} vectors (${id})\n`);
    });
}

function addDelete(memory: Command, finish: (code: ExitCode) => void): void {
  command(memory, "delete <key>", "delete an entry; exit code 1 when there is none").action(
    async (key: string, options: StoreOptions) => {
      const { namespace } = options;
      const deleted = await withExistingStore(options, (store) => store.delete(key, { namespace }));
      if (options.json) printJson({ deleted, key, namespace: namespace ?? "default" });
      else printText(deleted ? `deleted ${key}` : `no entry ${key} in ${namespace ?? "default"}`);
      finish(deleted ? ExitCode.done : ExitCode.failed);
    },
  );
}

interface StoreFields {
  readonly ttl?: number;
  readonly tags?: string[];
  readonly metadata?: Record<string, unknown>;
  readonly agent?: string;
  readonly session?: string;
}

interface ListFields {
  readonly pattern?: string;
  readonly limit?: number;
  readonly offset?: number;
}

interface SearchFields {
  readonly limit?: number;
  readonly threshold?: number;
  readonly tags?: string[];
  readonly since?: number;
  readonly mode: SearchMode;
}

function command(memory: Command, usage: string, description: string): Command {
  return memory
    .command(usage)
    .description(description)
    .option("--path <folder>", "folder of the store")
    .option("--namespace <name>", "part of the memory")
    .option("--json", "print JSON");
}

async function withStore<Result>(
  { path }: StoreOptions,
  work: (store: MemoryStore) => Promise<Result>,
): Promise<Result> {
  return inFolder(storePath(path), work);
}

/**
 * As `withStore`, for commands that only look: where there is no store they make none, which a later
 * command would take for the project's. They look into an empty one that is gone afterwards.
 */
async function withExistingStore<Result>(
  { path }: StoreOptions,
  work: (store: MemoryStore) => Promise<Result>,
): Promise<Result> {
  const folder = storePath(path);
  if (existsSync(folder)) return inFolder(folder, work);
  const empty = mkdtempSync(join(tmpdir(), "stigmergy-empty-"));
  try {
    process.stderr.write("stigmergy: no store here yet; stigmergy memory store makes one\n");
    return await inFolder(empty, work);
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
}

async function inFolder<Result>(
  path: string,
  work: (store: MemoryStore) => Promise<Result>,
): Promise<Result> {
  // Loaded here, so that help and --version do not wait for SQLite and the kernels.
  const { MemoryStore } = await import("../../memory/memory-store.ts");
  await using store = await MemoryStore.open({ path });
  return await work(store);
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) {
    throw new InvalidArgumentError("expected a number");
  }
  return value;
}

function moment(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError("expected a date, as 2026-01-31");
  return time;
}

function list(text: string): string[] {
  return text
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
}

function json(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StigmergyError("INVALID_INPUT", "metadata: expected a JSON object", { cause });
  }
}
