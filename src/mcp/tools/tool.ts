import type { McpServer } from "@modelcontextprotocol/server";
import type { MemoryStore } from "../../memory/memory-store.ts";
import type { Log } from "../log.ts";

/** What a tool works with. */
export interface ToolContext {
  readonly memory: MemoryStore;
  readonly log: Log;
}

/** Adds one tool to a server. */
export type RegisterTool = (server: McpServer, context: ToolContext) => void;
