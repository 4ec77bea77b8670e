import type { Command } from "commander";
import type { Entry } from "../../memory/entries/entry.ts";
import type { MemoryStore } from "../../memory/memory-store.ts";
import { StigmergyError } from "../../errors.ts";
import { matchesPattern } from "../../security/patterns.ts";
import { ExitCode } from "../failure.ts";
import { interrupted } from "../interrupted.ts";
import { withStore, withExistingStore, type StoreChoice } from "../open-store.ts";
import { examples, jsonOption, number, storeCommand } from "../options.ts";
import { printJson, printText } from "../print.ts";

const EVENT = "notify";
const PAGE = 1000; // entries read at a time
const MOST_SECONDS = 2_000_000; // that a timer of Node's can wait

interface RestoreFields extends StoreChoice {
  readonly sessionId: string;
  readonly wait?: string;
  readonly timeout?: number;
  readonly since?: number;
}

/** `stigmergy hooks …`: what clients run around the work of agents. */
export function addHooksCommands(program: Command, finish: (code: ExitCode) => void): void {
  const hooks = program.command("hooks").description("what clients run around the work of agents");
  storeCommand(hooks, "notify", "send a message to the agents that wait for it or watch")
    .requiredOption("--message <text>", "what happened")
    .option("--data <json>", "facts about it", jsonOption("data"))
    .option("--event <name>", "the message's name", EVENT)
    .addHelpText(
      "after",
      examples(`stigmergy hooks notify --message schema-complete --data '{"tables":["users"]}'`),
    )
    .action(async (options: StoreChoice & { message: string; data?: unknown; event: string }) => {
      const { message, data, event: name, json } = options;
      const told = data === undefined ? { message } : { message, data };
      const version = await withStore(options, (store) => store.send({ name, data: told }));
      if (json) printJson({ name, version });
      else printText(`sent ${name} (version ${version})`);
    });

  storeCommand(hooks, "session-restore", "print the entries of a session, the newest last")
    .requiredOption("--session-id <name>", "the session that they were stored with")
    .option("--wait <event>", "first wait for a message of this name, or that notify sent")
    .option("--timeout <seconds>", "how long at most; then exit code 1", number)
    .option("--since <version>", "also take a message sent after this version", number)
    .addHelpText(
      "after",
      examples(
        "stigmergy hooks session-restore --session-id shared-state",
        "stigmergy hooks session-restore --session-id schema --wait schema-complete --timeout 600",
      ),
    )
    .action((options: RestoreFields) => restore(options, finish));
}

async function restore(options: RestoreFields, finish: (code: ExitCode) => void): Promise<void> {
  const { sessionId: session, wait, timeout, json } = options;
  if (wait === undefined && timeout !== undefined) {
    throw new StigmergyError("INVALID_INPUT", "timeout: expected --wait with it");
  }
  const open = wait === undefined ? withExistingStore : withStore;
  await open(options, async (store) => {
    if (wait !== undefined && !(await arrives(store, wait, options))) {
      process.stderr.write(`stigmergy: no message ${wait} in ${timeout} seconds\n`);
      return finish(ExitCode.failed);
    }
    const entries = await entriesOf(store, session);
    if (json) return printJson({ sessionId: session, entries, count: entries.length });
    for (const { namespace, key, value } of entries) printText(`${namespace}  ${key}\n${value}`);
    process.stderr.write(`${entries.length} entries of session ${session}\n`);
  });
}

/** Whether a message came before the time was over. */
async function arrives(
  store: MemoryStore,
  event: string,
  { timeout, since }: RestoreFields,
): Promise<boolean> {
  const signals = [interrupted()];
  if (timeout !== undefined) {
    if (!(timeout >= 0 && timeout <= MOST_SECONDS)) {
      const expected = `timeout: expected seconds, 0 to ${MOST_SECONDS}`;
      throw new StigmergyError("INVALID_INPUT", `${expected}, received ${timeout}`);
    }
    signals.push(AbortSignal.timeout(timeout * 1000));
  }
  const changes = store.watch({ message: "*", since, signal: AbortSignal.any(signals) });
  process.stderr.write(`stigmergy: waiting for ${event}\n`);
  for await (const change of changes) {
    if (change.type !== "message") continue;
    if (matchesPattern(event, change.name) || saysMessage(change.data, event)) return true;
  }
  return false;
}

function saysMessage(data: unknown, event: string): boolean {
  return typeof data === "object" && data !== null && "message" in data && data.message === event;
}

async function entriesOf(store: MemoryStore, session: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const offset = entries.length;
    const page = await store.list({ session, order: "time", limit: PAGE, offset });
    entries.push(...page);
    if (page.length < PAGE) return entries;
  }
}
