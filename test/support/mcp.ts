import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { onTestFinished } from "vitest";
import type { MemoryStore } from "#dist/index.js";
import { createServer, Log } from "#dist/mcp/index.js";
import { CLI } from "./process.ts";

/** What a tool answered. */
export interface ToolAnswer {
  readonly isError: boolean;
  /** The answer as data. */
  readonly data: Record<string, unknown>;
  /** The answer as text. */
  readonly text: string;
}

/** A client, and the calls that tests make with it. */
export interface TestClient {
  readonly client: Client;
  call(name: string, args?: Record<string, unknown>): Promise<ToolAnswer>;
}

/** A client connected, in this process, to a server over a store. */
export async function connectInMemory(memory: MemoryStore): Promise<TestClient> {
  const server = createServer({ memory, log: new Log("silent") });
  const client = new Client({ name: "test", version: "0.0.0" });
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(serverSide), client.connect(clientSide)]);
  onTestFinished(() => client.close());
  return wrap(client);
}

/** A client connected to the built command, started in `cwd` as users' clients start it. */
export async function connectProcess(
  cwd: string,
  args: readonly string[] = [],
  env?: Record<string, string>,
): Promise<TestClient & { readonly stderr: () => string }> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [CLI, "mcp", "start", ...args],
    cwd,
    stderr: "pipe",
    ...(env === undefined ? {} : { env }),
  });
  let stderr = "";
  transport.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const client = new Client({ name: "test", version: "0.0.0" });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return { ...wrap(client), stderr: () => stderr };
}

function wrap(client: Client): TestClient {
  return {
    client,
    async call(name, args = {}) {
      const result = await client.callTool({ name, arguments: args });
      const [content] = result.content as { type: string; text: string }[];
      const data = (result.structuredContent ?? {}) as Record<string, unknown>;
      return { isError: result.isError === true, data, text: content.text };
    },
  };
}
