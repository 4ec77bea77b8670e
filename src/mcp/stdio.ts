import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { MemoryStore } from "../memory/memory-store.ts";
import { Log, type LogLevel } from "./log.ts";
import { createServer } from "./server.ts";

/** Where a server keeps its store and how much it tells. */
export interface ServeOptions {
  /** Folder of the store. */
  readonly path: string;
  /** Default `error`. */
  readonly logLevel?: LogLevel;
}

/**
 * Serves MCP on this process's stdin and stdout until stdin closes or a signal asks it to end;
 * then finishes what it has begun to write and closes the store.
 */
export async function serveOnStdio({ path, logLevel = "error" }: ServeOptions): Promise<void> {
  const log = new Log(logLevel);
  const memory = await MemoryStore.open({ path });
  const transport = new StdioServerTransport();
  const ended = untilEnd();
  const handle = serveStdio(() => createServer({ memory, log }), {
    transport,
    onerror: (error) => log.error(`transport: ${error.message}`),
  });
  log.info(`serving ${path} on stdio`);
  log.info(`ending: ${await ended}`);
  await handle.close();
  await memory.close();
}

/** Resolves with what asks the process to end: its client has gone, or a signal. */
function untilEnd(): Promise<string> {
  return new Promise((resolve) => {
    process.stdin.once("close", () => resolve("stdin closed"));
    process.stdin.once("end", () => resolve("stdin closed"));
    // A client that dies without closing our stdin shows when we write to it.
    process.stdout.once("error", () => resolve("stdout closed"));
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => resolve(signal));
  });
}
