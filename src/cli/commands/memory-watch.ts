import type { Command } from "commander";
import type { Change } from "../../memory/entries/changes.ts";
import { withStore, type StoreChoice } from "../open-store.ts";
import { entryCommand, examples, jsonOption, number, storeCommand } from "../options.ts";
import { firstLine, printJson, printText } from "../print.ts";

const WIDTH = 100; // characters of a value or of a message's data that a line shows

interface WatchFields extends StoreChoice {
  readonly namespace?: string;
  readonly pattern?: string;
  readonly message?: string;
  readonly since?: number;
  readonly count?: number;
}

/** `stigmergy memory watch|send` */
export function addMemoryWatch(memory: Command): void {
  entryCommand(memory, "watch", "print what is stored, removed or sent, a line each, until ^C")
    .option("--pattern <pattern>", "only keys that match, as 'api/*'")
    .option("--message <pattern>", "messages of these names; alone, no entries")
    .option("--since <version>", "also what happened after this version", number)
    .option("--count <count>", "end after so many", number)
    .addHelpText(
      "after",
      examples(
        "stigmergy memory watch --namespace shop --json",
        "stigmergy memory watch --message 'build/*' --count 1",
      ),
    )
    .action((options: WatchFields) => withStore(options, (store) => watch(store, options)));

  storeCommand(memory, "send <name> [data]", "send a message, with JSON as data, to who watches")
    .addHelpText("after", examples(`stigmergy memory send build/done '{"commit":"5d1f"}'`))
    .action(async (name: string, data: string | undefined, options: StoreChoice) => {
      const parsed = data === undefined ? null : jsonOption("data")(data);
      const version = await withStore(options, (store) => store.send({ name, data: parsed }));
      if (options.json) printJson({ name, version });
      else printText(`sent ${name} (version ${version})`);
    });
}

type Store = Parameters<Parameters<typeof withStore>[1]>[0];

async function watch(store: Store, options: WatchFields): Promise<void> {
  const { namespace, pattern, message, since, count = Infinity, json } = options;
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => interrupt.abort());
  }
  const changes = store.watch({ namespace, pattern, message, since, signal: interrupt.signal });
  process.stderr.write("stigmergy: watching; ^C ends it\n");
  let told = 0;
  for await (const change of changes) {
    if (json) process.stdout.write(`${JSON.stringify(change)}\n`);
    else printText(lineOf(change));
    if (++told >= count) break;
  }
}

function lineOf(change: Change): string {
  switch (change.type) {
    case "stored": {
      const { namespace, key, version, entry } = change;
      return `stored   ${version}  ${namespace}  ${key}  ${firstLine(entry.value, WIDTH)}`;
    }
    case "removed":
      return `removed  ${change.version}  ${change.namespace}  ${change.key}`;
    case "message": {
      const data = firstLine(JSON.stringify(change.data), WIDTH);
      return `message  ${change.version}  ${change.name}  ${data}`;
    }
    case "reset":
      return `reset    ${change.version}`;
  }
}
