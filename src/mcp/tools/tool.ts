import type { McpServer } from "@modelcontextprotocol/server";
import type { MemoryStore } from "../../memory/memory-store.ts";
import type { Log } from "../session/log.ts";

/** What a server is made of. */
export interface ServerContext {
  readonly memory: MemoryStore;
  readonly log: Log;
}

/** What a tool works with. */
export interface ToolContext extends ServerContext {
  /** The folder that paths in calls start at and stay inside, absolute. */
  readonly root: string;
}

/** Adds one tool to a server. */
export type RegisterTool = (server: McpServer, context: ToolContext) => void;
