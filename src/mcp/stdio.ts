import { Readable } from "node:stream";
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { messageOf, StigmergyError } from "../errors.ts";
import { MemoryStore } from "../memory/memory-store.ts";
import { clientMessages } from "./session/client-messages.ts";
import { agentOfMessage, UNNAMED_CLIENT } from "./session/client-name.ts";
import { Log, type LogLevel } from "./session/log.ts";
import { redact } from "../security/redact.ts";
import { agentLimits } from "../swarm/agent-limits.ts";
import { kernelSetting } from "../swarm/kernel-setting.ts";
import { modelLimit } from "../swarm/model-limit.ts";
import { knownOptions, type OptionNames } from "../util/option-names.ts";
import { namedSetting } from "../util/settings.ts";
import { createServer } from "./server.ts";
import { startUpkeep } from "./upkeep.ts";
import { settingsWithoutEffect } from "./without-effect.ts";

/** Where a server keeps its store and how much it tells. */
export interface ServeOptions {
  /** Folder of the store. */
  readonly path: string;
  /** Whose rights and name count; default `mcp:` and the name that the client says of itself. */
  readonly agent?: string | undefined;
  /** Default `error`. */
  readonly logLevel?: LogLevel | undefined;
  /** Make a backup every hour while serving, and copy each to a second folder; default not. */
  readonly backups?: { readonly copyTo?: string | undefined } | undefined;
}

const SERVE_NAMES: OptionNames<ServeOptions> = {
  path: true,
  agent: true,
  logLevel: true,
  backups: true,
};

/**
 * Serves MCP on this process's stdin and stdout until stdin closes or a signal asks it to end;
 * then finishes what it has begun to write and closes the store.
 *
 * @example
 * await serveOnStdio({ path: ".stigmergy", agent: "ci" });
 */
export async function serveOnStdio(options: ServeOptions): Promise<void> {
  const {
    path,
    agent,
    logLevel = "error",
    backups,
  } = knownOptions("serveOnStdio", options, SERVE_NAMES);
  if (backups !== undefined) knownOptions("backups", backups, { copyTo: true });
  const log = new Log(logLevel, (line) => process.stderr.write(redact(line)));
  // A setting that can't be understood is told at the start, and not when somebody searches, trains or starts an agent.
  kernelSetting();
  modelLimit();
  agentLimits();
  const unused = settingsWithoutEffect();
  if (unused !== undefined) log.error(unused);
  // Before a client has said its name it has the rights of everyone, and no more.
  const memory = await MemoryStore.open({
    path,
    agent: agent ?? UNNAMED_CLIENT,
    // Whoever names an embedder means it; that of a default is not imposed on a store of another.
    ...(namedSetting(process.env, ["STIGMERGY_EMBEDDER"]) === undefined ? {} : { reembed: true }),
  });
  void memory.reembed().catch((error: unknown) => {
    if (error instanceof StigmergyError && error.code === "CLOSED") return;
    log.error(`embedding the store again: ${messageOf(error)}`);
  });
  const messages = clientMessages(process.stdin, process.stdout);
  const transport = new EndingTransport(Readable.from(messages, { objectMode: false }));
  if (agent === undefined) transport.onName = (name) => memory.actFor(name);
  const ended = untilEnd(transport);
  // Every answer that waits for a slow reader adds a listener.
  process.stdout.setMaxListeners(0);
  const handle = serveStdio(() => createServer({ memory, log }), {
    transport,
    onerror: (error) => log.error(`transport: ${error.message}`),
  });
  const upkeep = startUpkeep({
    open: () => MemoryStore.open({ path, reembed: false }),
    backups: backups !== undefined,
    copyTo: backups?.copyTo,
    log,
  });
  log.info(`serving ${path} on stdio`);
  const why = await ended;
  log.info(`ending: ${why}`);
  await handle.close();
  transport.input.destroy();
  await upkeep.stop();
  await memory.close();
  if (why === BROKEN) {
    throw new StigmergyError(
      "IO_FAILED",
      "mcp: the connection broke, perhaps on a message of more than 10 MiB; store large values in parts",
    );
  }
}

const BROKEN = "connection broken";

/** Tells when it closes, also when it does so by itself, and the first name that its client says. */
class EndingTransport extends StdioServerTransport {
  readonly input: Readable;
  onEnd: (() => void) | undefined;
  onName: ((agent: string) => void) | undefined;

  constructor(input: Readable) {
    super(input);
    this.input = input;
  }

  override async start(): Promise<void> {
    const pass = this.onmessage;
    // A transport hands its messages to one function, not to listeners.
    // oxlint-disable-next-line unicorn/prefer-add-event-listener
    this.onmessage = (message) => {
      const agent = this.onName && agentOfMessage(message);
      if (agent !== undefined) {
        this.onName?.(agent);
        this.onName = undefined;
      }
      pass?.(message);
    };
    await super.start();
  }

  override async close(): Promise<void> {
    await super.close();
    this.onEnd?.();
  }
}

/** Resolves with what asks the process to end: its client has gone, or a signal. */
function untilEnd(transport: EndingTransport): Promise<string> {
  return new Promise((resolve) => {
    transport.onEnd = () => {
      // Its end follows that of stdin, too: then stdin has spoken first.
      setImmediate(() => resolve(BROKEN));
    };
    transport.input.once("close", () => resolve("stdin closed"));
    transport.input.once("end", () => resolve("stdin closed"));
    // A client that dies without closing our stdin shows when we write to it.
    process.stdout.once("error", () => resolve("stdout closed"));
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(signal, () => resolve(signal));
  });
}
