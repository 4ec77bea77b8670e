// The subpath `stigmergy/mcp`: a named list, nothing else.

export { Log, LOG_LEVELS, type LogLevel } from "./session/log.ts";
export { createServer } from "./server.ts";
export { serveOnStdio, type ServeOptions } from "./stdio.ts";
export type { ServerContext } from "./tools/tool.ts";
