import { Option, type Command } from "commander";
import { StigmergyError } from "../../errors.ts";
import type { NamespaceChange, NamespaceSettings } from "../../memory/entries/namespaces.ts";
import { withExistingStore, withStore, type StoreChoice } from "../open-store.ts";
import { examples, list, number, storeCommand } from "../options.ts";
import { bytesText, printJson, printText } from "../print.ts";

const NAMES = [
  ...["ttl", "maxEntries", "maxBytes", "eviction", "history", "vectors", "sealed"],
] as readonly (keyof NamespaceSettings)[];

type NamespaceFields = StoreChoice & NamespaceSettings & { readonly unset?: string[] };

/** `stigmergy memory namespaces|namespace` */
export function addMemoryNamespaces(memory: Command): void {
  storeCommand(memory, "namespaces", "list the parts of the memory, with entries and settings")
    .addHelpText("after", examples("stigmergy memory namespaces --json"))
    .action(async (options: StoreChoice) => {
      const { namespaces } = await withExistingStore(options, (store) => store.stats());
      if (options.json) return printJson(namespaces);
      for (const { namespace, entries, valueBytes, settings } of namespaces) {
        const told = Object.keys(settings).length === 0 ? "" : `  ${JSON.stringify(settings)}`;
        printText(`${namespace}  ${entries} entries, ${bytesText(valueBytes)}${told}`);
      }
    });

  storeCommand(memory, "namespace <name>", "show or change how a part of the memory is kept")
    .option("--ttl <seconds>", "how long an entry lives whose request does not say", number)
    .option("--max-entries <count>", "most entries", number)
    .option("--max-bytes <bytes>", "most bytes of values", number)
    .addOption(
      new Option("--eviction <kind>", "what makes room beyond a limit; none refuses").choices([
        ...["none", "lru", "lfu"],
      ]),
    )
    .option("--history <count>", "earlier values kept of each key", number)
    .option("--vectors", "find entries by vectors")
    .option("--no-vectors", "find entries by words and keys alone")
    .option("--sealed", "seal it, in a store that has a key")
    .option("--no-sealed", "keep it in the clear, also in a store that has a key")
    .option("--unset <names>", "take settings back to their defaults, as ttl,maxEntries", list)
    .addHelpText(
      "after",
      examples(
        "stigmergy memory namespace scratch --ttl 3600 --max-entries 1000 --eviction lru",
        "stigmergy memory namespace decisions --history 20",
      ),
    )
    .action(async (name: string, options: NamespaceFields) => {
      const change = changeOf(options);
      const isChange = Object.keys(change).length > 0;
      const open = isChange ? withStore : withExistingStore;
      const settings = await open(options, (store) => store.configure(name, change));
      if (options.json) return printJson({ namespace: name, settings });
      const told = Object.entries(settings).map(([each, value]) => `${each} ${value}`);
      printText(`${name}: ${told.length === 0 ? "all settings as by default" : told.join(", ")}`);
    });
}

function changeOf(options: NamespaceFields): NamespaceChange {
  const given = NAMES.filter((name) => options[name] !== undefined);
  for (const name of options.unset ?? []) {
    if (given.some((each) => each === name)) {
      throw new StigmergyError("INVALID_INPUT", `unset: ${name} is given a value as well`);
    }
  }
  return Object.fromEntries([
    ...given.map((name) => [name, options[name]]),
    ...(options.unset ?? []).map((name) => [name, null]),
  ]);
}
