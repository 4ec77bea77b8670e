import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { onTestFinished } from "vitest";
import type { MemoryStore } from "#dist/index.js";
import { createServer, Log } from "#dist/mcp/index.js";
import { testFolder } from "./folder.ts";
import { CLI } from "./process.ts";
import { testStore } from "./store.ts";

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

/** A client connected to a server over a new store, and that store. */
export async function connectedStore(): Promise<TestClient & { readonly store: MemoryStore }> {
  const store = await testStore();
  return { store, ...(await connectInMemory(store)) };
}

/** As `connectedStore`, in a project whose files the server may read, and what writes such files. */
export async function connectedProject() {
  const root = testFolder();
  const store = await testStore({ path: join(root, ".stigmergy") });
  const { call, client } = await connectInMemory(store);
  const write = (name: string, text: string): string => {
    writeFileSync(join(root, name), text);
    return name;
  };
  const lines = (name: string, records: readonly object[]): string =>
    write(name, records.map((each) => JSON.stringify(each)).join("\n"));
  return { root, store, call, client, write, lines };
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
