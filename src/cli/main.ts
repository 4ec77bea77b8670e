#!/usr/bin/env node
import module from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// A reader that has seen enough, as `head`, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  // Where somebody else listens, as the MCP server does, the end is theirs to arrange.
  if (process.stdout.listenerCount("error") === 1) process.exit();
});

const args = process.argv.slice(2);
if (args.length === 1 && args[0] === "--version") {
  const { VERSION } = await import("../swarm/version.ts");
  process.stdout.write(`${VERSION}\n`);
} else {
  keepCompiled();
  const { run } = await import("./program.ts");
  process.exitCode = await run(args);
}

/**
 * Keeps what V8 compiles for the next command, where Node can (22.1 and newer), in a folder that is the
 * user's alone: whoever could write there could have us run what they like.
 */
function keepCompiled(): void {
  const { enableCompileCache } = module as { enableCompileCache?: (folder?: string) => unknown };
  if (enableCompileCache === undefined || process.env.NODE_COMPILE_CACHE !== undefined) return;
  try {
    const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
    enableCompileCache(join(cache, "stigmergy"));
  } catch {
    // A user without a home has nothing kept.
  }
}
